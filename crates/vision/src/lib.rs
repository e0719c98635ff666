//! What smielfy sees with: square boxes, decoding picture bytes, crops and resizing, warping, drawing.
//!
//! Bytes and pixels go in, pixels and boxes come out. There are no nets here, no chance and no files: randomness arrives as
//! explicit parameters and pictures as bytes.

mod boxes;
mod decode;
mod degrade;
mod draw;
mod encode;
mod resize;
mod warp;

pub use boxes::{BoundingBox, Detection, suppress};
pub use decode::{Animation, AnimationFrame, DecodeError, Orientation, decode, decode_at_most, frame_count, upright};
pub use degrade::{gaussian_blur, jpeg_artifacts, motion_blur};
pub use draw::{Color, Rectangle, draw_text, fill_rectangle, outline_rectangle, text_size};
pub use encode::{EncodeError, PictureFormat, encode};
pub use image::{RgbImage, imageops::flip_horizontal};
pub use resize::{crop_resize, resize};
pub use warp::{Affine, warp};
