//! The live page's WebSocket, and those who listen.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::support::{TestSite, demo};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// More than any frame takes, even where the machine is busy.
const PATIENCE: Duration = Duration::from_mins(1);

async fn connect(site: &TestSite, path: &str) -> Socket {
    connect_async(format!("ws://{}{path}", site.address)).await.unwrap().0
}

async fn answer(socket: &mut Socket) -> Value {
    let message = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
    serde_json::from_str(message.to_text().unwrap()).unwrap()
}

async fn show(socket: &mut Socket, frame: Vec<u8>) {
    socket.send(Message::Binary(frame.into())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_answered_with_faces_and_smileys() {
    let site = TestSite::start().await;
    let mut socket = connect(&site, "/api/live").await;
    for sequence in 0..2 {
        show(&mut socket, demo(1)).await;
        let seen = answer(&mut socket).await;
        assert_eq!((&seen["sequence"], &seen["dropped"]), (&sequence.into(), &0.into()));
        let faces = seen["faces"].as_array().unwrap();
        assert!(!faces.is_empty(), "{seen}");
        let face = &faces[0];
        let distribution = face["distribution"].as_object().unwrap();
        assert_eq!(distribution.len(), 17);
        assert!(face["id"].is_number() && distribution.contains_key(face["smiley"].as_str().unwrap()), "{face}");
    }
    assert_eq!(site.files().len(), 0, "nothing is stored");
    assert_eq!(site.counter("smielfy_live_frames_total").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_frame_wins() {
    let site = TestSite::start().await;
    let mut socket = connect(&site, "/api/live").await;
    for _ in 0..20 {
        show(&mut socket, demo(1)).await;
    }
    let mut answers = Vec::new();
    while answers.last().is_none_or(|last: &Value| last["sequence"] != 19) {
        answers.push(answer(&mut socket).await);
    }
    assert!(answers.len() < 20, "some were dropped");
    let last = answers.last().unwrap();
    assert_eq!(last["dropped"].as_u64().unwrap() + answers.len() as u64, 20);
    assert_eq!(site.counter("smielfy_live_dropped_total").await, 20 - answers.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_frame_does_not_end_the_session() {
    let site = TestSite::start().await;
    let mut socket = connect(&site, "/api/live").await;
    show(&mut socket, b"no picture".to_vec()).await;
    assert_eq!(answer(&mut socket).await["error"], "no_picture");
    show(&mut socket, demo(2)).await;
    assert!(answer(&mut socket).await["faces"].is_array());
    // Cut off in the middle, or behind it.
    let _ = socket.send(Message::Binary(vec![0; 2 * 1024 * 1024].into())).await;
    let end = timeout(PATIENCE, socket.next()).await.unwrap();
    assert!(!matches!(end, Some(Ok(Message::Text(_)))), "a frame beyond the limit ends it: {end:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn listeners_hear_the_same() {
    let site = TestSite::start().await;
    let mut socket = connect(&site, "/api/live").await;
    show(&mut socket, demo(1)).await;
    let first = answer(&mut socket).await;
    let session = first["session"].as_str().unwrap();
    let mut listener = connect(&site, &format!("/api/events/{session}")).await;
    show(&mut socket, demo(1)).await;
    assert_eq!(answer(&mut listener).await, answer(&mut socket).await);
    socket.close(None).await.unwrap();
    let end = timeout(PATIENCE, listener.next()).await.unwrap();
    assert!(!matches!(end, Some(Ok(Message::Text(_)))), "{end:?}");
    assert!(connect_async(format!("ws://{}/api/events/{session}", site.address)).await.is_err(), "it is over");
}
