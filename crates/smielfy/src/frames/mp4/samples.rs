//! The samples of a track: where each one lies in the file and when it is shown.
//!
//! Sample tables or fragments go in (ISO/IEC 14496-12, 8.6 to 8.8), a list in decoding order comes out.

use super::super::error::Problem;
use super::boxes::{boxes, find};
use super::track::decode;
use shiguredo_mp4::Decode;
use shiguredo_mp4::boxes::{Co64Box, CttsBox, StcoBox, StscBox, StszBox, SttsBox, TfdtBox, TfhdBox, TrunBox};

/// Most samples of a track: 19 hours at 60 a second, in 128 MiB.
pub const MAX_SAMPLES: usize = 1 << 22;

/// One sample, which is one coded picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Place of its first byte in the file.
    pub offset: u64,
    /// Number of its bytes.
    pub size: u32,
    /// Composition time in ticks.
    pub time: i64,
    /// Duration in ticks.
    pub duration: u32,
}

/// The samples that the content of a `stbl` box lists; none if the track is in fragments only.
///
/// # Errors
/// A table cannot be read or lists too many samples.
pub fn samples(table: &[u8]) -> Result<Vec<Sample>, Problem> {
    let sizes = sizes(table)?;
    let mut times = times(table)?;
    let places = places(table, &sizes)?;
    // Tables that end early are padded with their last duration, as players do.
    let mut next = |previous: &mut (i64, u32, i64)| {
        *previous = times.next().unwrap_or((previous.0.saturating_add(i64::from(previous.1)), previous.1, previous.2));
        *previous
    };
    let mut previous = (0, 0, 0);
    let samples = sizes.into_iter().zip(places).map(|(size, offset)| {
        let (time, duration, shift) = next(&mut previous);
        Sample { offset, size, time: time.saturating_add(shift), duration }
    });
    Ok(samples.collect())
}

/// Sizes of all samples in bytes.
fn sizes(table: &[u8]) -> Result<Vec<u32>, Problem> {
    let sizes = match decode(table, *b"stsz")? {
        StszBox::Variable { entry_sizes } => entry_sizes,
        StszBox::Fixed { sample_size, sample_count } => {
            vec![sample_size.get(); (sample_count as usize).min(MAX_SAMPLES + 1)]
        }
    };
    check_count(sizes.len())?;
    Ok(sizes)
}

fn check_count(count: usize) -> Result<(), Problem> {
    if count > MAX_SAMPLES {
        return Err(Problem::damaged("box stsz", format!("it claims more than {MAX_SAMPLES} frames")));
    }
    Ok(())
}

/// Decoding time, duration and composition offset of each sample, in ticks.
fn times(table: &[u8]) -> Result<impl Iterator<Item = (i64, u32, i64)>, Problem> {
    let durations: SttsBox = decode(table, *b"stts")?;
    let offsets = match find(table, *b"ctts") {
        Some(_) => decode::<CttsBox>(table, *b"ctts")?.entries,
        None => Vec::new(),
    };
    let offsets = offsets
        .into_iter()
        .flat_map(|entry| std::iter::repeat_n(entry.sample_offset, entry.sample_count as usize))
        .chain(std::iter::repeat(0));
    let durations =
        durations.entries.into_iter().flat_map(|entry| std::iter::repeat_n(entry.sample_delta, entry.sample_count as usize));
    Ok(durations.zip(offsets).scan(0i64, |time, (duration, offset)| {
        let start = *time;
        *time = time.saturating_add(i64::from(duration));
        Some((start, duration, offset))
    }))
}

/// Places of the samples of `sizes` in the file.
fn places(table: &[u8], sizes: &[u32]) -> Result<Vec<u64>, Problem> {
    let chunks: Vec<u64> = match find(table, *b"co64") {
        Some(_) => decode::<Co64Box>(table, *b"co64")?.chunk_offsets,
        None => decode::<StcoBox>(table, *b"stco")?.chunk_offsets.into_iter().map(u64::from).collect(),
    };
    let runs = decode::<StscBox>(table, *b"stsc")?.entries;
    let mut places = Vec::with_capacity(sizes.len());
    let mut run = 0;
    for (number, mut place) in (1u32..).zip(chunks) {
        while runs.get(run + 1).is_some_and(|next| next.first_chunk.get() <= number) {
            run += 1;
        }
        let count = runs.get(run).map_or(0, |run| run.sample_per_chunk as usize);
        for &size in sizes[places.len()..].iter().take(count) {
            places.push(place);
            place = place.saturating_add(u64::from(size));
        }
    }
    Ok(places)
}

/// What fragments of a track leave out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FragmentDefaults {
    /// Duration in ticks.
    pub duration: u32,
    /// Size in bytes.
    pub size: u32,
}

/// Adds the samples of track `id` in the content of a `moof` box, which begins at `moof_place` in the file.
///
/// # Errors
/// A box cannot be read, or there are too many samples.
pub fn add_fragment(
    samples: &mut Vec<Sample>,
    moof: &[u8],
    moof_place: u64,
    id: u32,
    defaults: FragmentDefaults,
) -> Result<(), Problem> {
    let mut end = moof_place;
    for fragment in boxes(moof).filter(|found| &found.name == b"traf") {
        let header: TfhdBox = decode(fragment.content, *b"tfhd")?;
        let base = match header.base_data_offset {
            Some(base) => base,
            None if header.default_base_is_moof => moof_place,
            None => end,
        };
        let defaults = FragmentDefaults {
            duration: header.default_sample_duration.unwrap_or(defaults.duration),
            size: header.default_sample_size.unwrap_or(defaults.size),
        };
        let run_samples = run_samples(fragment.content, base, defaults, samples.last())?;
        end = run_samples.last().map_or(base, |last| last.offset.saturating_add(u64::from(last.size)));
        if header.track_id == id {
            check_count(samples.len() + run_samples.len())?;
            samples.extend(run_samples);
        }
    }
    Ok(())
}

/// The samples in the runs of a `traf` box; without a time of its own it follows `previous`.
fn run_samples(
    fragment: &[u8],
    base: u64,
    defaults: FragmentDefaults,
    previous: Option<&Sample>,
) -> Result<Vec<Sample>, Problem> {
    let after = previous.map_or(0, |sample| sample.time.saturating_add(i64::from(sample.duration)));
    let start = decode::<TfdtBox>(fragment, *b"tfdt").map(|start| start.base_media_decode_time);
    let mut time = start.map_or(after, |start| i64::try_from(start).unwrap_or(i64::MAX));
    let mut place = base;
    let mut samples = Vec::new();
    for run in boxes(fragment).filter(|found| &found.name == b"trun") {
        let (run, _) = TrunBox::decode(run.whole).map_err(|error| Problem::damaged("box trun", error.to_string()))?;
        check_count(samples.len() + run.samples.len())?;
        if let Some(offset) = run.data_offset {
            place = base.saturating_add_signed(i64::from(offset));
        }
        for sample in run.samples {
            let size = sample.size.unwrap_or(defaults.size);
            let duration = sample.duration.unwrap_or(defaults.duration);
            let shift = sample.composition_time_offset.unwrap_or(0);
            samples.push(Sample { offset: place, size, time: time.saturating_add(shift), duration });
            place = place.saturating_add(u64::from(size));
            time = time.saturating_add(i64::from(duration));
        }
    }
    Ok(samples)
}
