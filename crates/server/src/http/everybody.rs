//! What everybody may ask: what is collected, what is proposed, whether the site is well.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use smielfy::smileys::Smiley;

use super::{MAX_PHOTO_BYTES, pages, refusal::Refusal};
use crate::{
    pictures::LONGEST_SIDE,
    secrets::Secret,
    site::Site,
    store::Size,
    words::{Consent, Translated, pose},
};

/// Photos in a burst: few enough to look at each, enough to catch the face at its best.
const BURST: u32 = 5;

/// See the module.
pub fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/config", get(config))
        .route("/api/proposal", get(proposal))
        .route("/api/examples/{smiley}", get(example))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
}

#[derive(Serialize)]
struct Config {
    version: &'static str,
    consent: Consent,
    smileys: Vec<SmileyEntry>,
    limits: ConfigLimits,
}

#[derive(Serialize)]
struct SmileyEntry {
    id: String,
    emoticon: String,
    pose: Translated<String>,
}

#[derive(Serialize)]
struct ConfigLimits {
    photo_bytes: usize,
    longest_side: u32,
    burst: u32,
}

async fn config(State(site): State<Arc<Site>>) -> Json<Config> {
    let entry = |smiley: &Smiley| SmileyEntry { id: smiley.id.clone(), emoticon: smiley.emoticon.clone(), pose: pose(smiley) };
    Json(Config {
        version: env!("CARGO_PKG_VERSION"),
        consent: site.consent.clone(),
        smileys: site.smileys.iter().map(entry).collect(),
        limits: ConfigLimits { photo_bytes: MAX_PHOTO_BYTES, longest_side: LONGEST_SIDE, burst: BURST },
    })
}

#[derive(Deserialize)]
struct ProposalQuery {
    #[serde(default)]
    skip: String,
}

#[derive(Serialize)]
struct Proposal {
    smiley: String,
    example: Option<String>,
}

/// The smiley with the fewest photos; of several, any.
async fn proposal(
    State(site): State<Arc<Site>>,
    query: Result<Query<ProposalQuery>, QueryRejection>,
) -> Result<Json<Proposal>, Refusal> {
    let Query(ProposalQuery { skip }) = query?;
    let counts: HashMap<String, i64> = site.catalog().kept_by_smiley().await?.into_iter().collect();
    let rarity = |smiley: &&Smiley| (counts.get(&smiley.id).copied().unwrap_or_default(), Secret::random().to_string());
    let skipped = |smiley: &&Smiley| skip.split(',').any(|id| id == smiley.id);
    let rarest = site.smileys.iter().filter(|smiley| !skipped(smiley)).min_by_key(rarity);
    let smiley = rarest.or_else(|| site.smileys.iter().min_by_key(rarity)).expect("there is at least one smiley").id.clone();
    let has_example = pages::has_example(&smiley) || site.catalog().example(&smiley).await?.is_some();
    Ok(Json(Proposal { example: has_example.then(|| format!("/api/examples/{smiley}")), smiley }))
}

/// How somebody did it: a contributed photo, or the rendered example where there is none.
async fn example(State(site): State<Arc<Site>>, headers: HeaderMap, Path(smiley): Path<String>) -> Result<Response, Refusal> {
    if site.smileys.index_of(&smiley).is_none() {
        return Err(Refusal::missing("smiley"));
    }
    let photo = match site.catalog().example(&smiley).await? {
        Some(id) => site.keeper.store.get(&id, Size::Full).await?,
        None => None,
    };
    Ok(photo.map_or_else(|| pages::example(&headers, &smiley), jpeg))
}

/// An answer with a JPEG that no cache is to keep.
pub fn jpeg(bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "image/jpeg")], bytes).into_response()
}

/// Well, if the database answers.
async fn health(State(site): State<Arc<Site>>) -> Result<&'static str, Refusal> {
    site.catalog().ping().await?;
    Ok("ok\n")
}

async fn metrics(State(site): State<Arc<Site>>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], site.metrics.to_text()).into_response()
}
