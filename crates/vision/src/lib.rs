//! What smielfy sees with: square boxes, decoding picture bytes, crops and resizing, warping, drawing.
//!
//! Bytes and pixels go in, pixels and boxes come out. There are no nets here, no chance and no files: randomness arrives as
//! explicit parameters and pictures as bytes.

mod boxes;

pub use boxes::{BoundingBox, Detection, suppress};
pub use image::RgbImage;
