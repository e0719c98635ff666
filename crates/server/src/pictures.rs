//! Pictures as they are kept: the bytes of an upload go in; a JPEG without metadata, and a small one of it, come out.

use smielfy_vision::{DecodeError, EncodeError, PictureFormat, RgbImage, decode_at_most, encode, resize};

/// Longest side of a kept photo, in pixels: a face that fills a third of it is nine times the size that the nets look at.
pub const LONGEST_SIDE: u32 = 1280;
/// Longest side of a thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 256;
/// Most pixels of an upload: what good phones take, and 75 MB when decoded. A few kilobytes can claim many more.
pub const MAX_PIXELS: u64 = 25_000_000;

/// A picture ready to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The JPEG file.
    pub jpeg: Vec<u8>,
    /// The small one.
    pub thumbnail: Vec<u8>,
}

/// An upload that cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It is no picture that can be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It cannot be written as JPEG.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Photo {
    /// Decodes an upload and encodes it anew, upright and without anything that is not pixels.
    ///
    /// # Errors
    /// [`PictureError`] if it cannot be decoded or is too large.
    pub fn of_upload(bytes: &[u8]) -> Result<Self, PictureError> {
        let image = limited(decode_at_most(bytes, MAX_PIXELS)?, LONGEST_SIDE);
        let jpeg = encode(&image, PictureFormat::Jpeg)?;
        let (width, height) = image.dimensions();
        let thumbnail = encode(&limited(image, THUMBNAIL_SIDE), PictureFormat::Jpeg)?;
        Ok(Self { width, height, jpeg, thumbnail })
    }
}

/// `image` with its longest side at most `side`, its proportions kept.
fn limited(image: RgbImage, side: u32) -> RgbImage {
    let (width, height) = image.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return image;
    }
    let scaled = |length: u32| (f64::from(length) * f64::from(side) / f64::from(longest)).round().max(1.0) as u32;
    resize(&image, scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use smielfy_vision::decode;

    use super::*;

    /// A PNG file of these many pixels.
    fn upload(width: u32, height: u32) -> Vec<u8> {
        encode(&RgbImage::from_fn(width, height, |x, y| [x as u8, y as u8, 90].into()), PictureFormat::Png).unwrap()
    }

    #[test]
    fn sides_are_limited_and_proportions_kept() {
        for (size, expected, small) in [
            ((640, 480), (640, 480), (256, 192)),
            ((2560, 1000), (1280, 500), (256, 100)),
            ((100, 3000), (43, 1280), (9, 256)),
            ((5000, 1), (1280, 1), (256, 1)),
        ] {
            let photo = Photo::of_upload(&upload(size.0, size.1)).unwrap();
            assert_eq!((photo.width, photo.height), expected);
            assert_eq!(decode(&photo.jpeg).unwrap().dimensions(), expected);
            assert_eq!(decode(&photo.thumbnail).unwrap().dimensions(), small);
        }
    }

    #[test]
    fn too_many_pixels_are_refused() {
        let mut bomb = encode(&RgbImage::new(16, 16), PictureFormat::Jpeg).unwrap();
        let frame = bomb.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        bomb[frame + 5..frame + 9].copy_from_slice(&[0x17, 0x70, 0x17, 0x70]);
        assert!(matches!(Photo::of_upload(&bomb), Err(PictureError::Decode(DecodeError::TooLarge { width: 6000, .. }))));
    }
}
