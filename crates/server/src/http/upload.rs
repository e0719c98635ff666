//! One photo comes in: its bytes are read within limits of size and time, decoded and encoded anew, and stored.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{
        FromRequest, Query, Request, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_LENGTH, HeaderName},
    },
};
use serde::{Deserialize, Serialize};
use smielfy_vision::DecodeError;
use tokio::{spawn, task::spawn_blocking, time::timeout};

use super::{
    identity::{Address, Contributor, limit},
    refusal::Refusal,
};
use crate::{
    error::SiteError,
    keeper::Kept,
    metrics::Counter,
    pictures::{Photo, PictureError},
    site::Site,
};

/// Most bytes of a photo: what a phone's camera gives; the page sends a tenth of it.
pub const MAX_PHOTO_BYTES: usize = 8 * 1024 * 1024;
/// How long storing may take, well within the keeper's patience.
const STORE_TIME: Duration = Duration::from_secs(25);
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

#[derive(Deserialize)]
pub struct UploadQuery {
    smiley: String,
}

/// What was stored.
#[derive(Debug, Serialize)]
pub struct Stored {
    id: String,
    smiley: String,
    given: u64,
}

/// Stores a photo of a contributor.
pub async fn upload(
    State(site): State<Arc<Site>>,
    address: Address,
    Contributor(receipt): Contributor,
    query: Result<Query<UploadQuery>, QueryRejection>,
    request: Request,
) -> Result<(StatusCode, Json<Stored>), Refusal> {
    let Query(UploadQuery { smiley }) = query?;
    if site.smileys.index_of(&smiley).is_none() {
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_smiley", "There is no such smiley."));
    }
    let key = idempotency_key(request.headers())?;
    address.limit(&site, "uploads", site.limits.uploads).await?;
    limit(&site, "uploads", &receipt.hash, site.limits.uploads).await?;
    if site.catalog().count_photos(&receipt.hash).await? >= site.limits.photos_per_receipt {
        let message = "This receipt has as many photos as one may have. Thank you!";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "receipt_full", message));
    }
    let photo = receive(&site, request).await?;
    let id = store(&site, receipt.hash.clone(), key, smiley.clone(), photo).await?;
    let given = site.catalog().count_photos(&receipt.hash).await?;
    Ok((StatusCode::CREATED, Json(Stored { id, smiley, given })))
}

/// The key by which an upload that is sent twice is stored once.
fn idempotency_key(headers: &HeaderMap) -> Result<String, Refusal> {
    let key = headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_plain && (16..=64).contains(&key.len()) {
        return Ok(key.to_owned());
    }
    Err(Refusal::malformed("`Idempotency-Key` must be a UUID of the photo"))
}

/// Reads and decodes a photo.
async fn receive(site: &Arc<Site>, request: Request) -> Result<Photo, Refusal> {
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > MAX_PHOTO_BYTES) {
        return Err(too_large());
    }
    let permit = site.uploads.try_acquire().map_err(|_| Refusal::busy())?;
    let bytes = timeout(site.limits.upload_time, Bytes::from_request(request, site)).await.map_err(|_| too_slow())?;
    let is_too_large = |rejection: &BytesRejection| rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
    let bytes = bytes.map_err(|rejection| if is_too_large(&rejection) { too_large() } else { cut_off() })?;
    let photo = decode(site, bytes).await;
    drop(permit);
    photo
}

async fn decode(site: &Site, bytes: Bytes) -> Result<Photo, Refusal> {
    let permit = Arc::clone(&site.decoders).acquire_owned().await.map_err(|_| Refusal::busy())?;
    let work = move || {
        let photo = Photo::of_upload(&bytes);
        drop(permit);
        photo
    };
    spawn_blocking(work).await.map_err(SiteError::from)?.map_err(|error| undecodable(&error))
}

/// Stores a photo to the end, even if the visitor has gone meanwhile.
async fn store(site: &Arc<Site>, receipt: String, key: String, smiley: String, photo: Photo) -> Result<String, Refusal> {
    let keeper = site.keeper.clone();
    let work = async move { timeout(STORE_TIME, keeper.keep(&receipt, &key, &smiley, photo)).await };
    let kept = spawn(work).await.map_err(SiteError::from)?.map_err(|_| Refusal::busy())??;
    match kept {
        Kept::Stored(id) => {
            site.metrics.count(Counter::Stored, "");
            Ok(id)
        }
        Kept::InProgress => {
            let message = "This photo is being stored already.";
            Err(Refusal::new(StatusCode::CONFLICT, "in_progress", message).after(Duration::from_secs(5)))
        }
        Kept::Erased => Err(Refusal::missing("receipt")),
    }
}

fn too_large() -> Refusal {
    let message = format!("The photo is too large: at most {} MB are taken.", MAX_PHOTO_BYTES >> 20);
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
}

fn too_slow() -> Refusal {
    let message = "The photo took too long to arrive. Try again over a better connection.";
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message)
}

fn cut_off() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "cut_off", "The photo was cut off on its way. Send it again.")
}

fn undecodable(error: &PictureError) -> Refusal {
    let code = match error {
        PictureError::Decode(DecodeError::TooLarge { .. }) => "too_many_pixels",
        _ => "no_picture",
    };
    let message = format!("This cannot be read as a photo: {error}.");
    Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, message)
}
