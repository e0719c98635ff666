//! Decoding of H.264 as it stands in MP4 files.
//!
//! The decoder configuration and samples go in, in decoding order; every sample gives its picture at once. Their order in
//! time is the container's business.

mod sps;

pub use sps::{NAL_TYPE as SPS_NAL_TYPE, Sps, in_decoding_order, matrix};

use super::yuv::{Colors, Matrix, Planes, Range, to_rgb};
use openh264::OpenH264API;
use openh264::decoder::{Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;
use smielfy_vision::RgbImage;

/// What comes before each NAL unit in a byte stream.
const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// How samples of a track are coded: the contents of its `avcC` box, and colors from its `colr` box.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// Bytes of the length before each NAL unit, 1..=4.
    pub length_size: usize,
    /// Parameter sets without start codes, sequence parameter sets first.
    pub parameter_sets: Vec<Vec<u8>>,
    /// Weights of red and blue, if the container says.
    pub matrix: Option<Matrix>,
    /// Range of values, if the container says.
    pub range: Option<Range>,
}

impl Configuration {
    /// The first sequence parameter set that can be read.
    pub fn sps(&self) -> Option<Sps> {
        let is_sps = |nal: &&Vec<u8>| nal.first().is_some_and(|byte| byte & 31 == SPS_NAL_TYPE);
        self.parameter_sets.iter().filter(is_sps).find_map(|nal| Sps::parse(nal))
    }
}

/// A decoder of one track.
pub struct PictureDecoder {
    decoder: Decoder,
    configuration: Configuration,
    /// Colors as the latest sequence parameter set gives them.
    colors: (Option<Matrix>, Option<Range>),
    /// What goes to the decoder, in the form of a byte stream; kept for its memory.
    stream: Vec<u8>,
}

impl PictureDecoder {
    /// A decoder for samples coded as `configuration` says.
    ///
    /// # Errors
    /// The codec cannot be set up.
    pub fn new(configuration: Configuration) -> Result<Self, openh264::Error> {
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        let decoder = Decoder::with_api_config(OpenH264API::from_source(), config)?;
        let mut result = Self { decoder, configuration, colors: (None, None), stream: Vec::new() };
        for nal in result.configuration.parameter_sets.clone() {
            result.push(&nal);
        }
        Ok(result)
    }

    /// The picture of the next `sample` in decoding order; `None` if it holds none.
    ///
    /// # Errors
    /// The codec finds damage.
    pub fn decode(&mut self, sample: &[u8]) -> Result<Option<RgbImage>, openh264::Error> {
        for nal in split(sample, self.configuration.length_size) {
            self.push(nal);
        }
        let picture = self.decoder.decode(&self.stream);
        self.stream.clear();
        let (matrix, range) = self.colors;
        let matrix = self.configuration.matrix.or(matrix);
        let range = self.configuration.range.or(range);
        Ok(picture?.map(|picture| rgb(&picture, matrix, range)))
    }

    /// Adds a NAL unit to what goes to the decoder next.
    fn push(&mut self, nal: &[u8]) {
        self.stream.extend(START_CODE);
        if nal.first().is_some_and(|byte| byte & 31 == SPS_NAL_TYPE) {
            if let Some(sps) = Sps::parse(nal) {
                self.colors = (sps.matrix, sps.range);
            }
            self.stream.extend(in_decoding_order(nal));
        } else {
            self.stream.extend(nal);
        }
    }
}

/// The NAL units of a sample, each of which has its length in `length_size` bytes before it. Ends at nonsense.
fn split(mut sample: &[u8], length_size: usize) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = sample.split_at_checked(length_size)?;
        let length = length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
        let (nal, rest) = rest.split_at(length.min(rest.len()));
        sample = rest;
        Some(nal)
    })
}

/// A decoded picture as RGB.
fn rgb(picture: &impl YUVSource, matrix: Option<Matrix>, range: Option<Range>) -> RgbImage {
    let ((width, height), (luma_stride, chroma_stride, _)) = (picture.dimensions(), picture.strides());
    let planes = Planes {
        width,
        height,
        luma: picture.y(),
        luma_stride,
        chroma: [picture.u(), picture.v()],
        chroma_stride,
        chroma_shift: [1, 1],
    };
    to_rgb(&planes, Colors::known_or_usual(matrix, range, height))
}
