//! Video in MP4 and MOV files with H.264.
//!
//! A seekable file goes in, upright pictures with their times come out, in the order in which they are seen. In memory are the
//! list of samples and the few pictures that wait for earlier ones.

mod boxes;
mod samples;
mod timeline;
mod track;

pub use boxes::{Head, text};
pub use samples::{Sample, add_fragment};
pub use track::Track;

use super::error::Problem;
use super::h264::PictureDecoder;
use super::yuv::MAX_FRAME_PIXELS;
use super::{Stream, TimedPicture};
use smielfy_vision::{Orientation, RgbImage, upright};
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::time::Duration;
use timeline::Timeline;

/// Most bytes of a sample: a frame of [`MAX_FRAME_PIXELS`] would be coded with 8 bits a pixel.
const MAX_SAMPLE_BYTES: u32 = 64 << 20;

/// Largest picture in pixels that OpenH264 decodes: level 5.2 of H.264, 36,864 blocks of 16 x 16.
const MAX_H264_PIXELS: u64 = 36_864 * 256;

/// What was found in a file.
pub enum Opened<R> {
    /// Video that is decoded here.
    Video(Box<Mp4Video<R>>),
    /// Video of a kind that is left to others: what it is.
    Foreign(String),
}

/// The pictures of a video track.
pub struct Mp4Video<R> {
    reader: R,
    decoder: PictureDecoder,
    orientation: Orientation,
    timeline: Timeline,
    samples: Vec<Sample>,
    /// For each sample the earliest composition time of it and those after it.
    earliest: Vec<i64>,
    /// Number of the sample that is decoded next.
    next: usize,
    /// Decoded pictures that wait for earlier ones, by composition time and number.
    waiting: BTreeMap<(i64, usize), RgbImage>,
    /// Damage of the file behind the samples.
    end: Option<Problem>,
}

/// Looks into an MP4 or MOV file.
///
/// # Errors
/// There is no video in it, or what describes it cannot be read.
pub fn open<R: Read + Seek>(mut reader: R) -> Result<Opened<R>, Problem> {
    let (mut track, end) = read_track(&mut reader)?;
    let samples = std::mem::take(&mut track.samples);
    if let Some(what) = foreign(&track) {
        return Ok(Opened::Foreign(what));
    }
    let configuration = track.h264.unwrap_or_default();
    let Some(first) = samples.iter().map(|sample| sample.time).min() else {
        return Err(Problem::NoVideo);
    };
    Ok(Opened::Video(Box::new(Mp4Video {
        reader,
        decoder: PictureDecoder::new(configuration)?,
        orientation: track.orientation,
        timeline: track.timeline.starting_at(first),
        earliest: earliest(&samples),
        samples,
        next: 0,
        waiting: BTreeMap::new(),
        end,
    })))
}

/// Reads the video track with all of its samples, and what ends the list of samples too early.
fn read_track<R: Read + Seek>(reader: &mut R) -> Result<(Track, Option<Problem>), Problem> {
    let mut track: Option<Track> = None;
    let mut end = None;
    let mut place = reader.seek(SeekFrom::Start(0))?;
    while let Some(head) = Head::read(reader)? {
        let fragments = track.as_ref().and_then(|track| track.fragment_defaults);
        match (&head.name, &mut track, fragments) {
            (b"moov", None, _) => track = Some(Track::find(&head.read_box(reader)?[8..])?),
            (b"moof", Some(track), Some(defaults)) => {
                let fragment = head
                    .read_box(reader)
                    .and_then(|moof| add_fragment(&mut track.samples, &moof[8..], place, track.id, defaults));
                if fragment.is_err() {
                    end = fragment.err();
                    break;
                }
            }
            _ => {}
        }
        let Some(content) = head.content_bytes else { break };
        let Some(after) = place.checked_add(head.own_bytes).and_then(|place| place.checked_add(content)) else {
            break;
        };
        place = reader.seek(SeekFrom::Start(after))?;
    }
    track.map(|track| (track, end)).ok_or_else(|| {
        Problem::damaged("the end of the file", "its index (the box moov) is missing, so the recording was cut off")
    })
}

/// What `track` is, if it is nothing that [`PictureDecoder`] decodes.
fn foreign(track: &Track) -> Option<String> {
    let codec = match &track.codec {
        b"avc1" | b"avc3" => "H.264",
        b"hvc1" | b"hev1" => "HEVC",
        b"av01" => "AV1",
        b"vp09" => "VP9",
        b"mp4v" => "MPEG-4 Visual",
        b"apcn" | b"apch" | b"apcs" | b"apco" | b"ap4h" => "ProRes",
        _ => "video",
    };
    let name = format!("{codec} ({})", text(track.codec));
    let Some(configuration) = track.h264.as_ref().filter(|_| codec == "H.264") else {
        return Some(name);
    };
    // A stream with its parameter sets among the samples says nothing here; it is tried.
    let sps = configuration.sps()?;
    let (width, height) = sps.coded_size;
    let problem = if !sps.plain_samples {
        "not 4:2:0 of 8 bits"
    } else if !sps.progressive {
        "interlaced"
    } else if width * height > MAX_H264_PIXELS.min(MAX_FRAME_PIXELS) {
        "beyond level 5.2"
    } else {
        return None;
    };
    Some(format!("{name}, {problem},"))
}

/// For each of `samples` the earliest composition time of it and those after it.
fn earliest(samples: &[Sample]) -> Vec<i64> {
    let mut times: Vec<i64> = samples.iter().map(|sample| sample.time).collect();
    for i in (1..times.len()).rev() {
        times[i - 1] = times[i - 1].min(times[i]);
    }
    times
}

impl<R: Read + Seek> Mp4Video<R> {
    /// Number of pictures that will be seen if the file is whole.
    pub fn frame_count(&self) -> u64 {
        self.samples.iter().filter(|sample| self.timeline.time(sample.time).is_some()).count() as u64
    }

    /// The waiting picture that is seen next, if none still to be decoded comes before it.
    fn ready(&mut self) -> Option<((i64, usize), RgbImage)> {
        let waiting = self.waiting.first_entry()?;
        let (time, _) = *waiting.key();
        let is_ready = self.earliest.get(self.next).is_none_or(|&earliest| time <= earliest);
        is_ready.then(|| waiting.remove_entry())
    }

    /// Decodes the next sample; its picture waits if it is seen at all.
    fn decode_next(&mut self) -> Result<(), Problem> {
        let number = self.next;
        let sample = self.samples[number];
        self.next += 1;
        let time = self.timeline.time(sample.time);
        let place = || match time {
            Some(time) => format!("the frame at {:.3} s", time.as_secs_f64()),
            None => format!("sample {number}, which is cut off from what is seen"),
        };
        let bytes = self.read(sample).map_err(|reason| Problem::damaged(place(), reason))?;
        let picture = self.decoder.decode(&bytes).map_err(|error| Problem::damaged(place(), error.to_string()))?;
        if let (Some(picture), Some(_)) = (picture, time) {
            self.waiting.insert((sample.time, number), picture);
        }
        Ok(())
    }

    /// The bytes of `sample`, or why there are none.
    fn read(&mut self, sample: Sample) -> Result<Vec<u8>, String> {
        if sample.size > MAX_SAMPLE_BYTES {
            return Err(format!("it claims {} bytes, more than {MAX_SAMPLE_BYTES}", sample.size));
        }
        self.reader.seek(SeekFrom::Start(sample.offset)).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        let found = (&mut self.reader).take(u64::from(sample.size)).read_to_end(&mut bytes);
        match found {
            Ok(found) if found == sample.size as usize => Ok(bytes),
            Ok(found) => Err(format!("the file ends after {found} of its {} bytes", sample.size)),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl<R: Read + Seek> Stream for Mp4Video<R> {
    fn next(&mut self) -> Result<Option<TimedPicture>, Problem> {
        loop {
            if let Some(((ticks, number), picture)) = self.ready() {
                let time = self.timeline.time(ticks).unwrap_or(Duration::ZERO);
                let duration = self.timeline.duration(ticks, self.samples[number].duration);
                let image = upright(picture, self.orientation);
                return Ok(Some(TimedPicture { image, time, duration: Some(duration) }));
            }
            if self.next == self.samples.len() {
                return self.end.take().map_or(Ok(None), Err);
            }
            self.decode_next()?;
        }
    }
}
