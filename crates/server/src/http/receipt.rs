//! What a contributor does with a receipt: see, download and erase what was sent.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use super::{everybody::jpeg, identity::Contributor, refusal::Refusal};
use crate::{
    archive::archive,
    catalog::{PhotoRow, Receipt, State as PhotoState},
    clock::rfc3339,
    metrics::Counter,
    site::Site,
    store::Size,
};

/// See the module.
pub fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/receipt", get(show).delete(erase))
        .route("/api/receipt/archive", get(download))
        .route("/api/photos/{id}", get(photo).delete(erase_photo))
}

/// All that is known of a contributor.
#[derive(Serialize)]
struct Everything {
    created: String,
    consent: Agreed,
    photos: Vec<PhotoEntry>,
}

#[derive(Serialize)]
struct Agreed {
    version: String,
    train: bool,
    publish: bool,
    example: bool,
}

#[derive(Serialize)]
struct PhotoEntry {
    id: String,
    smiley: String,
    state: PhotoState,
    created: String,
    width: u32,
    height: u32,
}

impl Everything {
    fn new(receipt: &Receipt, photos: Vec<PhotoRow>) -> Self {
        let Receipt { publish, example, .. } = *receipt;
        let consent = Agreed { version: receipt.consent_version.clone(), train: true, publish, example };
        Self { created: rfc3339(receipt.created), consent, photos: photos.into_iter().map(PhotoEntry::from).collect() }
    }
}

impl From<PhotoRow> for PhotoEntry {
    fn from(row: PhotoRow) -> Self {
        let PhotoRow { id, smiley, state, created, width, height } = row;
        Self { id, smiley, state, created: rfc3339(created), width, height }
    }
}

async fn show(State(site): State<Arc<Site>>, Contributor(receipt): Contributor) -> Result<Json<Everything>, Refusal> {
    let photos = site.catalog().photos_of(&receipt.hash).await?;
    Ok(Json(Everything::new(&receipt, photos)))
}

async fn photo(
    State(site): State<Arc<Site>>,
    Contributor(receipt): Contributor,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    if !site.catalog().owns(&receipt.hash, &id).await? {
        return Err(Refusal::missing("photo"));
    }
    picture(&site, &id, wanted(&query)).await
}

/// Which file of a photo is asked for.
pub fn wanted(query: &HashMap<String, String>) -> Size {
    if query.contains_key("thumbnail") { Size::Thumbnail } else { Size::Full }
}

/// A file of a photo that the visitor may see.
///
/// # Errors
/// A refusal if it is gone.
pub async fn picture(site: &Site, id: &str, size: Size) -> Result<Response, Refusal> {
    site.keeper.store.get(id, size).await?.map(jpeg).ok_or_else(|| Refusal::missing("photo"))
}

async fn download(State(site): State<Arc<Site>>, Contributor(receipt): Contributor) -> Result<Response, Refusal> {
    let photos = site.catalog().photos_of(&receipt.hash).await?;
    let names = photos.iter().map(|photo| (photo.id.clone(), format!("{}-{}.jpg", photo.smiley, &photo.id[..8]))).collect();
    let everything = serde_json::to_vec_pretty(&Everything::new(&receipt, photos)).expect("plain data has a JSON form");
    let body = archive(site.keeper.store.clone(), everything, names);
    let headers = [(CONTENT_TYPE, "application/zip"), (CONTENT_DISPOSITION, "attachment; filename=\"smielfy-receipt.zip\"")];
    Ok((headers, body).into_response())
}

async fn erase(State(site): State<Arc<Site>>, Contributor(receipt): Contributor) -> Result<StatusCode, Refusal> {
    let erased = site.keeper.erase_receipt(&receipt.hash).await?;
    site.metrics.add(Counter::Erased, "", erased as u64);
    Ok(StatusCode::NO_CONTENT)
}

async fn erase_photo(
    State(site): State<Arc<Site>>,
    Contributor(receipt): Contributor,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    if !(site.catalog().owns(&receipt.hash, &id).await? && site.keeper.erase(&id).await?) {
        return Err(Refusal::missing("photo"));
    }
    site.metrics.count(Counter::Erased, "");
    Ok(StatusCode::NO_CONTENT)
}
