//! Consent: a receipt for whoever agrees.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State, rejection::JsonRejection},
    http::StatusCode,
    routing::post,
};
use serde::{Deserialize, Serialize};

use super::{MAX_PHOTO_BYTES, identity::Address, refusal::Refusal, upload};
use crate::{catalog::Ticks, secrets::Secret, site::Site};

/// See the module.
pub fn router() -> Router<Arc<Site>> {
    let upload = post(upload::upload).layer(DefaultBodyLimit::max(MAX_PHOTO_BYTES));
    Router::new().route("/api/receipts", post(agree)).route("/api/photos", upload)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are the ticks of the page")]
struct Agreement {
    consent_version: String,
    adult: bool,
    train: bool,
    publish: bool,
    example: bool,
}

#[derive(Serialize)]
struct NewReceipt {
    receipt: String,
}

async fn agree(
    State(site): State<Arc<Site>>,
    address: Address,
    body: Result<Json<Agreement>, JsonRejection>,
) -> Result<(StatusCode, Json<NewReceipt>), Refusal> {
    let Json(agreement) = body?;
    check(&agreement, &site.consent.version)?;
    address.limit(&site, "receipts", site.limits.tokens).await?;
    let secret = Secret::random();
    let ticks = Ticks { publish: agreement.publish, example: agreement.example };
    site.catalog().add_receipt(&secret.hash(), &agreement.consent_version, ticks).await?;
    Ok((StatusCode::CREATED, Json(NewReceipt { receipt: secret.to_string() })))
}

fn check(agreement: &Agreement, version: &str) -> Result<(), Refusal> {
    if agreement.consent_version != version {
        let message = "The text has changed since you opened the page. Reload it and read it again.";
        return Err(Refusal::new(StatusCode::CONFLICT, "other_consent", message));
    }
    let needed = |code, message: &str| Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, code, message));
    match agreement {
        Agreement { adult: false, .. } => needed("not_adult", "Only people of 18 and older can contribute."),
        Agreement { train: false, .. } => needed("no_consent", "Photos are collected for training alone: it needs your consent."),
        _ => Ok(()),
    }
}
