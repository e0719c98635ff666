//! Frame rates.

use std::num::NonZeroU32;
use std::time::Duration;

/// Frames a second, as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate {
    frames: NonZeroU32,
    seconds: NonZeroU32,
}

impl FrameRate {
    /// `frames` in so many `seconds`; `None` if one of them is 0. 30 frames in 1 second, or 30,000 in 1,001.
    pub fn new(frames: u32, seconds: u32) -> Option<Self> {
        Some(Self { frames: NonZeroU32::new(frames)?, seconds: NonZeroU32::new(seconds)? })
    }

    /// When frame `index` is seen, counted from 0, to the nearest nanosecond.
    pub fn time(self, index: u64) -> Duration {
        let frames = u128::from(self.frames.get());
        let nanoseconds = u128::from(index) * u128::from(self.seconds.get()) * 1_000_000_000;
        Duration::from_nanos(u64::try_from((nanoseconds + frames / 2) / frames).unwrap_or(u64::MAX))
    }
}

impl Default for FrameRate {
    /// 25 frames a second, which `ffmpeg` takes as well for streams that do not say.
    fn default() -> Self {
        Self { frames: NonZeroU32::MIN.saturating_add(24), seconds: NonZeroU32::MIN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_do_not_drift() {
        let rate = FrameRate::new(30_000, 1001).unwrap();
        assert_eq!(rate.time(0), Duration::ZERO);
        assert_eq!(rate.time(1), Duration::from_nanos(33_366_667));
        assert_eq!(rate.time(30_000), Duration::from_secs(1001));
        assert_eq!(FrameRate::default().time(25), Duration::from_secs(1));
        assert_eq!(FrameRate::new(0, 1), None);
    }
}
