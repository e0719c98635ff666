//! Stretches: runs of frames in which one face holds one pose, with the pictures that stand for them.

use serde::{Deserialize, Serialize};
use smielfy_vision::BoundingBox;

/// A frame of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Number of the frame, from 0.
    pub frame: u64,
    /// When it is seen, in seconds since the start of the clip.
    pub time_s: f64,
}

/// A face square in the pixels of a clip's frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Square {
    /// Left edge in pixels.
    pub x: f32,
    /// Top edge in pixels.
    pub y: f32,
    /// Length of each side in pixels.
    pub side: f32,
}

/// The picture of a face in one frame, a file in the session's folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FramePicture {
    /// Name of the file.
    pub file: String,
    /// The frame that it was cut out of.
    #[serde(flatten)]
    pub moment: Moment,
    /// Left edge of the picture in the frame, in pixels.
    pub left: u32,
    /// Top edge of the picture in the frame, in pixels.
    pub top: u32,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// The face square as it was found, in the frame.
    pub square: Square,
}

/// A run of frames in which a face holds a pose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its name: clip, track and first frame. It is the same whenever the clip is analyzed.
    pub id: String,
    /// Id of its clip.
    pub clip: String,
    /// Number of the face in the clip.
    pub track: u64,
    /// The first frame of it.
    pub first: Moment,
    /// The last frame of it.
    pub last: Moment,
    /// How many frames the label covers.
    pub frames: u64,
    /// What the model takes it for.
    pub proposal: String,
    /// The model's mean share for that, in `0..=1`.
    pub share: f32,
    /// Pictures of it in the order of time, one at least; near-copies of each other.
    pub pictures: Vec<FramePicture>,
    /// Index of the picture that is most like the mean of all.
    pub representative: usize,
}

/// A stretch that was just found, with the bytes of its pictures (JPEG) in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundStretch {
    /// What is known of it.
    pub stretch: Stretch,
    /// The files of its pictures.
    pub jpegs: Vec<Vec<u8>>,
}

impl From<BoundingBox> for Square {
    fn from(bounds: BoundingBox) -> Self {
        Self { x: bounds.x, y: bounds.y, side: bounds.side }
    }
}

impl From<Square> for BoundingBox {
    fn from(square: Square) -> Self {
        Self::new(square.x, square.y, square.side)
    }
}
