//! Windows: square cut-outs of pictures as the input of nets.

use smielfy_nets::{Batch, Normalization};
use smielfy_vision::{RgbImage, planes};

/// Windows of one size as the normalized input of a net.
///
/// # Panics
/// If the windows differ in size.
pub fn to_batch(windows: &[RgbImage], normalization: Normalization) -> Batch {
    let (width, height) = windows.first().map_or((0, 0), RgbImage::dimensions);
    let mut batch = Batch::new(height as usize, width as usize);
    windows.iter().for_each(|window| batch.push(planes(window, normalization.mean, normalization.scale)));
    batch
}
