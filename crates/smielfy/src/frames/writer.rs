//! Writing of video: MP4 with H.264, as browsers play it.
//!
//! Pictures with their times go in, a file comes out. Coded pictures collect in a file beside the target; when all are there,
//! the index is written before them, so that playing starts before all is loaded, and the result is renamed to its name.

use super::error::{FramesError, Problem};
use super::yuv::{Colors, Matrix, Range, from_rgb};
use openh264::OpenH264API;
use openh264::encoder::{Complexity, EncodedBitStream, Encoder, EncoderConfig, FrameType, QpRange, RateControlMode, VuiConfig};
use openh264::formats::YUVBuffer;
use shiguredo_mp4::boxes::{Avc1Box, AvccBox, SampleEntry, VisualSampleEntryFields};
use shiguredo_mp4::mux::{Mp4FileMuxer, Mp4FileMuxerOptions, Sample, estimate_maximum_moov_box_size};
use shiguredo_mp4::{TrackKind, Uint};
use smielfy_vision::RgbImage;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Seek, SeekFrom, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Ticks a second: whole for frame rates of 24, 25, 30, 50, 60 and 30,000/1,001, and finer than any camera's clock.
const TIMESCALE: NonZeroU32 = NonZeroU32::new(90_000).expect("it is not 0");

/// A key frame comes at least this often in the input's time, which bounds the wait when a player jumps.
const KEY_FRAME_PERIOD: Duration = Duration::from_secs(2);

/// Quantizer of all pictures, 0..=51: drawn outlines and small text stay sharp, see the measured PSNR in the tests.
const QUANTIZER: u8 = 22;

/// Shortest side that the encoder takes, in pixels.
const MIN_SIDE_PX: u32 = 16;

/// Longest and shortest side up to which the encoder takes pictures, in pixels.
const MAX_SIDES_PX: (u32, u32) = (3840, 2160);

/// What the numbers of the coded pictures mean; the file says so too.
const COLORS: Colors = Colors { matrix: Matrix::Bt709, range: Range::Limited };

/// A coded picture in the file beside the target.
struct Coded {
    size: usize,
    is_key: bool,
    /// When it is seen, in ticks.
    ticks: u64,
}

/// A video that is being written.
///
/// Nothing is at its path before [`finish`](Self::finish); a writer that is dropped before leaves nothing.
pub struct VideoWriter {
    encoder: Encoder,
    target: PathBuf,
    /// Coded pictures, one after another.
    data: BufWriter<File>,
    coded: Vec<Coded>,
    /// Size of the first picture.
    size: Option<(u32, u32)>,
    entry: Option<SampleEntry>,
    /// Factor of all times.
    slow: f64,
    /// When the first picture is seen, and the latest key frame, in the input's time.
    start: Duration,
    key: Duration,
}

impl VideoWriter {
    /// A writer of a video to `path`, in which everything takes `slow` times as long as the frames say.
    ///
    /// # Errors
    /// No file can be made beside `path`, or there is no encoder.
    ///
    /// # Panics
    /// `slow` is not a positive number.
    pub fn new(path: &Path, slow: f64) -> Result<Self, FramesError> {
        assert!(slow > 0.0 && slow.is_finite(), "the factor of times is {slow}");
        Self::open(path, slow).map_err(|problem| problem.of(&path.display().to_string()))
    }

    fn open(path: &Path, slow: f64) -> Result<Self, Problem> {
        let config = EncoderConfig::new()
            .rate_control_mode(RateControlMode::Off)
            .qp(QpRange::new(QUANTIZER, QUANTIZER))
            .complexity(Complexity::Medium)
            .skip_frames(false)
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config)?;
        let data = File::options().read(true).write(true).create(true).truncate(true).open(beside(path, DATA_ENDING))?;
        Ok(Self {
            encoder,
            target: path.to_owned(),
            data: BufWriter::new(data),
            coded: Vec::new(),
            size: None,
            entry: None,
            slow,
            start: Duration::ZERO,
            key: Duration::ZERO,
        })
    }

    /// Adds a picture that is seen at `time`. The video starts with the first picture, whenever that is; times are rounded to
    /// 1/90,000 s, and one that is not later than the one before becomes that much later.
    ///
    /// Sides that are odd or shorter than 16 pixels are made longer by repeating the last column and row.
    ///
    /// # Errors
    /// It is not of the same size as the first one, too large for H.264, or cannot be written.
    pub fn write(&mut self, image: &RgbImage, time: Duration) -> Result<(), FramesError> {
        self.add(image, time).map_err(|problem| problem.of(&self.target.display().to_string()))
    }

    fn add(&mut self, image: &RgbImage, time: Duration) -> Result<(), Problem> {
        let index = self.coded.len() as u64;
        if self.coded.is_empty() {
            check_size(image)?;
            (self.start, self.key, self.size) = (time, time, Some(image.dimensions()));
        }
        if self.size != Some(image.dimensions()) {
            return Err(Problem::OtherSize { index });
        }
        let ticks = self.coded.last().map_or(0, |last| self.ticks(time).max(last.ticks + 1));
        if time.saturating_sub(self.key) >= KEY_FRAME_PERIOD {
            self.encoder.force_intra_frame();
        }
        let (width, height) = coded_size(image);
        let planes = from_rgb(image, width as usize, height as usize, COLORS);
        let stream = self.encoder.encode(&YUVBuffer::from_vec(planes, width as usize, height as usize))?;
        let is_key = stream.frame_type() == FrameType::IDR;
        let (sample, parameter_sets) = sample(&stream);
        if is_key {
            self.key = time;
        }
        if self.entry.is_none() {
            self.entry = Some(sample_entry(width as u16, height as u16, parameter_sets));
        }
        self.data.write_all(&sample)?;
        self.coded.push(Coded { size: sample.len(), is_key, ticks });
        Ok(())
    }

    /// `time` of the input as ticks of the video.
    fn ticks(&self, time: Duration) -> u64 {
        let seconds = time.saturating_sub(self.start).as_secs_f64() * self.slow;
        (seconds * f64::from(TIMESCALE.get())).round() as u64
    }

    /// Ends the video, whose last picture is seen for `last_duration` in the input's time, and gives it its name.
    ///
    /// # Errors
    /// There are no pictures, or the file cannot be written.
    pub fn finish(mut self, last_duration: Duration) -> Result<(), FramesError> {
        self.assemble(last_duration).map_err(|problem| problem.of(&self.target.display().to_string()))
    }

    fn assemble(&mut self, last_duration: Duration) -> Result<(), Problem> {
        self.data.flush()?;
        let end = self.coded.last().ok_or(Problem::NoVideo)?.ticks + self.ticks(self.start + last_duration).max(1);
        let muxer = self.muxer(end)?;
        let path = beside(&self.target, WHOLE_ENDING);
        let mut file = BufWriter::new(File::create(&path)?);
        file.write_all(muxer.initial_boxes_bytes())?;
        let data = self.data.get_mut();
        data.seek(SeekFrom::Start(0))?;
        std::io::copy(&mut BufReader::new(data), &mut file)?;
        let boxes = muxer.finalized_boxes().ok_or(Problem::NoVideo)?;
        for (place, bytes) in boxes.offset_and_bytes_pairs() {
            file.seek(SeekFrom::Start(place))?;
            file.write_all(bytes)?;
        }
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&path, &self.target)?;
        Ok(())
    }

    /// The index of the video, which ends at tick `end`.
    fn muxer(&self, end: u64) -> Result<Mp4FileMuxer, Problem> {
        let refused = |error| Problem::Unsupported { what: format!("an MP4 file of this length ({error})") };
        let mut muxer = Mp4FileMuxer::with_options(Mp4FileMuxerOptions {
            reserved_moov_box_size: estimate_maximum_moov_box_size(&[self.coded.len()]),
            ..Default::default()
        })
        .map_err(refused)?;
        let mut data_offset = muxer.initial_boxes_bytes().len() as u64;
        let ends = self.coded.iter().skip(1).map(|coded| coded.ticks).chain([end]);
        for (number, (coded, end)) in self.coded.iter().zip(ends).enumerate() {
            let sample = Sample {
                track_kind: TrackKind::Video,
                sample_entry: self.entry.clone().filter(|_| number == 0),
                keyframe: coded.is_key,
                timescale: TIMESCALE,
                duration: u32::try_from(end - coded.ticks).unwrap_or(u32::MAX),
                composition_time_offset: None,
                data_offset,
                data_size: coded.size,
            };
            muxer.append_sample(&sample).map_err(refused)?;
            data_offset += coded.size as u64;
        }
        muxer.finalize().map_err(refused)?;
        Ok(muxer)
    }
}

impl Drop for VideoWriter {
    fn drop(&mut self) {
        // What is not there need not be removed.
        for ending in [DATA_ENDING, WHOLE_ENDING] {
            let _ = fs::remove_file(beside(&self.target, ending));
        }
    }
}

/// Ending of the name of the file with coded pictures.
const DATA_ENDING: &str = ".data.part";

/// Ending of the name of the file that becomes the video.
const WHOLE_ENDING: &str = ".part";

/// The path of a file beside `path`, with `ending` after its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Checks that the encoder takes pictures as large as `image`.
fn check_size(image: &RgbImage) -> Result<(), Problem> {
    let (width, height) = coded_size(image);
    let (longest, shortest) = MAX_SIDES_PX;
    if image.is_empty() || width.max(height) > longest || width.min(height) > shortest {
        let limit = u64::from(longest) * u64::from(shortest);
        return Err(Problem::TooLarge { width: width.into(), height: height.into(), limit });
    }
    Ok(())
}

/// Sides of the coded picture: even, and not too short.
fn coded_size(image: &RgbImage) -> (u32, u32) {
    let side = |side: u32| side.max(MIN_SIDE_PX).next_multiple_of(2);
    (side(image.width()), side(image.height()))
}

/// The parameter sets of a coded picture: sequence, then picture parameter sets.
type ParameterSets = [Vec<Vec<u8>>; 2];

/// A coded picture as MP4 stores it, each NAL unit with its length before it, and the parameter sets, which are kept apart.
fn sample(stream: &EncodedBitStream) -> (Vec<u8>, ParameterSets) {
    let (mut sample, mut parameter_sets) = (Vec::new(), ParameterSets::default());
    let layers = (0..stream.num_layers()).filter_map(|i| stream.layer(i));
    for layer in layers {
        for nal in (0..layer.nal_count()).filter_map(|i| layer.nal_unit(i)) {
            let nal = nal.strip_prefix(&[0, 0, 0, 1]).or_else(|| nal.strip_prefix(&[0, 0, 1])).unwrap_or(nal);
            match nal.first().map(|byte| byte & 31) {
                Some(7) => parameter_sets[0].push(nal.to_vec()),
                Some(8) => parameter_sets[1].push(nal.to_vec()),
                _ => {
                    sample.extend((nal.len() as u32).to_be_bytes());
                    sample.extend(nal);
                }
            }
        }
    }
    (sample, parameter_sets)
}

/// How the samples are coded, for the index.
fn sample_entry(width: u16, height: u16, [sps_list, pps_list]: ParameterSets) -> SampleEntry {
    let byte = |i: usize| sps_list.first().and_then(|sps| sps.get(i)).copied().unwrap_or_default();
    SampleEntry::Avc1(Avc1Box {
        visual: VisualSampleEntryFields {
            data_reference_index: VisualSampleEntryFields::DEFAULT_DATA_REFERENCE_INDEX,
            width,
            height,
            horizresolution: VisualSampleEntryFields::DEFAULT_HORIZRESOLUTION,
            vertresolution: VisualSampleEntryFields::DEFAULT_VERTRESOLUTION,
            frame_count: VisualSampleEntryFields::DEFAULT_FRAME_COUNT,
            compressorname: VisualSampleEntryFields::NULL_COMPRESSORNAME,
            depth: VisualSampleEntryFields::DEFAULT_DEPTH,
        },
        avcc_box: AvccBox {
            avc_profile_indication: byte(1),
            profile_compatibility: byte(2),
            avc_level_indication: byte(3),
            length_size_minus_one: Uint::new(3),
            sps_list,
            pps_list,
            chroma_format: None,
            bit_depth_luma_minus8: None,
            bit_depth_chroma_minus8: None,
            sps_ext_list: Vec::new(),
        },
        unknown_boxes: Vec::new(),
    })
}
