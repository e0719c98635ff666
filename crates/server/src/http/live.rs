//! The live page: frames come in over a WebSocket, faces with their smileys go out, and to whoever listens to the session.
//!
//! The latest frame wins: while one is looked at, each that comes takes the place of the one before it. So the answers are as fresh as
//! the machine can make them, and a page that sends too much costs no memory.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{
        Path, State,
        ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    response::Response,
    routing::any,
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use serde::Serialize;
use smielfy::{faces::Tracker, process::FaceRecord};
use tokio::{
    select,
    sync::{broadcast, watch},
    time::timeout,
};

use super::refusal::Refusal;
use crate::{
    looker::{Look, LookError},
    metrics::Counter,
    secrets::random_name,
    site::Site,
};

/// Most bytes of a frame: 1280 x 720 in the best quality.
const MAX_FRAME_BYTES: usize = 1024 * 1024;
/// Most pixels of a frame.
const MAX_FRAME_PIXELS: u64 = 1920 * 1080;
/// A session that says nothing for so long is over.
const IDLE: Duration = Duration::from_mins(1);
/// Messages that a listener may be behind before it misses some.
const BACKLOG: usize = 16;

/// See the module.
pub fn router() -> Router<Arc<Site>> {
    Router::new().route("/api/live", any(live)).route("/api/events/{session}", any(events))
}

/// The answer to a frame.
#[derive(Serialize)]
struct Answer<'a> {
    session: &'a str,
    sequence: u64,
    width: u32,
    height: u32,
    faces: Vec<FaceRecord>,
    took_ms: u64,
    dropped: u64,
}

/// The answer to what is no frame.
#[derive(Serialize)]
struct Failure<'a> {
    session: &'a str,
    sequence: u64,
    error: &'static str,
    message: String,
}

/// A frame and its number among those that were sent.
type Numbered = Option<(u64, Bytes)>;

async fn live(
    State(site): State<Arc<Site>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(|error| Refusal::malformed(error.body_text()))?;
    let permit = Arc::clone(&site.session_permits).try_acquire_owned().map_err(|_| Refusal::busy())?;
    Ok(upgrade.max_message_size(MAX_FRAME_BYTES).max_frame_size(MAX_FRAME_BYTES).on_upgrade(async move |socket| {
        hold(&site, socket).await;
        drop(permit);
    }))
}

/// One session, from its first frame to its last.
async fn hold(site: &Site, socket: WebSocket) {
    let session = random_name();
    let (listeners, _) = broadcast::channel(BACKLOG);
    site.sessions.lock().await.insert(session.clone(), listeners.clone());
    let (sender, receiver) = socket.split();
    let (latest, frames) = watch::channel(None);
    select! {
        () = receive(receiver, latest) => {}
        () = respond(site, &session, frames, sender, &listeners) => {}
    }
    site.sessions.lock().await.remove(&session);
}

/// Puts each frame that comes in the place of the one before it.
async fn receive(mut receiver: SplitStream<WebSocket>, latest: watch::Sender<Numbered>) {
    let mut sequence = 0;
    while let Ok(Some(Ok(message))) = timeout(IDLE, receiver.next()).await {
        match message {
            Message::Binary(frame) => {
                latest.send_replace(Some((sequence, frame)));
                sequence += 1;
            }
            Message::Close(_) => return,
            Message::Text(_) | Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

/// Looks at the latest frame as long as there are any.
async fn respond(
    site: &Site,
    session: &str,
    mut frames: watch::Receiver<Numbered>,
    mut sender: SplitSink<WebSocket, Message>,
    listeners: &broadcast::Sender<Utf8Bytes>,
) {
    let mut tracker = Tracker::default();
    let (mut looked_at, mut dropped) = (0, 0);
    while frames.changed().await.is_ok() {
        let Some((sequence, frame)) = frames.borrow_and_update().clone() else { continue };
        let start = Instant::now();
        let look;
        (look, tracker) = site.looker.follow(frame, MAX_FRAME_PIXELS, tracker).await;
        looked_at += 1;
        let missed = sequence + 1 - looked_at - dropped;
        dropped += missed;
        site.metrics.add(Counter::LiveFrames, "", 1);
        site.metrics.add(Counter::LiveDropped, "", missed);
        let took_ms = start.elapsed().as_millis() as u64;
        let message: Utf8Bytes = in_json(look, session, sequence, took_ms, dropped).into();
        let _ = listeners.send(message.clone()); // fails where nobody listens
        if sender.send(Message::Text(message)).await.is_err() {
            return;
        }
    }
}

fn in_json(look: Result<Look, LookError>, session: &str, sequence: u64, took_ms: u64, dropped: u64) -> String {
    let json = match look {
        Ok(Look { width, height, faces }) => {
            serde_json::to_string(&Answer { session, sequence, width, height, faces, took_ms, dropped })
        }
        Err(error @ LookError::Decode(_)) => {
            let message = format!("This is no frame: {error}.");
            serde_json::to_string(&Failure { session, sequence, error: "no_picture", message })
        }
        Err(error) => {
            tracing::error!(cause = %error, "a live frame failed: {error}");
            let message = "Something failed here; it is not your fault.".to_owned();
            serde_json::to_string(&Failure { session, sequence, error: "failed", message })
        }
    };
    json.expect("plain data has a JSON form")
}

async fn events(
    State(site): State<Arc<Site>>,
    Path(session): Path<String>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(|error| Refusal::malformed(error.body_text()))?;
    let Some(messages) = site.sessions.lock().await.get(&session).map(broadcast::Sender::subscribe) else {
        return Err(Refusal::missing("session"));
    };
    Ok(upgrade.on_upgrade(async move |socket| relay(socket, messages).await))
}

/// Passes the messages of a session on until it is over or the listener has gone. A listener that is too slow misses some.
async fn relay(socket: WebSocket, mut messages: broadcast::Receiver<Utf8Bytes>) {
    let (mut sender, mut receiver) = socket.split();
    loop {
        select! {
            message = messages.recv() => match message {
                Ok(message) => if sender.send(Message::Text(message)).await.is_err() { return },
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            },
            received = receiver.next() => if matches!(received, None | Some(Err(_) | Ok(Message::Close(_)))) {
                return;
            },
        }
    }
}
