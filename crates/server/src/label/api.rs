//! The page `label` and its API over HTTP. Everything lies below the token; what the page loads is the same for everybody.

use std::{fs, io, sync::Arc};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Query, RawPathParams, Request, State, rejection::JsonRejection},
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use smielfy::{
    label::{Action, Answered, FRAMES_FOLDER, LabelError, Session, Stretch},
    smileys::Smiley,
};
use subtle::ConstantTimeEq;
use tokio::task::{JoinError, spawn_blocking};

use super::desk::{Desk, Progress};
use crate::{
    http::{
        guard, headers, pages,
        refusal::{self, Refusal},
    },
    words::{Translated, pose},
};

/// The page's file.
const PAGE: &str = "label.html";

/// Most bytes of an action.
const MAX_ACTION_BYTES: usize = 4096;

/// The page, its API and what it loads.
pub fn router(desk: Arc<Desk>) -> Router {
    let private = Router::new()
        .route("/label/{token}", get(page))
        .route("/label/{token}/api/session", get(session))
        .route("/label/{token}/api/actions", post(act))
        .route("/label/{token}/frames/{file}", get(picture))
        .layer(from_fn_with_state(Arc::clone(&desk), only_with_token));
    private
        .merge(pages::assets())
        .fallback(refusal::not_found)
        .method_not_allowed_fallback(refusal::wrong_method)
        .layer(DefaultBodyLimit::max(MAX_ACTION_BYTES))
        .layer(from_fn(guard::same_origin))
        .layer(from_fn(with_headers))
        .with_state(desk)
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    headers::add(response.headers_mut());
    response
}

/// Lets nobody pass who does not know the token, in a time that does not tell how much of it is right.
async fn only_with_token(State(desk): State<Arc<Desk>>, params: RawPathParams, request: Request, next: Next) -> Response {
    let token = params.iter().find(|(name, _)| *name == "token").map(|(_, value)| value.as_bytes().ct_eq(desk.token.as_bytes()));
    match token {
        Some(is_right) if is_right.into() => next.run(request).await,
        _ => Refusal::missing("page").into_response(),
    }
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
struct SmileyView {
    id: String,
    emoticon: String,
    pose: Translated<String>,
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
        smileys: session.smileys().iter().map(SmileyView::of).collect(),
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
        Ok(bytes) => {
            Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "private, max-age=31536000, immutable")], bytes).into_response())
        }
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

impl SmileyView {
    fn of(smiley: &Smiley) -> Self {
        Self { id: smiley.id.clone(), emoticon: smiley.emoticon.clone(), pose: pose(smiley) }
    }
}

impl StretchView {
    fn of(session: &Session, stretch: &Stretch) -> Self {
        Self { answered: session.answered(stretch), stretch: stretch.clone() }
    }
}

impl From<LabelError> for Refusal {
    /// What makes no sense is told to the person, as it is about what they did; so is what fails, as it is their machine.
    fn from(error: LabelError) -> Self {
        let (status, code) = match &error {
            LabelError::Unknown { .. } => (StatusCode::NOT_FOUND, "not_found"),
            LabelError::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<JoinError> for Refusal {
    fn from(error: JoinError) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", error.to_string())
    }
}
