//! Times of MP4: from the composition time of a sample to when its picture is seen.
//!
//! Timescales and the edit list go in (ISO/IEC 14496-12, 8.6.6), a time since the start of the clip comes out, or nothing
//! for pictures that are cut off.

use super::super::error::Problem;
use shiguredo_mp4::boxes::ElstEntry;
use std::num::NonZeroU32;
use std::time::Duration;

/// A piece of the track that is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// Composition time at which it begins, in ticks.
    start: i64,
    /// Composition time at which it ends, in ticks; `i64::MAX` for the end of the track.
    end: i64,
    /// When it is seen, since the start of the clip.
    time: Duration,
}

/// The pieces of a track in their order in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    timescale: NonZeroU32,
    pieces: Vec<Piece>,
}

impl Timeline {
    /// The timeline of a track with `timescale` ticks a second, in a movie with `movie_timescale` ticks a second.
    ///
    /// # Errors
    /// The edit list shows pieces of the track out of their order.
    pub fn new(timescale: NonZeroU32, movie_timescale: NonZeroU32, edits: &[ElstEntry]) -> Result<Self, Problem> {
        let mut time = Duration::ZERO;
        let mut pieces: Vec<Piece> = Vec::new();
        for edit in edits {
            let length = ticks_to_time(i128::from(edit.edit_duration), movie_timescale);
            let start = edit.media_time;
            if start >= 0 {
                if pieces.last().is_some_and(|last| start < last.end) {
                    return Err(Problem::Unsupported { what: "an edit list out of order".to_owned() });
                }
                let ticks = time_to_ticks(length, timescale);
                let end = if ticks == 0 { i64::MAX } else { start.saturating_add(ticks) };
                pieces.push(Piece { start, end, time });
            }
            time = time.saturating_add(length);
        }
        Ok(Self { timescale, pieces })
    }

    /// A timeline without an edit list begins with the first picture, at composition time `first` in ticks.
    pub fn starting_at(mut self, first: i64) -> Self {
        if self.pieces.is_empty() {
            self.pieces.push(Piece { start: first, end: i64::MAX, time: Duration::ZERO });
        }
        self
    }

    /// When the picture with composition time `ticks` is seen; `None` if never.
    pub fn time(&self, ticks: i64) -> Option<Duration> {
        let piece = self.pieces.iter().find(|piece| (piece.start..piece.end).contains(&ticks))?;
        let inside = ticks_to_time(i128::from(ticks) - i128::from(piece.start), self.timescale);
        Some(piece.time.saturating_add(inside))
    }

    /// How long the picture is seen that has composition time `ticks` and a `duration` in ticks of its own.
    pub fn duration(&self, ticks: i64, duration: u32) -> Duration {
        let own = ticks_to_time(i128::from(duration), self.timescale);
        let piece = self.pieces.iter().find(|piece| (piece.start..piece.end).contains(&ticks));
        match piece {
            Some(piece) if piece.end < i64::MAX => {
                own.min(ticks_to_time(i128::from(piece.end) - i128::from(ticks), self.timescale))
            }
            _ => own,
        }
    }
}

/// A span of at least 0 `ticks` rounded to the nearest nanosecond.
fn ticks_to_time(ticks: i128, timescale: NonZeroU32) -> Duration {
    let timescale = u128::from(timescale.get());
    let nanoseconds = (ticks.unsigned_abs() * 1_000_000_000 + timescale / 2) / timescale;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// `time` rounded to the nearest tick.
fn time_to_ticks(time: Duration, timescale: NonZeroU32) -> i64 {
    let ticks = (time.as_nanos() * u128::from(timescale.get()) + 500_000_000) / 1_000_000_000;
    i64::try_from(ticks).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shiguredo_mp4::FixedPointNumber;

    const SCALE: NonZeroU32 = NonZeroU32::new(100).unwrap();
    const MOVIE: NonZeroU32 = NonZeroU32::new(1000).unwrap();

    fn edit(edit_duration: u64, media_time: i64) -> ElstEntry {
        ElstEntry { edit_duration, media_time, media_rate: FixedPointNumber::new(1, 0) }
    }

    #[test]
    fn edits_cut_and_delay() {
        let check = |edits: &[ElstEntry], ticks, expected: Option<u64>| {
            let timeline = Timeline::new(SCALE, MOVIE, edits).unwrap().starting_at(8);
            assert_eq!(timeline.time(ticks), expected.map(Duration::from_millis), "{edits:?} {ticks}");
        };
        check(&[], 8, Some(0));
        check(&[], 58, Some(500));
        check(&[edit(0, 20)], 19, None);
        check(&[edit(0, 20)], 20, Some(0));
        check(&[edit(500, 20)], 69, Some(490));
        check(&[edit(500, 20)], 70, None);
        check(&[edit(250, -1), edit(500, 20)], 20, Some(250));
        check(&[edit(100, 0), edit(100, 50)], 9, Some(90));
        check(&[edit(100, 0), edit(100, 50)], 30, None);
        check(&[edit(100, 0), edit(100, 50)], 51, Some(110));
    }

    #[test]
    fn edits_out_of_order_are_refused() {
        assert!(Timeline::new(SCALE, MOVIE, &[edit(100, 50), edit(100, 0)]).is_err());
    }

    #[test]
    fn the_last_picture_ends_with_its_piece() {
        let timeline = Timeline::new(SCALE, MOVIE, &[edit(500, 20)]).unwrap();
        assert_eq!(timeline.duration(60, 4), Duration::from_millis(40));
        assert_eq!(timeline.duration(68, 4), Duration::from_millis(20));
    }

    proptest! {
        #[test]
        fn any_edits_are_survived(edits: Vec<(u64, i64)>, ticks: i64, scale in 1u32.., movie in 1u32..) {
            let edits: Vec<_> = edits.into_iter().map(|(duration, time)| edit(duration, time)).collect();
            let scales = [scale, movie].map(|scale| NonZeroU32::new(scale).unwrap());
            if let Ok(timeline) = Timeline::new(scales[0], scales[1], &edits) {
                let timeline = timeline.starting_at(ticks);
                timeline.time(ticks);
                timeline.duration(ticks, scale);
            }
        }
    }
}
