//! The desk: what the page, the analyst and the writer of the dataset share.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

use serde::Serialize;
use smielfy::label::{ExportParams, Session};
use tokio::{sync::Notify, task::JoinError};

use crate::local::{lock, with};

/// What is on the desk.
pub struct Desk {
    session: Arc<Mutex<Session>>,
    progress: Mutex<Progress>,
    /// What the dataset holds.
    pub export: ExportParams,
    /// Somebody answered.
    pub answered: Notify,
}

/// How far the analysis is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// How many clips there are.
    pub clips: usize,
    /// How many of them are done.
    pub done: usize,
    /// Name of the one that is looked at.
    pub clip: String,
    /// How much of all is done, `0..=1`, by the sizes of the files.
    pub share: f64,
    /// How long the rest takes, in seconds, if that can be said.
    pub eta_s: Option<f64>,
    /// Whether all is done.
    pub is_done: bool,
    /// What could not be done, in words.
    pub problems: Vec<String>,
}

/// From how much done on the rest is estimated.
const MIN_SHARE: f64 = 0.002;

impl Desk {
    /// A desk for a session.
    pub fn new(session: Session, export: ExportParams) -> Self {
        let progress =
            Progress { clips: 0, done: 0, clip: String::new(), share: 0.0, eta_s: None, is_done: false, problems: Vec::new() };
        let (session, progress) = (Arc::new(Mutex::new(session)), Mutex::new(progress));
        Self { session, progress, export, answered: Notify::new() }
    }

    /// The session, for blocking code.
    pub fn session(&self) -> MutexGuard<'_, Session> {
        lock(&self.session)
    }

    /// The session, for async code: files are written behind it.
    pub async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Session) -> T + Send + 'static) -> Result<T, JoinError> {
        with(&self.session, work).await
    }

    /// How far the analysis is.
    pub fn progress(&self) -> MutexGuard<'_, Progress> {
        lock(&self.progress)
    }
}

impl Progress {
    /// Notes that this share of all is done, as it was `before` at the time `start`.
    pub fn note(&mut self, share: f64, before: f64, start: Instant) {
        self.share = share;
        let done = share - before;
        self.eta_s = (done > MIN_SHARE).then(|| start.elapsed().as_secs_f64() * (1.0 - share) / done);
    }
}
