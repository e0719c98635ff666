//! Opening of whatever holds frames.
//!
//! A path or a reader goes in, an iterator over frames comes out.

use super::error::{FramesError, Problem};
use super::ffmpeg::Ffmpeg;
use super::mjpeg::{Mjpeg, Timing, is_recording};
use super::mp4::{self, Opened};
use super::rate::FrameRate;
use super::sniff::{Format, SNIFF_BYTES, sniff};
use super::y4m::Y4m;
use super::{Stream, TimedPicture};
use smielfy_vision::{Animation, RgbImage, decode, frame_count};
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// Most bytes of a file with one picture: a raw picture of 64 million pixels with 4 bytes each.
const MAX_PICTURE_BYTES: u64 = 256 << 20;

/// How messages name a reader.
const READER_NAME: &str = "standard input";

/// One frame.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The whole picture, upright.
    pub image: RgbImage,
    /// Number of the frame, from 0.
    pub index: u64,
    /// When it is seen, since the start of the clip.
    pub time: Duration,
}

/// What kind of thing frames come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A still picture: one frame.
    Picture,
    /// An animation or a video in a file.
    Video,
    /// A stream that comes in as it is made; it may have no end.
    Stream,
}

/// An iterator over the frames of a picture, a video or a stream.
///
/// It ends after the first error, but for [`Problem::StreamPicture`], after which a stream goes on with its next picture.
pub struct Source {
    stream: Box<dyn Stream>,
    name: String,
    kind: SourceKind,
    expected_frames: Option<u64>,
    last_duration: Option<Duration>,
    index: u64,
    is_done: bool,
}

impl Source {
    /// Opens the file at `path`.
    ///
    /// MJPEG files have no times: 25 frames a second are assumed.
    ///
    /// # Errors
    /// The file cannot be read, has no frames or is of a kind that is not supported.
    pub fn open(path: &Path) -> Result<Self, FramesError> {
        let name = path.display().to_string();
        open(path).map(|parts| Self::new(name.clone(), parts)).map_err(|problem| problem.of(&name))
    }

    /// Reads a stream of MJPEG or Y4M from `reader`, which need not have an end. MJPEG has no times: `timing` says what to
    /// do; Y4M has a frame rate of its own.
    ///
    /// # Errors
    /// The stream cannot be read or is something else.
    pub fn from_reader(reader: impl Read + 'static, timing: Timing) -> Result<Self, FramesError> {
        stream(reader, timing)
            .map(|stream| Self::new(READER_NAME.to_owned(), (stream, SourceKind::Stream, None)))
            .map_err(|problem| problem.of(READER_NAME))
    }

    fn new(name: String, (stream, kind, expected_frames): Parts) -> Self {
        Self { stream, name, kind, expected_frames, last_duration: None, index: 0, is_done: false }
    }

    /// What kind of thing the frames come from.
    pub fn kind(&self) -> SourceKind {
        self.kind
    }

    /// How many frames there should be, if that is known; fewer come from a damaged file.
    pub fn expected_frames(&self) -> Option<u64> {
        self.expected_frames
    }

    /// How long the frame that was given last is seen, if that is known.
    pub fn last_duration(&self) -> Option<Duration> {
        self.last_duration
    }
}

impl Iterator for Source {
    type Item = Result<Frame, FramesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let picture = self.stream.next();
        self.is_done = !matches!(picture, Ok(Some(_)) | Err(Problem::StreamPicture { .. }));
        match picture {
            Ok(picture) => {
                let TimedPicture { image, time, duration } = picture?;
                self.last_duration = duration;
                self.index += 1;
                Some(Ok(Frame { image, index: self.index - 1, time }))
            }
            Err(problem) => Some(Err(problem.of(&self.name))),
        }
    }
}

/// What a source is made of: its pictures, their kind, their number.
type Parts = (Box<dyn Stream>, SourceKind, Option<u64>);

/// Opens the file at `path`.
fn open(path: &Path) -> Result<Parts, Problem> {
    let mut file = File::open(path)?;
    let start = beginning(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    match sniff(&start) {
        Format::Empty => Err(Problem::Empty),
        Format::Unknown => Err(Problem::Unknown),
        Format::ForeignPicture(what) => Err(Problem::Unsupported { what: what.to_owned() }),
        Format::Foreign(what) => foreign(path, what),
        Format::Y4m => Ok((Box::new(Y4m::new(BufReader::new(file))?), SourceKind::Video, None)),
        Format::Mp4 => match mp4::open(file)? {
            Opened::Video(video) => {
                let count = video.frame_count();
                Ok((video, SourceKind::Video, Some(count)))
            }
            Opened::Foreign(what) => foreign(path, &what),
        },
        Format::Jpeg => jpeg(BufReader::new(file)),
        Format::Picture => picture(BufReader::new(file)),
    }
}

/// The first bytes of `reader`, as many as telling the format takes.
fn beginning(reader: &mut impl Read) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    reader.take(SNIFF_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn foreign(path: &Path, what: &str) -> Result<Parts, Problem> {
    Ok((Box::new(Ffmpeg::new(path, what)?), SourceKind::Video, None))
}

/// A JPEG picture or a recording of several.
fn jpeg(mut reader: BufReader<File>) -> Result<Parts, Problem> {
    let is_recording = is_recording(&mut reader)?;
    reader.rewind()?;
    if is_recording {
        let timing = Timing::Rate(FrameRate::default());
        return Ok((Box::new(Mjpeg::new(reader, timing)), SourceKind::Video, None));
    }
    still(reader)
}

/// A picture or an animation.
fn picture(mut reader: BufReader<File>) -> Result<Parts, Problem> {
    let count = frame_count(&mut reader)?;
    if count == 1 {
        return still(reader);
    }
    let animation = Animation::new(reader)?;
    Ok((Box::new(animation), SourceKind::Video, Some(u64::from(count))))
}

/// One picture.
fn still(reader: impl Read) -> Result<Parts, Problem> {
    let mut bytes = Vec::new();
    let count = reader.take(MAX_PICTURE_BYTES + 1).read_to_end(&mut bytes)? as u64;
    if count > MAX_PICTURE_BYTES {
        let what = format!("a picture of more than {MAX_PICTURE_BYTES} bytes");
        return Err(Problem::Unsupported { what });
    }
    Ok((Box::new(Still(Some(decode(&bytes)?))), SourceKind::Picture, Some(1)))
}

/// A stream that cannot be read twice.
fn stream(mut reader: impl Read + 'static, timing: Timing) -> Result<Box<dyn Stream>, Problem> {
    let start = beginning(&mut reader)?;
    let format = sniff(&start);
    let reader = BufReader::new(Cursor::new(start).chain(reader));
    match format {
        Format::Empty => Err(Problem::Empty),
        Format::Y4m => Ok(Box::new(Y4m::new(reader)?)),
        Format::Jpeg => Ok(Box::new(Mjpeg::new(reader, timing))),
        _ => Err(Problem::NotAStream),
    }
}

/// A still picture that has not been given yet.
struct Still(Option<RgbImage>);

impl Stream for Still {
    fn next(&mut self) -> Result<Option<TimedPicture>, Problem> {
        let image = self.0.take();
        Ok(image.map(|image| TimedPicture { image, time: Duration::ZERO, duration: None }))
    }
}

impl Stream for Animation {
    fn next(&mut self) -> Result<Option<TimedPicture>, Problem> {
        let Some(frame) = Iterator::next(self).transpose()? else { return Ok(None) };
        Ok(Some(TimedPicture { image: frame.image, time: frame.time, duration: Some(frame.delay) }))
    }
}
