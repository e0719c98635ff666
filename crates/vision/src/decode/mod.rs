//! Decoding of one still picture, whatever its format.
//!
//! The bytes of a file go in, an upright RGB picture of 8 bits a channel comes out, or an error that says whose fault it is.
//! The format is told from the bytes, never from a name. Colors are taken as sRGB: embedded color profiles are ignored.

mod animation;
mod count;

pub use animation::{Animation, AnimationFrame};
pub use count::frame_count;
pub use image::metadata::Orientation;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use std::io::Cursor;
use thiserror::Error;

/// Longest side of a picture that is decoded, in pixels: what two bytes with a sign hold, beyond any camera's panorama, and
/// the largest for which the area of the picture fits into 30 bits.
const MAX_SIDE_PX: u32 = 32_767;

/// Most pixels of a picture that is decoded: 2^27, enough for the cameras of 102 and 108 megapixels; 384 MiB as RGB.
const MAX_PIXELS: u64 = 1 << 27;

/// Most bytes of decoded pixels before they become RGB of 8 bits: a picture of [`MAX_PIXELS`] with transparency. Pictures
/// of 16 bits a channel meet this limit before the other one.
const MAX_DECODED_BYTES: u64 = 4 * MAX_PIXELS;

/// Why a picture could not be decoded.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// There are no bytes at all.
    #[error("the picture is empty (0 bytes)")]
    Empty,
    /// The bytes do not begin like a picture of a known format.
    #[error("unknown picture format; known are JPEG, PNG, WebP, GIF and BMP")]
    UnknownFormat,
    /// The format is known, but not this kind of it.
    #[error("this kind of {format:?} picture is not supported; convert it to an ordinary JPEG or PNG: {source}")]
    Unsupported {
        /// Format of the picture.
        format: ImageFormat,
        /// What the codec says.
        source: ImageError,
    },
    /// A side, the area or the memory needed goes beyond the limits.
    #[error(
        "the picture of {width} x {height} pixels is too large; limits are {MAX_SIDE_PX} pixels a side, \
         {max_pixels} pixels and {MAX_DECODED_BYTES} bytes in all"
    )]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Most pixels that are decoded.
        max_pixels: u64,
    },
    /// The width or the height is 0.
    #[error("the picture has no pixels ({width} x {height})")]
    NoPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The file ends before the picture does.
    #[error("the {format:?} picture is truncated: its end is missing")]
    Truncated {
        /// Format of the picture.
        format: ImageFormat,
    },
    /// The bytes contradict their format.
    #[error("the {format:?} picture is damaged: {source}")]
    Damaged {
        /// Format of the picture.
        format: ImageFormat,
        /// What the codec says.
        source: ImageError,
    },
}

impl DecodeError {
    /// The error for what a codec says about a picture of `format`.
    fn from_codec(format: ImageFormat, source: ImageError) -> Self {
        match source {
            ImageError::Unsupported(_) => Self::Unsupported { format, source },
            _ => Self::Damaged { format, source },
        }
    }
}

/// The picture in `bytes`: JPEG (grey, color, CMYK; baseline and progressive), PNG, WebP, GIF or BMP.
///
/// Turned upright as its EXIF orientation says, and of an animation the first frame. Transparent pixels show white behind
/// them, as most viewers do; channels of 16 bits are rounded to 8.
///
/// # Errors
/// See [`DecodeError`]. Size limits are checked on the header, before memory for the pixels is taken.
pub fn decode(bytes: &[u8]) -> Result<RgbImage, DecodeError> {
    decode_at_most(bytes, MAX_PIXELS)
}

/// As [`decode`], for bytes from strangers: a picture of more than `max_pixels` is refused.
///
/// # Errors
/// As [`decode`].
pub fn decode_at_most(bytes: &[u8], max_pixels: u64) -> Result<RgbImage, DecodeError> {
    let format = sniff(bytes)?;
    if is_truncated(bytes, format) {
        return Err(DecodeError::Truncated { format });
    }
    let damaged = |source| DecodeError::from_codec(format, source);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    check_size(decoder.dimensions(), decoder.total_bytes(), max_pixels.min(MAX_PIXELS))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    Ok(opaque(image))
}

/// `image` turned and mirrored upright from `orientation`, which has the meaning of the EXIF tag.
pub fn upright(image: RgbImage, orientation: Orientation) -> RgbImage {
    let mut image = DynamicImage::ImageRgb8(image);
    image.apply_orientation(orientation);
    image.into_rgb8()
}

/// The format that `bytes` begin like.
fn sniff(bytes: &[u8]) -> Result<ImageFormat, DecodeError> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    match image::guess_format(bytes) {
        Ok(format @ (Jpeg | Png | WebP | Gif | Bmp)) => Ok(format),
        _ => Err(DecodeError::UnknownFormat),
    }
}

/// Limits for codecs that allocate while they read headers. The sides are left to [`check_size`], which can name them.
fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(2 * MAX_DECODED_BYTES);
    limits
}

/// Checks a picture of `width` x `height` pixels that takes `bytes` when decoded against the limits.
fn check_size((width, height): (u32, u32), bytes: u64, max_pixels: u64) -> Result<(), DecodeError> {
    if width == 0 || height == 0 {
        return Err(DecodeError::NoPixels { width, height });
    }
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > MAX_SIDE_PX || pixels > max_pixels || bytes > MAX_DECODED_BYTES {
        return Err(DecodeError::TooLarge { width, height, max_pixels });
    }
    Ok(())
}

/// Whether the end of the picture is missing, for the formats whose codecs would invent the rest or trust a length.
fn is_truncated(bytes: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Jpeg => !has_jpeg_end(bytes),
        ImageFormat::WebP => !has_riff_end(bytes),
        _ => false,
    }
}

/// Whether the bytes of a RIFF file are as many as its header says.
fn has_riff_end(bytes: &[u8]) -> bool {
    let size = bytes.get(4..8).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes);
    size.is_some_and(|size| bytes.len() as u64 >= 8 + u64::from(size))
}

/// Whether the compressed data of a JPEG file are closed by the marker for the end of the image. Inside of compressed data
/// that marker cannot occur; before them, in an embedded thumbnail, it can.
fn has_jpeg_end(bytes: &[u8]) -> bool {
    let scan = jpeg_scan(bytes).unwrap_or(bytes);
    scan.windows(2).any(|marker| marker == [0xff, 0xd9])
}

/// The bytes of a JPEG file from its first marker for the start of a scan; `None` if there is none.
fn jpeg_scan(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(2..)?;
    loop {
        match *rest.get(..2)? {
            [0xff, 0xda] => return Some(rest),
            [0xff, 0xff] => rest = &rest[1..],
            [0xff, 0x01 | 0xd0..=0xd8] => rest = &rest[2..],
            [0xff, _] => {
                let length = u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?);
                rest = rest.get(2 + usize::from(length)..)?;
            }
            _ => rest = &rest[1..],
        }
    }
}

/// `image` as RGB of 8 bits a channel, with white behind what is transparent.
fn opaque(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let mut result = RgbImage::new(image.width(), image.height());
    for (target, source) in result.pixels_mut().zip(image.pixels()) {
        let [colors @ .., alpha] = source.0;
        target.0 = colors.map(|color| over_white(color, alpha));
    }
    result
}

/// A channel of value `color` and opacity `alpha` over white, rounded to nearest.
fn over_white(color: u8, alpha: u8) -> u8 {
    let (color, alpha) = (u32::from(color), u32::from(alpha));
    ((color * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests;
