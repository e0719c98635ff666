//! Frames: the first stage of the pipeline.
//!
//! A picture, an animation, a video or a live stream goes in; upright RGB frames with their times come out, one by one, in
//! memory for a few of them however long the input is. And back: frames become an MP4 video.
//!
//! Formats are told by content: pictures (see `smielfy_vision::decode`), GIF, APNG and animated WebP, MP4 and MOV with
//! H.264, Y4M, MJPEG; an `ffmpeg` on the PATH opens MKV, AVI and the like, and other codecs in MP4.

mod error;
mod ffmpeg;
mod h264;
mod mjpeg;
mod mp4;
mod rate;
mod sniff;
mod source;
#[cfg(test)]
mod tests;
mod writer;
mod y4m;
mod yuv;

pub use error::{FramesError, Problem};
pub use mjpeg::Timing;
pub use rate::FrameRate;
pub use source::{Frame, Source, SourceKind};
pub use writer::VideoWriter;

use smielfy_vision::RgbImage;
use std::time::Duration;

/// A picture on its way out of a stream.
struct TimedPicture {
    image: RgbImage,
    /// When it is seen, since the start of the clip.
    time: Duration,
    /// How long it is seen, if that is known.
    duration: Option<Duration>,
}

/// Something that gives pictures in the order in which they are seen.
trait Stream {
    /// The next picture; `None` at the end.
    fn next(&mut self) -> Result<Option<TimedPicture>, Problem>;
}
