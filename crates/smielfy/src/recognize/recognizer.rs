//! Detector and smile net together.

use smielfy_nets::{Forward, NetError};
use smielfy_vision::{BoundingBox, Detection, RgbImage};

use super::{ModelError, Models, Vote, vote};
use crate::{
    annotate::Mark,
    faces::{Detector, DetectorParams, Tracker},
    smileys::Smileys,
};

/// How faces are found and when a vote counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecognizerParams {
    /// How faces are found.
    pub detector: DetectorParams,
    /// Share of the vote below which the answer is "cannot tell"; that of the smile net's card where absent.
    pub floor: Option<f32>,
}

/// A face and what the windows round it say.
#[derive(Debug, Clone, PartialEq)]
pub struct RecognizedFace {
    /// Its number in a video, where faces are followed.
    pub id: Option<u64>,
    /// Where it is, in pixels.
    pub bounds: BoundingBox,
    /// The detector's confidence that it is a face, in `0..=1`.
    pub score: f32,
    /// What it shows, by index of the recognizer's labels.
    pub vote: Vote,
    /// Whether the winner's share is below the floor.
    pub cannot_tell: bool,
}

/// Finds faces and names their smileys.
pub struct Recognizer {
    detector: Detector,
    smile_net: Box<dyn Forward>,
    smileys: Smileys,
    floor: f32,
}

impl Recognizer {
    /// A recognizer of these models and smileys.
    ///
    /// # Errors
    /// [`ModelError`] if the models do not go together or with the smileys.
    pub fn new(models: &Models, smileys: &Smileys, params: RecognizerParams) -> Result<Self, ModelError> {
        let smile_net = models.smile_net(smileys)?;
        Ok(Self {
            detector: models.detector(params.detector)?,
            floor: params.floor.unwrap_or(smile_net.card().floor),
            smile_net,
            smileys: smileys.clone(),
        })
    }

    /// Ids of the smileys that votes are about, in their order.
    pub fn labels(&self) -> &[String] {
        &self.smile_net.card().labels
    }

    /// What finds its faces.
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// What names their smileys.
    pub(crate) fn smile_net(&self) -> &dyn Forward {
        self.smile_net.as_ref()
    }

    /// The faces in a picture with their votes, the surest first; a `tracker` that knows the frames before follows them.
    ///
    /// # Errors
    /// [`NetError::Run`] if a net does not run.
    pub fn look(&self, image: &RgbImage, tracker: Option<&mut Tracker>) -> Result<Vec<RecognizedFace>, NetError> {
        let faces = self.detector.faces(image, tracker)?.into_iter();
        faces.map(|(id, face)| Ok(RecognizedFace { id, ..self.recognize(image, face)? })).collect()
    }

    /// The vote on a face that was found in a picture.
    ///
    /// # Errors
    /// [`NetError::Run`] if the net does not run.
    pub fn recognize(&self, image: &RgbImage, face: Detection) -> Result<RecognizedFace, NetError> {
        let vote = vote(self.smile_net.as_ref(), image, face.bounds)?;
        let cannot_tell = vote.share() < self.floor;
        Ok(RecognizedFace { id: None, bounds: face.bounds, score: face.score, vote, cannot_tell })
    }

    /// What is drawn at a face: the emoticon and the share, or `?` where nobody can tell.
    pub fn mark(&self, face: &RecognizedFace) -> Mark {
        let id = &self.labels()[face.vote.winner()];
        let index = self.smileys.index_of(id).expect("all labels are known, as was checked");
        let title = if face.cannot_tell { "?".to_owned() } else { self.smileys.get(index).emoticon.clone() };
        Mark { bounds: face.bounds, title, share: Some(face.vote.share()) }
    }
}
