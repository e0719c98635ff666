//! The page `label` and its API over HTTP.

use std::{fs, io, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::JsonRejection},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use smielfy::label::{Action, Answered, FRAMES_FOLDER, LabelError, Session, Stretch};
use tokio::task::spawn_blocking;

use super::desk::{Desk, Progress};
use crate::{
    http::{pages, refusal::Refusal},
    local::{SmileyView, jpeg},
};

/// The page's file.
const PAGE: &str = "label.html";

/// The page and its API, for whoever knows the token.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/label/{token}", get(page))
        .route("/label/{token}/api/session", get(session))
        .route("/label/{token}/api/actions", post(act))
        .route("/label/{token}/frames/{file}", get(picture))
}

async fn page(headers: HeaderMap) -> Response {
    pages::file(&headers, PAGE)
}

/// From which stretch on is asked for.
#[derive(Deserialize)]
struct FromStretch {
    #[serde(default)]
    from: usize,
}

#[derive(Serialize)]
struct SessionView {
    labeller: String,
    smileys: Vec<SmileyView>,
    clips: Vec<ClipView>,
    people: Vec<PersonView>,
    stretches: Vec<StretchView>,
    progress: Progress,
}

#[derive(Serialize)]
struct ClipView {
    id: String,
    name: String,
}

/// Whose face a track is.
#[derive(Serialize)]
struct PersonView {
    clip: String,
    track: u64,
    name: String,
}

#[derive(Serialize)]
struct StretchView {
    #[serde(flatten)]
    stretch: Stretch,
    answered: Answered,
}

#[derive(Serialize)]
struct Changed {
    stretch: Option<StretchView>,
    people: Vec<PersonView>,
}

async fn session(
    State(desk): State<Arc<Desk>>,
    Query(FromStretch { from }): Query<FromStretch>,
) -> Result<Json<SessionView>, Refusal> {
    let progress = desk.progress().clone();
    let view = move |session: &mut Session| SessionView {
        labeller: session.labeller().to_owned(),
        smileys: SmileyView::all(session.smileys()),
        clips: session.clips().iter().map(|clip| ClipView { id: clip.id.clone(), name: clip.name.clone() }).collect(),
        people: people(session),
        stretches: session.stretches().iter().skip(from).map(|stretch| StretchView::of(session, stretch)).collect(),
        progress,
    };
    Ok(Json(desk.with(view).await?))
}

async fn act(State(desk): State<Arc<Desk>>, action: Result<Json<Action>, JsonRejection>) -> Result<Json<Changed>, Refusal> {
    let Json(action) = action?;
    let done = desk.with(move |session| {
        let id = session.act(action)?;
        let stretch = id.and_then(|id| session.stretch(&id)).map(|stretch| StretchView::of(session, stretch));
        Ok::<_, LabelError>(Changed { stretch, people: people(session) })
    });
    let changed = done.await??;
    desk.answered.notify_one();
    Ok(Json(changed))
}

async fn picture(State(desk): State<Arc<Desk>>, Path((_, file)): Path<(String, String)>) -> Result<Response, Refusal> {
    let is_plain =
        file.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.') && !file.starts_with('.');
    let folder = desk.with(|session| session.folder().join(FRAMES_FOLDER)).await?;
    let read = spawn_blocking(move || if is_plain { fs::read(folder.join(file)) } else { Err(io::ErrorKind::NotFound.into()) });
    match read.await? {
        Ok(bytes) => Ok(jpeg(bytes)),
        Err(_) => Err(Refusal::missing("picture")),
    }
}

/// Each face of each clip, in the order in which they were found.
fn people(session: &Session) -> Vec<PersonView> {
    let mut people: Vec<PersonView> = Vec::new();
    for stretch in session.stretches() {
        if !people.iter().any(|person| person.clip == stretch.clip && person.track == stretch.track) {
            let name = session.answered(stretch).person;
            people.push(PersonView { clip: stretch.clip.clone(), track: stretch.track, name });
        }
    }
    people
}

impl StretchView {
    fn of(session: &Session, stretch: &Stretch) -> Self {
        Self { answered: session.answered(stretch), stretch: stretch.clone() }
    }
}
