//! One face through a clip: what the windows say of it frame by frame goes in, runs of frames in which it holds a pose come out.
//!
//! A run goes on as long as the vote stays near the mean of the run and does not jump. Frames near one of another pose are on the
//! way from pose to pose and belong to neither run.

use std::{collections::VecDeque, time::Duration};

use smielfy_nets::argmax;
use smielfy_vision::BoundingBox;

use super::{
    LabelError, Moment,
    pictures::{Chosen, Crop, Sampler},
};

/// Total variation distance to the run's mean vote at which another pose begins. This and the numbers below were chosen on rendered
/// clips with their truth, see `results/label.csv`.
const MAX_DRIFT: f32 = 0.2;
/// Total variation distance to the vote of the frame before at which another pose begins.
const MAX_JUMP: f32 = 0.15;
/// Frames that the mean vote remembers.
const MEMORY: u32 = 12;
/// Frames closer to another pose than this are on the way to it.
const MARGIN: Duration = Duration::from_millis(100);
/// Runs shorter than this, from the last frame before to the first frame behind, are no pose that anybody holds.
const MIN_EXTENT: Duration = Duration::from_millis(280);

/// What is seen of a face in a frame.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub frame: u64,
    pub time: Duration,
    pub square: BoundingBox,
    /// Share of each smiley.
    pub distribution: Vec<f32>,
    /// The face's part of the frame, if there is any.
    pub crop: Option<Crop>,
}

/// A run that has ended.
#[derive(Debug)]
pub(super) struct Run {
    pub first: Moment,
    pub last: Moment,
    pub frames: u64,
    /// Mean share of each smiley.
    pub distribution: Vec<f32>,
    pub pictures: Vec<Chosen>,
}

/// Cuts the frames of one face into runs.
#[derive(Debug, Default)]
pub(super) struct Segmenter {
    open: Option<Open>,
}

/// A run under way.
#[derive(Debug)]
struct Open {
    /// When another pose was last seen before it; `None` where it begins with the clip or the face.
    after: Option<Duration>,
    /// The vote that frames are compared with, and how many frames made it.
    mean: (Vec<f32>, u32),
    latest: Vec<f32>,
    latest_time: Duration,
    /// Frames that may still turn out to be on the way to another pose.
    pending: VecDeque<Sight>,
    kept: Kept,
}

/// The frames that a run is sure of.
#[derive(Debug, Default)]
struct Kept {
    ends: Option<(Moment, Moment)>,
    start: Duration,
    frames: u64,
    sum: Vec<f32>,
    sampler: Sampler,
}

impl Segmenter {
    /// Adds the face's next frame; gives the run that it ends, if it does.
    pub(super) fn add(&mut self, sight: Sight) -> Result<Option<Run>, LabelError> {
        match &mut self.open {
            Some(open) if open.goes_on_with(&sight.distribution) => open.push(sight).map(|()| None),
            _ => {
                let before = self.open.as_ref().map(|open| open.latest_time);
                let ended = self.end(Some(sight.time))?;
                self.open = Some(Open::new(sight, before));
                Ok(ended)
            }
        }
    }

    /// Ends the run under way: at `next` another pose or nothing is seen, or the clip ends where that is `None`.
    pub(super) fn end(&mut self, next: Option<Duration>) -> Result<Option<Run>, LabelError> {
        self.open.take().map_or(Ok(None), |open| open.end(next))
    }
}

impl Open {
    fn new(sight: Sight, after: Option<Duration>) -> Self {
        Self {
            after,
            mean: (sight.distribution.clone(), 1),
            latest: sight.distribution.clone(),
            latest_time: sight.time,
            kept: Kept { start: sight.time, ..Kept::default() },
            pending: VecDeque::from([sight]),
        }
    }

    fn goes_on_with(&self, distribution: &[f32]) -> bool {
        distance(distribution, &self.mean.0) < MAX_DRIFT && distance(distribution, &self.latest) < MAX_JUMP
    }

    fn push(&mut self, sight: Sight) -> Result<(), LabelError> {
        let (mean, count) = &mut self.mean;
        *count = (*count + 1).min(MEMORY);
        let step = 1.0 / *count as f32;
        mean.iter_mut().zip(&sight.distribution).for_each(|(mean, share)| *mean += (share - *mean) * step);
        self.latest.clone_from(&sight.distribution);
        self.latest_time = sight.time;
        self.pending.push_back(sight);
        self.keep_until(self.latest_time.saturating_sub(MARGIN))
    }

    /// Keeps the frames up to `limit`, but for those too close to the pose before.
    fn keep_until(&mut self, limit: Duration) -> Result<(), LabelError> {
        while self.pending.front().is_some_and(|sight| sight.time <= limit) {
            let Some(sight) = self.pending.pop_front() else { break };
            if self.after.is_none_or(|after| sight.time >= after + MARGIN) {
                self.kept.add(&sight)?;
            }
        }
        Ok(())
    }

    fn end(mut self, next: Option<Duration>) -> Result<Option<Run>, LabelError> {
        self.keep_until(next.map_or(Duration::MAX, |next| next.saturating_sub(MARGIN)))?;
        let start = self.after.unwrap_or(self.kept.start);
        if next.is_some_and(|next| next.saturating_sub(start) < MIN_EXTENT) {
            return Ok(None);
        }
        Ok(self.kept.finish())
    }
}

impl Kept {
    fn add(&mut self, sight: &Sight) -> Result<(), LabelError> {
        let moment = Moment { frame: sight.frame, time_s: sight.time.as_secs_f64() };
        self.ends = Some((self.ends.map_or(moment, |(first, _)| first), moment));
        self.frames += 1;
        self.sum.resize(sight.distribution.len(), 0.0);
        self.sum.iter_mut().zip(&sight.distribution).for_each(|(sum, share)| *sum += share);
        self.sampler.show(moment, sight.square, &sight.distribution, sight.crop.as_ref())
    }

    /// The run of these frames; `None` where there is no picture of it.
    fn finish(self) -> Option<Run> {
        let (first, last) = self.ends?;
        let pictures = self.sampler.finish();
        let distribution = self.sum.iter().map(|sum| sum / self.frames as f32).collect();
        (!pictures.is_empty()).then_some(Run { first, last, frames: self.frames, distribution, pictures })
    }
}

impl Run {
    /// Index of the smiley with the highest mean share, and that share.
    pub(super) fn proposal(&self) -> (usize, f32) {
        let winner = argmax(&self.distribution);
        (winner, self.distribution[winner])
    }

    /// Index of the picture whose vote is most like the mean; of equals the one nearest to the middle.
    pub(super) fn representative(&self) -> usize {
        let middle = self.pictures.len() / 2;
        let key = |index: &usize| (distance(&self.pictures[*index].distribution, &self.distribution), index.abs_diff(middle));
        let order = |a: &usize, b: &usize| key(a).0.total_cmp(&key(b).0).then(key(a).1.cmp(&key(b).1));
        (0..self.pictures.len()).min_by(order).unwrap_or(0)
    }
}

/// Total variation distance of two distributions, `0..=1`.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use smielfy_vision::RgbImage;

    /// Runs of a face whose frames show these poses, as (first frame, last frame, winner).
    fn runs(poses: &[usize], frame_ms: u64) -> Vec<(u64, u64, usize)> {
        let frame = RgbImage::new(40, 40);
        let mut segmenter = Segmenter::default();
        let mut found = Vec::new();
        for (number, &pose) in (0..).zip(poses) {
            let mut distribution = vec![0.05; 4];
            distribution[pose] = 0.85;
            let square = BoundingBox::new(10.0, 10.0, 20.0);
            let time = Duration::from_millis(number * frame_ms);
            found.extend(
                segmenter.add(Sight { frame: number, time, square, distribution, crop: Crop::of(&frame, square) }).unwrap(),
            );
        }
        found.extend(segmenter.end(None).unwrap());
        found.iter().map(|run| (run.first.frame, run.last.frame, run.proposal().0)).collect()
    }

    #[test]
    fn poses_are_told_apart_and_what_is_on_the_way_is_left_out() {
        let poses = [vec![0; 20], vec![1; 20], vec![2; 3], vec![3; 20]].concat();
        assert_eq!(runs(&poses, 40), [(0, 17, 0), (22, 37, 1), (45, 62, 3)], "three frames are too short");
    }

    #[test]
    fn nothing_depends_on_the_frame_rate() {
        assert_eq!(
            runs(&[0, 1, 1, 2], 500),
            [(0, 0, 0), (1, 2, 1), (3, 3, 2)],
            "frames half a second apart are poses of their own"
        );
        assert_eq!(runs(&[2], 40), [(0, 0, 2)], "a picture is a stretch");
        assert_eq!(runs(&[], 40), []);
    }
}
