//! The recognizer in an asynchronous house: nets run on threads of their own, only so many at a time.

use std::{sync::Arc, thread::available_parallelism};

use smielfy::{
    faces::Tracker,
    process::FaceRecord,
    recognize::{ModelError, Models, RecognizedFace, Recognizer, RecognizerParams},
    smileys::Smileys,
};
use smielfy_nets::NetError;
use smielfy_vision::{DecodeError, RgbImage, decode, decode_at_most};
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};

use crate::{
    catalog::{Opinion, Seen},
    error::SiteError,
    keeper::Keeper,
    store::Size,
};

/// Looks at pictures.
#[derive(Clone)]
pub struct Looker {
    recognizer: Arc<Recognizer>,
    weights: String,
    permits: Arc<Semaphore>,
}

/// What was seen in a frame of a live picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Width of the frame in pixels.
    pub width: u32,
    /// Height of the frame in pixels.
    pub height: u32,
    /// The faces, the surest first.
    pub faces: Vec<FaceRecord>,
}

/// Why nothing can be said of a picture.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// It is none.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A net did not run.
    #[error(transparent)]
    Net(#[from] NetError),
    /// Work on another thread came to no end.
    #[error("the recognizer was cut off: {0}")]
    CutOff(#[from] JoinError),
}

impl Looker {
    /// A looker of these models and smileys.
    ///
    /// # Errors
    /// [`ModelError`] if they do not go together.
    pub fn new(models: &Models, smileys: &Smileys) -> Result<Self, ModelError> {
        let recognizer = Recognizer::new(models, smileys, RecognizerParams::default())?;
        let cores = available_parallelism().map_or(1, usize::from);
        let weights = models.smile_net_name().to_owned();
        Ok(Self { recognizer: Arc::new(recognizer), weights, permits: Arc::new(Semaphore::new(cores)) })
    }

    /// The faces in a frame of at most `max_pixels`; `tracker` knows those of the frames before, and is given back.
    pub async fn follow(
        &self,
        jpeg: impl AsRef<[u8]> + Send + 'static,
        max_pixels: u64,
        tracker: Tracker,
    ) -> (Result<Look, LookError>, Tracker) {
        let recognizer = Arc::clone(&self.recognizer);
        let mut tracker = tracker;
        let work = move || {
            let look = decode_at_most(jpeg.as_ref(), max_pixels).map_err(LookError::from);
            let look = look.and_then(|image| follow(&recognizer, &image, &mut tracker));
            (look, tracker)
        };
        self.run(work).await.unwrap_or_else(|error| (Err(error.into()), Tracker::default()))
    }

    /// Lets the model look at a photo that it has not seen yet, at the surest face in it; false if there is no such photo.
    ///
    /// # Errors
    /// [`SiteError`] if catalog, store or nets fail.
    pub async fn form_opinion(&self, keeper: &Keeper) -> Result<bool, SiteError> {
        let Some(id) = keeper.catalog.photo_without_opinion().await? else { return Ok(false) };
        let seen = match keeper.store.get(&id, Size::Full).await? {
            Some(jpeg) => self.surest_face(jpeg).await?,
            None => None,
        };
        keeper.catalog.add_opinion(&id, &Opinion { weights: self.weights.clone(), seen }).await?;
        Ok(true)
    }

    async fn surest_face(&self, jpeg: Vec<u8>) -> Result<Option<Seen>, LookError> {
        let recognizer = Arc::clone(&self.recognizer);
        let work = move || {
            let image = decode(&jpeg)?;
            let face = recognizer.detector().detect(&image)?.into_iter().next();
            let face = face.map(|face| recognizer.recognize(&image, face)).transpose()?;
            Ok(face.map(|face| seen(&face, recognizer.labels())))
        };
        self.run(work).await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.expect("the semaphore is never closed");
        spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
    }
}

fn follow(recognizer: &Recognizer, image: &RgbImage, tracker: &mut Tracker) -> Result<Look, LookError> {
    let faces = recognizer.look(image, Some(tracker))?;
    let faces = faces.iter().map(|face| FaceRecord::of_recognition(face, recognizer.labels())).collect();
    Ok(Look { width: image.width(), height: image.height(), faces })
}

fn seen(face: &RecognizedFace, labels: &[String]) -> Seen {
    let square = [face.bounds.x, face.bounds.y, face.bounds.side];
    Seen { smiley: labels[face.vote.winner()].clone(), share: face.vote.share(), square }
}
