//! Encoding of pictures.
//!
//! Pixels go in, the bytes of a JPEG, PNG or WebP file come out.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError, RgbImage};
use thiserror::Error;

/// Quality of JPEG pictures, 1..=100 on the usual scale: above 90 the eye finds no blocks on drawn outlines and text.
const JPEG_QUALITY: u8 = 92;

/// A format that pictures can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// Small, loses a little; sides up to 65,535 pixels.
    Jpeg,
    /// Without loss.
    Png,
    /// Without loss, smaller than PNG; sides up to 16,384 pixels.
    WebP,
}

impl PictureFormat {
    /// The format that a file name extension stands for, in either case: `jpg`, `jpeg`, `png` or `webp`.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            "webp" => Some(Self::WebP),
            _ => None,
        }
    }
}

/// The format cannot hold the picture: it has no pixels or a side that is too long.
#[derive(Debug, Error)]
#[error("{format:?} cannot hold a picture of {width} x {height} pixels: {source}")]
pub struct EncodeError {
    /// The format asked for.
    pub format: PictureFormat,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// What the codec says.
    pub source: ImageError,
}

/// The bytes of a file of `format` that holds `image`.
///
/// # Errors
/// The picture has no pixels, or a side is longer than the format allows (see [`PictureFormat`]).
pub fn encode(image: &RgbImage, format: PictureFormat) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    let (width, height) = image.dimensions();
    let color = ExtendedColorType::Rgb8;
    let result = match format {
        PictureFormat::Jpeg => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(image, width, height, color),
        PictureFormat::Png => PngEncoder::new(&mut bytes).write_image(image, width, height, color),
        PictureFormat::WebP => WebPEncoder::new_lossless(&mut bytes).write_image(image, width, height, color),
    };
    match result {
        Ok(()) => Ok(bytes),
        Err(source) => Err(EncodeError { format, width, height, source }),
    }
}
