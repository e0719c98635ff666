//! Visitors judge the photos of others.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{
    identity::{Address, Contributor, Reviewer},
    receipt::picture,
    refusal::Refusal,
};
use crate::{
    catalog::{Answer, Task, Voter},
    judging::{KNOWN_EVERY, MAX_VOTES, agrees, decision},
    secrets::{Secret, below},
    site::Site,
    store::Size,
};

/// See the module.
pub fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/voters", post(join))
        .route("/api/review", get(next))
        .route("/api/review/{task}", post(answer))
        .route("/api/review/{task}/image", get(image))
}

#[derive(Serialize)]
struct NewVoter {
    voter: String,
}

/// What a voter is told of a task.
#[derive(Serialize)]
struct TaskEntry {
    task: String,
    smiley: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judgment {
    answer: Answer,
}

/// A new voter, who is not given photos of the receipt that comes along, if one does.
async fn join(
    State(site): State<Arc<Site>>,
    address: Address,
    headers: HeaderMap,
    contributor: Result<Contributor, Refusal>,
) -> Result<(StatusCode, Json<NewVoter>), Refusal> {
    let receipt = match contributor {
        Ok(Contributor(receipt)) => Some(receipt.hash),
        Err(refusal) if headers.contains_key(AUTHORIZATION) => return Err(refusal),
        Err(_) => None,
    };
    address.limit(&site, "voters", site.limits.tokens).await?;
    let secret = Secret::random();
    site.catalog().add_voter(&secret.hash(), receipt.as_deref()).await?;
    Ok((StatusCode::CREATED, Json(NewVoter { voter: secret.to_string() })))
}

async fn next(State(site): State<Arc<Site>>, Reviewer(voter): Reviewer) -> Result<Response, Refusal> {
    let task = match site.catalog().open_task(&voter.hash).await? {
        Some(task) => Some(task),
        None => new_task(&site, &voter).await?,
    };
    Ok(match task {
        Some(Task { id, smiley, .. }) => Json(TaskEntry { task: id, smiley }).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// A photo that waits, or now and then one whose answer is known: half of the time it is asked about with another smiley.
async fn new_task(site: &Site, voter: &Voter) -> Result<Option<Task>, Refusal> {
    let catalog = site.catalog();
    if below(KNOWN_EVERY) == 0
        && let Some((photo, smiley)) = catalog.photo_to_judge(&voter.hash, true, MAX_VOTES).await?
    {
        let other = &site.smileys.get(below(site.smileys.len() as u64) as usize).id;
        let asked = if below(2) == 0 { &smiley } else { other };
        return Ok(catalog.add_task(&voter.hash, &photo, asked).await?);
    }
    match catalog.photo_to_judge(&voter.hash, false, MAX_VOTES).await? {
        Some((photo, smiley)) => Ok(catalog.add_task(&voter.hash, &photo, &smiley).await?),
        None => Ok(None),
    }
}

async fn image(State(site): State<Arc<Site>>, Reviewer(voter): Reviewer, Path(task): Path<String>) -> Result<Response, Refusal> {
    let task = found(site.catalog().task(&voter.hash, &task).await?)?;
    picture(&site, &task.photo, Size::Full).await
}

async fn answer(
    State(site): State<Arc<Site>>,
    Reviewer(voter): Reviewer,
    Path(task): Path<String>,
    body: Result<Json<Judgment>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Json(Judgment { answer }) = body?;
    let catalog = site.catalog();
    let task = found(catalog.task(&voter.hash, &task).await?)?;
    if !catalog.answer(&task.id, answer).await? {
        return Err(Refusal::new(StatusCode::CONFLICT, "answered", "You have answered this already."));
    }
    if let Some(known) = catalog.known_smiley(&task.photo).await? {
        catalog.weigh(&voter.hash, agrees(answer, &task.smiley, &known)).await?;
    } else if let Some(state) = decision(&catalog.votes_on(&task.photo).await?) {
        catalog.decide_by_votes(&task.photo, state).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn found(task: Option<Task>) -> Result<Task, Refusal> {
    task.ok_or_else(|| Refusal::missing("task"))
}
