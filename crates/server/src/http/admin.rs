//! What the admin sees and does.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::JsonRejection, rejection::QueryRejection},
    http::StatusCode,
    response::Response,
    routing::get,
};
use serde::{Deserialize, Serialize};

use super::{
    identity::Admin,
    receipt::{picture, wanted},
    refusal::Refusal,
};
use crate::{
    catalog::{Erasure, Filter, Listed, Release, State as PhotoState, Totals, UnknownState},
    release::{ReleaseParams, release},
    site::Site,
};

/// See the module.
pub fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/admin/overview", get(overview))
        .route("/api/admin/photos", get(search))
        .route("/api/admin/photos/{id}", get(photo).post(act))
        .route("/api/admin/releases", get(releases).post(make_release))
        .route("/api/admin/erasures", get(erasures))
}

#[derive(Serialize)]
struct Overview {
    smileys: Vec<SmileyCounts>,
    #[serde(flatten)]
    totals: Totals,
}

#[derive(Serialize)]
struct SmileyCounts {
    smiley: String,
    waiting: i64,
    accepted: i64,
    rejected: i64,
}

async fn overview(State(site): State<Arc<Site>>, _: Admin) -> Result<Json<Overview>, Refusal> {
    let counts = site.catalog().counts().await?;
    let count = |smiley: &str, state: PhotoState| {
        counts.iter().find(|(id, name, _)| id == smiley && name == state.name()).map_or(0, |(_, _, count)| *count)
    };
    let row = |smiley: String| SmileyCounts {
        waiting: count(&smiley, PhotoState::Waiting),
        accepted: count(&smiley, PhotoState::Accepted),
        rejected: count(&smiley, PhotoState::Rejected),
        smiley,
    };
    let smileys = site.smileys.ids().into_iter().map(row).collect();
    Ok(Json(Overview { smileys, totals: site.catalog().totals().await? }))
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    state: String,
    #[serde(default)]
    smiley: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    page: u32,
}

#[derive(Serialize)]
struct Found {
    photos: Vec<Listed>,
    pages: i64,
}

async fn search(
    State(site): State<Arc<Site>>,
    _: Admin,
    query: Result<Query<Search>, QueryRejection>,
) -> Result<Json<Found>, Refusal> {
    let Query(Search { state, smiley, text, page }) = query?;
    let state =
        if state.is_empty() { None } else { Some(state.parse().map_err(|error: UnknownState| Refusal::malformed(error))?) };
    let filter = Filter { state, smiley: (!smiley.is_empty()).then_some(smiley), text, page: page.into() };
    let (photos, pages) = site.catalog().search(&filter).await?;
    Ok(Json(Found { photos, pages }))
}

async fn photo(
    State(site): State<Arc<Site>>,
    _: Admin,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    if !site.catalog().has_photo(&id).await? {
        return Err(Refusal::missing("photo"));
    }
    picture(&site, &id, wanted(&query)).await
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Accept,
    Reject,
    Relabel,
    Known,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    action: Action,
    smiley: Option<String>,
}

async fn act(
    State(site): State<Arc<Site>>,
    _: Admin,
    Path(id): Path<String>,
    body: Result<Json<Act>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Json(Act { action, smiley }) = body?;
    if smiley.as_ref().is_some_and(|smiley| site.smileys.index_of(smiley).is_none()) {
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_smiley", "There is no such smiley."));
    }
    if matches!(action, Action::Relabel) && smiley.is_none() {
        return Err(Refusal::malformed("`relabel` needs a `smiley`"));
    }
    let state = if matches!(action, Action::Reject) { PhotoState::Rejected } else { PhotoState::Accepted };
    let known = matches!(action, Action::Known);
    if site.catalog().decide(&id, smiley.as_deref(), state, known).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Refusal::missing("photo"))
}

#[derive(Serialize)]
struct Releases {
    releases: Vec<Release>,
}

async fn releases(State(site): State<Arc<Site>>, _: Admin) -> Result<Json<Releases>, Refusal> {
    Ok(Json(Releases { releases: site.catalog().releases().await? }))
}

async fn make_release(
    State(site): State<Arc<Site>>,
    _: Admin,
    body: Result<Json<ReleaseParams>, JsonRejection>,
) -> Result<(StatusCode, Json<Release>), Refusal> {
    let Json(params) = body?;
    let made = release(&site.keeper, &site.looker, params, &site.releases).await;
    let made = made.map_err(|error| {
        tracing::error!(cause = %error, "a release failed: {error}");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", format!("There is no release: {error}."))
    })?;
    Ok((StatusCode::CREATED, Json(made.release)))
}

#[derive(Serialize)]
struct Erasures {
    erasures: Vec<Erasure>,
}

async fn erasures(State(site): State<Arc<Site>>, _: Admin) -> Result<Json<Erasures>, Refusal> {
    Ok(Json(Erasures { erasures: site.catalog().erasures().await? }))
}
