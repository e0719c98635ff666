//! What is said of a frame, as JSON for machines.

use serde::{Serialize, Serializer};
use smielfy_vision::Detection;

use crate::recognize::RecognizedFace;

/// A line of JSON: one frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FrameRecord {
    /// The input as it was given.
    pub input: String,
    /// Number of the frame, from 0.
    pub frame: u64,
    /// When it is seen, in seconds since the start.
    pub time_s: f64,
    /// Width of the frame in pixels.
    pub width: u32,
    /// Height of the frame in pixels.
    pub height: u32,
    /// The faces, the surest first.
    pub faces: Vec<FaceRecord>,
}

/// A face in a frame; all but id, place and score is absent where faces alone were looked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaceRecord {
    /// Its number in the video, the same in all frames that it is seen in; absent where faces are not followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Left edge of the face square in pixels.
    pub x: f32,
    /// Top edge of the face square in pixels.
    pub y: f32,
    /// Side of the face square in pixels.
    pub side: f32,
    /// The detector's confidence that it is a face, in `0..=1`.
    pub score: f32,
    /// Id of the smiley with the highest share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smiley: Option<String>,
    /// Its share of the vote, in `0..=1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f32>,
    /// Whether the share is too low to say anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cannot_tell: Option<bool>,
    /// Share of each smiley.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distribution: Option<Distribution>,
}

/// Shares by id, in the order of the net's labels; a JSON object.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution(pub Vec<(String, f32)>);

impl Serialize for Distribution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, share)| (id, share)))
    }
}

impl FaceRecord {
    /// A face that was found and not named.
    pub fn of_detection(id: Option<u64>, face: &Detection) -> Self {
        let bounds = face.bounds;
        let (x, y, side, score) = (bounds.x, bounds.y, bounds.side, face.score);
        Self { id, x, y, side, score, smiley: None, share: None, cannot_tell: None, distribution: None }
    }

    /// A face that was named; `labels` are the classes of its vote.
    pub fn of_recognition(face: &RecognizedFace, labels: &[String]) -> Self {
        let distribution = labels.iter().cloned().zip(face.vote.distribution.iter().copied());
        Self {
            smiley: Some(labels[face.vote.winner()].clone()),
            share: Some(face.vote.share()),
            cannot_tell: Some(face.cannot_tell),
            distribution: Some(Distribution(distribution.collect())),
            ..Self::of_detection(face.id, &Detection { bounds: face.bounds, score: face.score })
        }
    }
}

#[cfg(test)]
mod tests {
    use smielfy_vision::BoundingBox;

    use super::*;
    use crate::recognize::Vote;

    #[test]
    fn json_is_as_documented() {
        let vote = Vote { distribution: vec![0.25, 0.75] };
        let bounds = BoundingBox::new(1.0, 2.0, 30.5);
        let face = RecognizedFace { id: Some(7), bounds, score: 0.5, vote, cannot_tell: false };
        let labels = ["wink", "grin"].map(String::from);
        let faces =
            vec![FaceRecord::of_recognition(&face, &labels), FaceRecord::of_detection(None, &Detection { bounds, score: 0.5 })];
        let record = FrameRecord { input: "a.jpg".into(), frame: 3, time_s: 0.12, width: 64, height: 48, faces };
        assert_eq!(
            serde_json::to_string(&record).unwrap(),
            r#"{"input":"a.jpg","frame":3,"time_s":0.12,"width":64,"height":48,"faces":[{"id":7,"x":1.0,"y":2.0,"side":30.5,"score":0.5,"smiley":"grin","share":0.75,"cannot_tell":false,"distribution":{"wink":0.25,"grin":0.75}},{"x":1.0,"y":2.0,"side":30.5,"score":0.5}]}"#
        );
    }
}
