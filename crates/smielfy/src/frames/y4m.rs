//! YUV4MPEG2 (`.y4m`): uncompressed video.
//!
//! Bytes of a reader go in, pictures with their times come out. 8 bits a value; 4:2:0, 4:2:2, 4:4:4 or grey; any size.

use super::error::Problem;
use super::yuv::{Colors, MAX_FRAME_PIXELS, Planes, Range, to_rgb};
use super::{FrameRate, Stream, TimedPicture};
use std::io::{BufRead, Read};

/// What files begin with.
pub const SIGNATURE: &[u8] = b"YUV4MPEG2 ";

/// Most bytes of a header line; usual ones take less than a hundred.
const MAX_LINE_BYTES: u64 = 4096;

/// Value of chroma without color.
const NO_COLOR: u8 = 128;

/// How chroma is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chroma {
    /// Not at all.
    None,
    /// Coarser by 2 to the power of this, across and down.
    Shift([u32; 2]),
}

/// The pictures of a stream.
pub struct Y4m<R> {
    reader: R,
    width: usize,
    height: usize,
    chroma: Chroma,
    colors: Colors,
    rate: FrameRate,
    /// Number of the next picture.
    index: u64,
    /// Bytes of a picture; kept for its memory.
    buffer: Vec<u8>,
}

impl<R: BufRead> Y4m<R> {
    /// Starts reading at the signature.
    ///
    /// # Errors
    /// The header cannot be read or asks for something else.
    pub fn new(mut reader: R) -> Result<Self, Problem> {
        let line = read_line(&mut reader)?.ok_or(Problem::Empty)?;
        let fields = || line.split(' ').skip(1);
        let field = |letter: char| fields().find_map(|field| field.strip_prefix(letter));
        let (width, height) = (number(field('W'), "width")?, number(field('H'), "height")?);
        if width * height > MAX_FRAME_PIXELS {
            return Err(Problem::TooLarge { width, height, limit: MAX_FRAME_PIXELS });
        }
        let range = match fields().find_map(|field| field.strip_prefix("XCOLORRANGE=")) {
            Some("FULL") => Some(Range::Full),
            _ => None,
        };
        let (width, height) = (width as usize, height as usize);
        Ok(Self {
            reader,
            width,
            height,
            chroma: chroma(field('C').unwrap_or("420"))?,
            colors: Colors::known_or_usual(None, range, height),
            rate: field('F').and_then(rate).unwrap_or_default(),
            index: 0,
            buffer: Vec::new(),
        })
    }

    /// Bytes of a picture.
    fn picture_bytes(&self) -> usize {
        let luma = self.width * self.height;
        match self.chroma {
            Chroma::None => luma,
            Chroma::Shift([across, down]) => luma + 2 * self.width.div_ceil(1 << across) * self.height.div_ceil(1 << down),
        }
    }

    /// The planes in the buffer.
    fn planes<'a>(&'a self, grey: &'a [u8]) -> Planes<'a> {
        let (luma, chroma) = self.buffer.split_at(self.width * self.height);
        let (chroma, chroma_stride, chroma_shift) = match self.chroma {
            Chroma::None => ([grey; 2], 0, [0, 0]),
            Chroma::Shift(shift) => {
                let (blue, red) = chroma.split_at(chroma.len() / 2);
                ([blue, red], self.width.div_ceil(1 << shift[0]), shift)
            }
        };
        Planes { width: self.width, height: self.height, luma, luma_stride: self.width, chroma, chroma_stride, chroma_shift }
    }
}

impl<R: BufRead> Stream for Y4m<R> {
    fn next(&mut self) -> Result<Option<TimedPicture>, Problem> {
        let Some(line) = read_line(&mut self.reader)? else { return Ok(None) };
        let place = format!("frame {}", self.index);
        if line != "FRAME" && !line.starts_with("FRAME ") {
            return Err(Problem::damaged(place, "it does not begin with FRAME"));
        }
        self.buffer.clear();
        let wanted = self.picture_bytes();
        let found = (&mut self.reader).take(wanted as u64).read_to_end(&mut self.buffer)?;
        if found < wanted {
            return Err(Problem::damaged(place, format!("the stream ends after {found} of its {wanted} bytes")));
        }
        let image = to_rgb(&self.planes(&vec![NO_COLOR; self.width]), self.colors);
        let time = self.rate.time(self.index);
        self.index += 1;
        Ok(Some(TimedPicture { image, time, duration: Some(self.rate.time(self.index).abs_diff(time)) }))
    }
}

/// The next line without its end; `None` at the end of the stream.
fn read_line(reader: &mut impl BufRead) -> Result<Option<String>, Problem> {
    let mut line = Vec::new();
    reader.take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
    match line.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(String::from_utf8_lossy(&line).into_owned())),
        Some(_) => Err(Problem::damaged("a header of Y4M", "the line does not end")),
    }
}

/// A side of the pictures.
fn number(field: Option<&str>, name: &str) -> Result<u64, Problem> {
    match field.and_then(|field| field.parse::<u32>().ok()) {
        Some(number) if number > 0 => Ok(u64::from(number)),
        _ => Err(Problem::damaged("the header of Y4M", format!("no {name}"))),
    }
}

/// Frames a second, written `30000:1001`; `None` if unknown.
fn rate(field: &str) -> Option<FrameRate> {
    let (frames, seconds) = field.split_once(':')?;
    FrameRate::new(frames.parse().ok()?, seconds.parse().ok()?)
}

/// The way chroma is stored by its name.
fn chroma(name: &str) -> Result<Chroma, Problem> {
    match name {
        "420" | "420jpeg" | "420mpeg2" | "420paldv" => Ok(Chroma::Shift([1, 1])),
        "422" => Ok(Chroma::Shift([1, 0])),
        "444" => Ok(Chroma::Shift([0, 0])),
        "mono" => Ok(Chroma::None),
        _ => Err(Problem::Unsupported { what: format!("Y4M with chroma {name}") }),
    }
}
