//! Decoding of animations: GIF, animated PNG and animated WebP.
//!
//! A reader of the file goes in; RGB pictures with their times come out one by one, in memory for a few of them however many
//! there are.

use super::{DecodeError, MAX_PIXELS, check_size, limits, opaque, sniff};
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, Delay, DynamicImage, Frame, Frames, ImageDecoder, ImageFormat};
use image::{ImageError, ImageResult, RgbImage};
use std::io::{BufRead, Seek};
use std::time::Duration;

/// Delays up to this one are not meant: browsers show such frames for [`UNSET_DELAY`].
const SHORTEST_DELAY: Duration = Duration::from_millis(10);

/// How long browsers show a frame whose delay is not set or too short.
const UNSET_DELAY: Duration = Duration::from_millis(100);

/// One frame of an animation.
#[derive(Debug, Clone)]
pub struct AnimationFrame {
    /// The whole picture as it is seen, with white behind what is transparent.
    pub image: RgbImage,
    /// When it appears, counted from the start of the animation.
    pub time: Duration,
    /// How long it is seen; delays of 10 ms and less become 100 ms, as in browsers.
    pub delay: Duration,
}

/// Iterator over the frames of an animation, once through; it ends after the first error.
pub struct Animation {
    frames: Option<Frames<'static>>,
    format: ImageFormat,
    time: Duration,
}

impl Animation {
    /// Starts decoding the animation that `reader` is at the start of.
    ///
    /// A GIF file with one frame is an animation as well; a still PNG has no frames here: see
    /// [`frame_count`](crate::frame_count).
    ///
    /// # Errors
    /// As [`decode`](crate::decode); a format without animations is unknown here.
    pub fn new(mut reader: impl BufRead + Seek + 'static) -> Result<Self, DecodeError> {
        let io_error = |error| DecodeError::Damaged { format: ImageFormat::Gif, source: ImageError::IoError(error) };
        let format = sniff(reader.fill_buf().map_err(io_error)?)?;
        let damaged = |source| DecodeError::from_codec(format, source);
        let frames = match format {
            ImageFormat::Gif => checked(GifDecoder::new(reader).map_err(damaged)?)?.into_frames(),
            ImageFormat::Png => {
                checked(PngDecoder::with_limits(reader, limits()).map_err(damaged)?)?.apng().map_err(damaged)?.into_frames()
            }
            ImageFormat::WebP => checked(WebPDecoder::new(reader).map_err(damaged)?)?.into_frames(),
            _ => return Err(DecodeError::UnknownFormat),
        };
        Ok(Self { frames: Some(frames), format, time: Duration::ZERO })
    }

    /// The decoded form of what the codec gives.
    fn frame(&mut self, frame: ImageResult<Frame>) -> Result<AnimationFrame, DecodeError> {
        let frame = frame.map_err(|source| DecodeError::from_codec(self.format, source))?;
        let (time, delay) = (self.time, duration(frame.delay()));
        self.time = time.saturating_add(delay);
        let image = opaque(DynamicImage::ImageRgba8(frame.into_buffer()));
        Ok(AnimationFrame { image, time, delay })
    }
}

impl Iterator for Animation {
    type Item = Result<AnimationFrame, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.frames.as_mut()?.next()?;
        let frame = self.frame(next);
        if frame.is_err() {
            self.frames = None;
        }
        Some(frame)
    }
}

/// `decoder`, if its picture keeps within the limits.
fn checked<D: ImageDecoder>(mut decoder: D) -> Result<D, DecodeError> {
    check_size(decoder.dimensions(), decoder.total_bytes(), MAX_PIXELS)?;
    // The codecs check this against the sides again and against the memory that frames take.
    let (width, height) = decoder.dimensions();
    decoder.set_limits(limits()).map_err(|_| DecodeError::TooLarge { width, height, max_pixels: MAX_PIXELS })?;
    Ok(decoder)
}

/// `delay` as it is shown.
fn duration(delay: Delay) -> Duration {
    match Duration::from(delay) {
        delay if delay <= SHORTEST_DELAY => UNSET_DELAY,
        delay => delay,
    }
}
