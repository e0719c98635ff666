//! How fast the pipeline is: frames go in, the time of each stage comes out.
//!
//! All times are processor time of the process, decoding left out, so that other work on the machine disturbs them less.

use cpu_time::ProcessTime;
use serde::Serialize;
use smielfy_nets::{NetError, peak_multiply_adds};
use smielfy_vision::RgbImage;

use super::EvaluateError;
use crate::{
    faces::{self, Detector, Tracker},
    recognize::{self, Recognizer},
};

/// Frames that are done once before anything is timed.
const WARM_UP: usize = 5;

/// The stages of a frame, in their order.
const STAGES: [&str; 6] = ["pyramid", "first stage", "second stage", "calibration", "verification", "vote"];

/// What a number of frames took, each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Times {
    /// Milliseconds that half of the frames took at most.
    pub median_ms: f64,
    /// Milliseconds that 95 % of the frames took at most.
    pub p95_ms: f64,
}

/// What a stage took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageSpeed {
    /// Its name.
    pub stage: &'static str,
    /// Milliseconds a frame.
    #[serde(flatten)]
    pub times: Times,
    /// Share of all time.
    pub share: f64,
    /// Multiply-adds a second as a share of what one thread reaches in a loop of nothing else; none for what is no net.
    pub of_peak: Option<f64>,
}

/// How fast the pipeline is on some frames.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpeedFigures {
    /// Number of frames.
    pub frames: usize,
    /// Faces found in a frame, on average.
    pub faces: f64,
    /// What each stage took where each frame is searched for itself.
    pub stages: Vec<StageSpeed>,
    /// All but the vote.
    pub detection: Times,
    /// Everything.
    pub picture: Times,
    /// Everything, where faces are followed from frame to frame.
    pub video: Times,
    /// Multiply-adds a second that one thread reaches.
    pub peak_multiply_adds: f64,
}

/// Times of a frame in milliseconds and the multiply-adds of its stages.
#[derive(Default)]
struct FrameCost {
    ms: [f64; STAGES.len()],
    multiply_adds: [usize; STAGES.len()],
    faces: usize,
}

impl Times {
    fn of(mut ms: Vec<f64>) -> Self {
        ms.sort_by(f64::total_cmp);
        let at = |share: f64| ms[((ms.len() as f64 * share) as usize).min(ms.len() - 1)];
        Self { median_ms: at(0.5), p95_ms: at(0.95) }
    }
}

/// Measures a recognizer on `frames` of a clip; `on_frame` is called after each that is done, twice a frame.
///
/// # Errors
/// [`EvaluateError::Nothing`] without frames, [`EvaluateError::Net`] if a net does not run.
pub fn measure_speed(recognizer: &Recognizer, frames: &[RgbImage], on_frame: impl Fn()) -> Result<SpeedFigures, EvaluateError> {
    if frames.is_empty() {
        return Err(EvaluateError::Nothing);
    }
    let video = |frames: &[RgbImage]| -> Result<Vec<f64>, NetError> {
        let mut tracker = Tracker::default();
        frames.iter().map(|frame| followed(recognizer, &mut tracker, frame).inspect(|_| on_frame())).collect()
    };
    video(&frames[..frames.len().min(WARM_UP)])?;
    let costs: Vec<FrameCost> =
        frames.iter().map(|frame| searched(recognizer, frame).inspect(|_| on_frame())).collect::<Result<_, _>>()?;
    let followed = Times::of(video(frames)?);
    let times =
        |stages: std::ops::Range<usize>| Times::of(costs.iter().map(|cost| cost.ms[stages.clone()].iter().sum()).collect());
    let peak = peak_multiply_adds();
    Ok(SpeedFigures {
        frames: frames.len(),
        faces: costs.iter().map(|cost| cost.faces).sum::<usize>() as f64 / frames.len() as f64,
        stages: (0..STAGES.len()).map(|stage| stage_speed(&costs, stage, times(stage..stage + 1), peak)).collect(),
        detection: times(0..STAGES.len() - 1),
        picture: times(0..STAGES.len()),
        video: followed,
        peak_multiply_adds: peak,
    })
}

fn stage_speed(costs: &[FrameCost], stage: usize, times: Times, peak: f64) -> StageSpeed {
    let ms: f64 = costs.iter().map(|cost| cost.ms[stage]).sum();
    let all: f64 = costs.iter().flat_map(|cost| cost.ms).sum();
    let multiply_adds: usize = costs.iter().map(|cost| cost.multiply_adds[stage]).sum();
    let of_peak = (multiply_adds > 0).then(|| multiply_adds as f64 / (ms / 1000.0) / peak);
    StageSpeed { stage: STAGES[stage], times, share: ms / all, of_peak }
}

/// One frame searched for itself, stage by stage.
fn searched(recognizer: &Recognizer, frame: &RgbImage) -> Result<FrameCost, NetError> {
    let detector = recognizer.detector();
    let mut cost = FrameCost::default();
    let mut lap = Lap(ProcessTime::now());
    let pyramid = detector.pyramid(frame);
    cost.ms[0] = lap.ms();
    let proposed = detector.propose(&pyramid)?;
    cost.ms[1] = lap.ms();
    let accepted = detector.accept(frame, &proposed)?;
    cost.ms[2] = lap.ms();
    let settled = detector.settle(frame, &accepted)?;
    cost.ms[3] = lap.ms();
    let found = detector.verify(frame, &settled)?;
    cost.ms[4] = lap.ms();
    for face in &found {
        recognizer.recognize(frame, *face)?;
    }
    cost.ms[5] = lap.ms();
    let nets = detector.nets();
    cost.multiply_adds = [
        0,
        faces::multiply_adds(&nets.proposals.card().spec, &pyramid)?,
        proposed.len() * nets.faces.card().spec.multiply_adds()?,
        accepted.len() * nets.calibration.card().spec.multiply_adds()?,
        settled.len() * Detector::looks() * nets.verification.card().spec.multiply_adds()?,
        found.len() * recognize::multiply_adds(recognizer.smile_net())?,
    ];
    cost.faces = found.len();
    Ok(cost)
}

/// Milliseconds of one frame of a video.
fn followed(recognizer: &Recognizer, tracker: &mut Tracker, frame: &RgbImage) -> Result<f64, NetError> {
    let mut lap = Lap(ProcessTime::now());
    recognizer.look(frame, Some(tracker))?;
    Ok(lap.ms())
}

/// Processor time from one call to the next.
struct Lap(ProcessTime);

impl Lap {
    fn ms(&mut self) -> f64 {
        let now = ProcessTime::now();
        let ms = now.duration_since(self.0).as_secs_f64() * 1000.0;
        self.0 = now;
        ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{recognize::Models, recognize::RecognizerParams, smileys::Smileys};

    #[test]
    fn quantiles_are_those_of_the_sorted_times() {
        let times = Times::of((1..=100).rev().map(f64::from).collect());
        assert_eq!((times.median_ms, times.p95_ms), (51.0, 96.0));
        assert_eq!(Times::of(vec![7.0]), Times { median_ms: 7.0, p95_ms: 7.0 });
    }

    #[test]
    fn the_stages_make_up_the_whole() {
        let recognizer = Recognizer::new(&Models::default(), &Smileys::default(), RecognizerParams::default()).unwrap();
        let frames = vec![RgbImage::new(120, 90); 3];
        let figures = measure_speed(&recognizer, &frames, || {}).unwrap();
        assert_eq!((figures.frames, figures.faces), (3, 0.0));
        assert!((figures.stages.iter().map(|stage| stage.share).sum::<f64>() - 1.0).abs() < 1e-6);
        let nets: Vec<bool> = figures.stages.iter().map(|stage| stage.of_peak.is_some()).collect();
        assert_eq!(nets, [false, true, false, false, false, false], "a frame without faces ends behind the first stage");
        assert!(matches!(measure_speed(&recognizer, &[], || {}), Err(EvaluateError::Nothing)));
    }
}
