//! The video track of an MP4 or MOV file.
//!
//! The contents of the `moov` box go in; codec, times, direction and sample tables of the track that is shown come out.
//! Boxes that smielfy has no use for are not looked at, so that oddities of other tracks do no harm.

use super::super::error::Problem;
use super::super::h264::{Configuration, SPS_NAL_TYPE, matrix};
use super::super::yuv::Range;
use super::boxes::{boxes, find, text};
use super::samples::{FragmentDefaults, Sample, samples};
use super::timeline::Timeline;
use shiguredo_mp4::Decode;
use shiguredo_mp4::boxes::{AvccBox, ElstBox, HdlrBox, MdhdBox, MvhdBox, TkhdBox, TrexBox};
use smielfy_vision::Orientation;

/// Bytes of a sample entry before its boxes: 8 common to all, 70 of video.
const VISUAL_ENTRY_BYTES: usize = 78;

/// The track whose pictures are shown.
#[derive(Debug, Clone)]
pub struct Track {
    /// Number of the track in fragments.
    pub id: u32,
    /// Four letters that name the codec.
    pub codec: [u8; 4],
    /// How H.264 is coded, if it is H.264.
    pub h264: Option<Configuration>,
    /// Width and height of the pictures as the container gives them.
    pub size: (u16, u16),
    /// How the pictures are turned.
    pub orientation: Orientation,
    /// From composition times to times of presentation.
    pub timeline: Timeline,
    /// Samples outside of fragments, in decoding order.
    pub samples: Vec<Sample>,
    /// What fragments leave out; `None` if there are no fragments.
    pub fragment_defaults: Option<FragmentDefaults>,
}

impl Track {
    /// The first H.264 video track in the content of a `moov` box, or else the first video track.
    ///
    /// # Errors
    /// There is no video track, or its boxes cannot be read.
    pub fn find(moov: &[u8]) -> Result<Self, Problem> {
        let videos = || boxes(moov).filter(|track| &track.name == b"trak" && is_video(track.content));
        let is_h264 =
            |track: &super::boxes::Box| entry(track.content).is_some_and(|entry| matches!(&entry.name, b"avc1" | b"avc3"));
        let track = videos().find(is_h264).or_else(|| videos().next()).ok_or(Problem::NoVideo)?;
        Self::parse(track.content, moov)
    }

    fn parse(track: &[u8], moov: &[u8]) -> Result<Self, Problem> {
        let header: TkhdBox = decode(track, *b"tkhd")?;
        let media: MdhdBox = decode(media(track).unwrap_or_default(), *b"mdhd")?;
        let movie: MvhdBox = decode(moov, *b"mvhd")?;
        let edits = find(track, *b"edts").map(|edits| decode::<ElstBox>(edits.content, *b"elst"));
        let edits = edits.transpose().ok().flatten().map_or(Vec::new(), |edits| edits.entries);
        let entry = entry(track).ok_or_else(|| missing("stsd"))?;
        let side = |at: usize| entry.content.get(at..at + 2).map_or(0, |side| u16::from_be_bytes([side[0], side[1]]));
        let samples = samples(table(track).ok_or_else(|| missing("stbl"))?)?;
        Ok(Self {
            id: header.track_id,
            codec: entry.name,
            h264: configuration(entry.content.get(VISUAL_ENTRY_BYTES..).unwrap_or_default()),
            size: (side(24), side(26)),
            orientation: orientation(&header.matrix),
            timeline: Timeline::new(media.timescale, movie.timescale, &edits)?,
            samples,
            fragment_defaults: fragment_defaults(moov, header.track_id),
        })
    }
}

/// The content of `mdia` of a track.
fn media(track: &[u8]) -> Option<&[u8]> {
    find(track, *b"mdia").map(|media| media.content)
}

/// The content of `stbl` of a track.
fn table(track: &[u8]) -> Option<&[u8]> {
    let information = find(media(track)?, *b"minf")?.content;
    find(information, *b"stbl").map(|table| table.content)
}

/// The first sample entry of a track.
fn entry(track: &[u8]) -> Option<super::boxes::Box<'_>> {
    let description = find(table(track)?, *b"stsd")?.content;
    boxes(description.get(8..)?).next()
}

/// Whether the track says that it is video.
fn is_video(track: &[u8]) -> bool {
    let handler = media(track).and_then(|media| decode::<HdlrBox>(media, *b"hdlr").ok());
    handler.is_some_and(|handler| &handler.handler_type == b"vide")
}

/// The box called `name` in `bytes`, read.
pub fn decode<T: Decode>(bytes: &[u8], name: [u8; 4]) -> Result<T, Problem> {
    let found = find(bytes, name).ok_or_else(|| missing(&text(name)))?;
    let (decoded, _) =
        T::decode(found.whole).map_err(|error| Problem::damaged(format!("box {}", text(name)), error.to_string()))?;
    Ok(decoded)
}

fn missing(name: &str) -> Problem {
    Problem::damaged(format!("box {name}"), "it is missing in the index of the file")
}

/// Configuration of H.264 in the boxes of a sample entry.
fn configuration(entry: &[u8]) -> Option<Configuration> {
    let avcc: AvccBox = decode(entry, *b"avcC").ok()?;
    let is_sps = |nal: &Vec<u8>| nal.first().is_some_and(|byte| byte & 31 == SPS_NAL_TYPE);
    let parameter_sets: Vec<_> = avcc.sps_list.into_iter().filter(is_sps).chain(avcc.pps_list).collect();
    let colors = find(entry, *b"colr").map_or(&[][..], |colors| colors.content);
    let (weights, range) = match colors {
        [b'n', b'c', b'l', b'x', _, _, _, _, _, matrix, flags, ..] => {
            (Some(*matrix), Some(if flags & 0x80 == 0 { Range::Limited } else { Range::Full }))
        }
        [b'n', b'c', b'l', b'c', _, _, _, _, _, matrix, ..] => (Some(*matrix), None),
        _ => (None, None),
    };
    Some(Configuration {
        length_size: usize::from(avcc.length_size_minus_one.get()) + 1,
        parameter_sets,
        matrix: weights.and_then(matrix),
        range,
    })
}

/// How pictures are to be turned by the matrix of a track: `[a b u; c d v; x y w]`, where (x, y) goes to
/// (a x + c y, b x + d y). Scales and angles between quarter turns are not applied.
fn orientation(matrix: &[i32; 9]) -> Orientation {
    match [matrix[0], matrix[1], matrix[3], matrix[4]].map(i32::signum) {
        [0, 1, -1, 0] => Orientation::Rotate90,
        [-1, 0, 0, -1] => Orientation::Rotate180,
        [0, -1, 1, 0] => Orientation::Rotate270,
        [-1, 0, 0, 1] => Orientation::FlipHorizontal,
        [1, 0, 0, -1] => Orientation::FlipVertical,
        [0, 1, 1, 0] => Orientation::Rotate90FlipH,
        [0, -1, -1, 0] => Orientation::Rotate270FlipH,
        _ => Orientation::NoTransforms,
    }
}

/// What fragments of track `id` leave out.
fn fragment_defaults(moov: &[u8], id: u32) -> Option<FragmentDefaults> {
    let extends = find(moov, *b"mvex")?.content;
    let mut tracks = boxes(extends).filter(|found| &found.name == b"trex").filter_map(|found| TrexBox::decode(found.whole).ok());
    let track = tracks.find(|(track, _)| track.track_id == id).map(|(track, _)| track);
    Some(track.map_or(FragmentDefaults::default(), |track| FragmentDefaults {
        duration: track.default_sample_duration,
        size: track.default_sample_size,
    }))
}
