//! MJPEG: JPEG pictures one after another, as cameras send them.
//!
//! Bytes of a reader go in, pictures with their times come out. What stands between pictures is skipped.

use super::error::Problem;
use super::{FrameRate, Stream, TimedPicture};
use smielfy_vision::decode;
use std::io::{BufRead, Read};
use std::time::{Duration, Instant};

/// What a picture begins with.
pub const SIGNATURE: &[u8] = &[0xff, 0xd8, 0xff];

/// Most bytes of a picture: 8 bits a pixel for the largest frame.
const MAX_JPEG_BYTES: usize = 64 << 20;

/// When pictures of a stream without times are seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Timing {
    /// When they arrive, for live streams.
    Arrival,
    /// Evenly, for recordings.
    Rate(FrameRate),
}

/// The pictures of a stream.
pub struct Mjpeg<R> {
    reader: R,
    timing: Timing,
    /// When the first picture arrived.
    start: Option<Instant>,
    /// Number of the next picture.
    index: u64,
}

impl<R: BufRead> Mjpeg<R> {
    /// Reads pictures that are seen as `timing` says.
    pub fn new(reader: R, timing: Timing) -> Self {
        Self { reader, timing, start: None, index: 0 }
    }

    /// Time and duration of picture `index`, which has just arrived.
    fn time(&mut self, index: u64) -> (Duration, Option<Duration>) {
        match self.timing {
            Timing::Arrival => (self.start.get_or_insert_with(Instant::now).elapsed(), None),
            Timing::Rate(rate) => {
                let time = rate.time(index);
                (time, Some(rate.time(index + 1).abs_diff(time)))
            }
        }
    }
}

impl<R: BufRead> Stream for Mjpeg<R> {
    fn next(&mut self) -> Result<Option<TimedPicture>, Problem> {
        let index = self.index;
        let Some(bytes) = next_jpeg(&mut self.reader, index)? else { return Ok(None) };
        self.index += 1;
        let (time, duration) = self.time(index);
        let image = decode(&bytes).map_err(|source| Problem::StreamPicture { index, source })?;
        Ok(Some(TimedPicture { image, time, duration }))
    }
}

/// The bytes of the next JPEG picture, number `index` of `reader`; `None` if there is none.
///
/// # Errors
/// The stream ends inside of the picture, or it is too large.
pub fn next_jpeg(reader: &mut impl BufRead, index: u64) -> Result<Option<Vec<u8>>, Problem> {
    if !skip_to_start(reader)? {
        return Ok(None);
    }
    let mut picture = Picture { reader, bytes: vec![0xff, 0xd8] };
    match picture.read() {
        Some(()) => Ok(Some(picture.bytes)),
        None if picture.bytes.len() >= MAX_JPEG_BYTES => {
            Err(Problem::damaged(format!("picture {index}"), format!("it is larger than {MAX_JPEG_BYTES} bytes")))
        }
        None => Err(Problem::damaged(format!("picture {index}"), "the stream ends inside of it")),
    }
}

/// Whether `reader` is at the start of a recording of several pictures, not of one picture that others are attached to.
///
/// Cameras attach smaller pictures, or say with the mark `MPF` that the others are views of the same moment.
///
/// # Errors
/// The reader cannot be read.
pub fn is_recording(reader: &mut impl BufRead) -> Result<bool, Problem> {
    let mut picture = || match next_jpeg(reader, 0) {
        Err(Problem::Io(error)) => Err(Problem::Io(error)),
        picture => Ok(picture.ok().flatten()),
    };
    let (Some(first), Some(second)) = (picture()?, picture()?) else { return Ok(false) };
    let (first, second) = (look(&first), look(&second));
    Ok(first.size.is_some() && first.size == second.size && !first.has_views)
}

/// What the segments of a picture say.
#[derive(Debug, Default)]
struct Look {
    /// Height and width as they are stored.
    size: Option<[u8; 4]>,
    /// Has the mark of the Multi-Picture Format.
    has_views: bool,
}

/// Looks through the segments of the JPEG picture `bytes` up to its compressed data.
fn look(bytes: &[u8]) -> Look {
    let mut result = Look::default();
    let mut rest = &bytes[2..];
    while let [0xff, marker, high, low, content @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).saturating_sub(2);
        match marker {
            0xda => break,
            0xc0..=0xc2 => result.size = content.get(1..5).and_then(|size| size.try_into().ok()),
            0xe2 => result.has_views |= content.starts_with(b"MPF\0"),
            _ => {}
        }
        rest = content.get(length..).unwrap_or_default();
    }
    result
}

/// Skips to behind the next marker for the start of a picture; false at the end of the stream.
fn skip_to_start(reader: &mut impl BufRead) -> Result<bool, Problem> {
    let mut after_marker = false;
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let mut used = 0;
        for &byte in bytes {
            used += 1;
            if after_marker && byte == 0xd8 {
                reader.consume(used);
                return Ok(true);
            }
            after_marker = byte == 0xff;
        }
        reader.consume(used);
    }
}

/// A picture that is being read.
struct Picture<'a, R> {
    reader: &'a mut R,
    bytes: Vec<u8>,
}

impl<R: BufRead> Picture<'_, R> {
    /// Reads segments and compressed data up to the end of the picture; `None` if the stream ends before that.
    fn read(&mut self) -> Option<()> {
        loop {
            match self.marker()? {
                0xd9 => return Some(()),
                0x00 | 0x01 | 0xd0..=0xd7 => {}
                // The start of another picture: this one was cut off, and nothing of it is left.
                0xd8 => self.bytes.truncate(2),
                _ => {
                    let length = u16::from_be_bytes([self.byte()?, self.byte()?]);
                    self.copy(usize::from(length).saturating_sub(2))?;
                }
            }
        }
    }

    /// Reads up to and with the next marker. Compressed data hold only those for a byte 0xff (0) and for restarts.
    fn marker(&mut self) -> Option<u8> {
        let reader = &mut *self.reader;
        let room = MAX_JPEG_BYTES.saturating_sub(self.bytes.len()) as u64;
        reader.take(room).read_until(0xff, &mut self.bytes).ok()?;
        let mut byte = self.byte()?;
        while byte == 0xff {
            byte = self.byte()?;
        }
        Some(byte)
    }

    fn byte(&mut self) -> Option<u8> {
        self.copy(1)?;
        self.bytes.last().copied()
    }

    /// Copies the next `count` bytes.
    fn copy(&mut self, count: usize) -> Option<()> {
        if self.bytes.len() + count > MAX_JPEG_BYTES {
            return None;
        }
        let reader = &mut *self.reader;
        let found = reader.take(count as u64).read_to_end(&mut self.bytes).ok()?;
        (found == count).then_some(())
    }
}
