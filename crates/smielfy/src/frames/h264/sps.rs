//! The sequence parameter set of H.264: what a decoder has to know about all pictures.
//!
//! A NAL unit goes in, the few fields that smielfy needs come out (ITU-T H.264, 7.3.2.1.1 and E.1.1); and a rewritten NAL
//! unit that makes OpenH264 give pictures in decoding order.

use super::super::yuv::{Matrix, Range};

/// Number of the type of NAL unit that holds a sequence parameter set.
pub const NAL_TYPE: u8 = 7;

/// The profile Scalable Baseline; its parameter sets are written as those of High.
const SCALABLE_BASELINE: u8 = 83;

/// Profiles whose parameter sets hold chroma format, bit depths and scaling lists.
const HIGH_PROFILES: [u8; 13] = [100, 110, 122, 244, 44, SCALABLE_BASELINE, 86, 118, 128, 138, 139, 134, 135];

/// What smielfy needs of a sequence parameter set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sps {
    /// Sides of the coded picture in pixels, multiples of 16.
    pub coded_size: (u64, u64),
    /// Chroma 4:2:0 of 8 bits.
    pub plain_samples: bool,
    /// Whole frames, no fields.
    pub progressive: bool,
    /// Weights of red and blue in luma, if it says.
    pub matrix: Option<Matrix>,
    /// Range of values, if it says.
    pub range: Option<Range>,
}

impl Sps {
    /// Reads a NAL unit without start code; `None` if it ends too early or makes no sense.
    pub fn parse(nal: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(nal);
        bits.number(8)?;
        let profile = bits.number(8)? as u8;
        bits.number(16)?;
        bits.exp_golomb()?;
        let plain_samples = !HIGH_PROFILES.contains(&profile) || plain_high_samples(&mut bits)?;
        skip_order(&mut bits)?;
        let width = 16 * (u64::from(bits.exp_golomb()?) + 1);
        let units = 16 * (u64::from(bits.exp_golomb()?) + 1);
        let progressive = bits.flag()?;
        let height = if progressive { units } else { 2 * units };
        bits.number(if progressive { 1 } else { 2 })?;
        if bits.flag()? {
            (0..4).try_for_each(|_| bits.exp_golomb().map(drop))?;
        }
        let (matrix, range) = if bits.flag()? { colors(&mut bits)? } else { (None, None) };
        Some(Self { coded_size: (width, height), plain_samples, progressive, matrix, range })
    }
}

/// Reads the part of High profiles; whether samples are 4:2:0 of 8 bits.
fn plain_high_samples(bits: &mut Bits) -> Option<bool> {
    let chroma = bits.exp_golomb()?;
    if chroma == 3 {
        bits.flag()?;
    }
    let depths = [bits.exp_golomb()?, bits.exp_golomb()?];
    bits.flag()?;
    if bits.flag()? {
        for list in 0..if chroma == 3 { 12 } else { 8 } {
            if bits.flag()? {
                skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(chroma == 1 && depths == [0, 0])
}

/// Skips a scaling list of `size` factors.
fn skip_scaling_list(bits: &mut Bits, size: usize) -> Option<()> {
    let mut next = 8;
    for _ in 0..size {
        if next == 0 {
            break;
        }
        next = (next + bits.signed_exp_golomb()?).rem_euclid(256);
    }
    Some(())
}

/// Skips what concerns the order of pictures and the number of references.
fn skip_order(bits: &mut Bits) -> Option<()> {
    bits.exp_golomb()?;
    match bits.exp_golomb()? {
        0 => drop(bits.exp_golomb()?),
        1 => {
            bits.flag()?;
            bits.exp_golomb()?;
            bits.exp_golomb()?;
            for _ in 0..bits.exp_golomb()?.min(255) {
                bits.exp_golomb()?;
            }
        }
        _ => {}
    }
    bits.exp_golomb()?;
    bits.flag().map(drop)
}

/// Reads the start of the video usability information: weights and range.
fn colors(bits: &mut Bits) -> Option<(Option<Matrix>, Option<Range>)> {
    /// The aspect ratio that is followed by its sides.
    const EXTENDED_ASPECT: u32 = 255;
    if bits.flag()? && bits.number(8)? == EXTENDED_ASPECT {
        bits.number(32)?;
    }
    if bits.flag()? {
        bits.flag()?;
    }
    if !bits.flag()? {
        return Some((None, None));
    }
    bits.number(3)?;
    let range = if bits.flag()? { Range::Full } else { Range::Limited };
    let matrix = if bits.flag()? { matrix(bits.number(24)? as u8) } else { None };
    Some((matrix, Some(range)))
}

/// Weights by their number in ITU-T H.273.
pub fn matrix(number: u8) -> Option<Matrix> {
    match number {
        1 => Some(Matrix::Bt709),
        5 | 6 => Some(Matrix::Bt601),
        _ => None,
    }
}

/// `nal` in the form that makes OpenH264 give each picture as soon as it is decoded.
///
/// OpenH264 holds pictures back and sorts them by a guess, which fails for some streams, and it does not say which picture
/// it gives. The container knows the times exactly. OpenH264 leaves out the guess for one profile that it otherwise treats
/// like any, Scalable Baseline, so the profile is renamed to that one; Main lacks some fields that come with it, and the
/// values that they have in Main are put in. Baseline has no pictures out of order and stays as it is.
pub fn in_decoding_order(nal: &[u8]) -> Vec<u8> {
    match nal.get(1) {
        Some(100) => [&[nal[0], SCALABLE_BASELINE], &nal[2..]].concat(),
        Some(77 | 88) => from_main(nal).unwrap_or_else(|| nal.to_vec()),
        _ => nal.to_vec(),
    }
}

/// The parameter set `nal` of Main or Extended profile in the form of Scalable Baseline.
fn from_main(nal: &[u8]) -> Option<Vec<u8>> {
    /// Chroma format 1 (4:2:0), bit depths 8 and 8, no lossless bypass, no scaling lists.
    const MAIN_FIELDS: [bool; 7] = [false, true, false, true, true, false, false];
    let mut bits = Bits::new(nal);
    bits.number(32)?;
    bits.exp_golomb()?;
    let place = bits.place;
    let mut all = bits.bits;
    all.splice(place..place, MAIN_FIELDS);
    let mut bytes: Vec<u8> =
        all.chunks(8).map(|byte| byte.iter().enumerate().map(|(i, &bit)| u8::from(bit) << (7 - i)).sum()).collect();
    bytes[1] = SCALABLE_BASELINE;
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    Some(escaped(&bytes))
}

/// `bytes` with a byte 3 wherever two zeros would be followed by a byte of 3 or less, which NAL units must not contain.
fn escaped(bytes: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len() + 4);
    for &byte in bytes {
        if byte <= 3 && result.ends_with(&[0, 0]) {
            result.push(3);
        }
        result.push(byte);
    }
    result
}

/// Reads numbers from the bits of a NAL unit.
struct Bits {
    bits: Vec<bool>,
    place: usize,
}

impl Bits {
    /// The bits of `nal` without the bytes that keep it from containing start codes.
    fn new(nal: &[u8]) -> Self {
        let mut bits = Vec::with_capacity(8 * nal.len());
        for (i, byte) in nal.iter().enumerate() {
            if *byte != 3 || i < 2 || nal[i - 2..i] != [0, 0] {
                bits.extend((0..8).rev().map(|bit| byte >> bit & 1 == 1));
            }
        }
        Self { bits, place: 0 }
    }

    fn flag(&mut self) -> Option<bool> {
        self.place += 1;
        self.bits.get(self.place - 1).copied()
    }

    /// The number in the next `count` bits, at most 32.
    fn number(&mut self, count: usize) -> Option<u32> {
        (0..count).try_fold(0, |number, _| Some(number << 1 | u32::from(self.flag()?)))
    }

    fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
        }
        if zeros > 31 {
            return None;
        }
        Some((1 << zeros) - 1 + self.number(zeros)?)
    }

    fn signed_exp_golomb(&mut self) -> Option<i32> {
        let number = i64::from(self.exp_golomb()?);
        Some(if number % 2 == 1 { (number + 1) / 2 } else { -number / 2 } as i32)
    }
}
