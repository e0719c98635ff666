//! One clip to stretches: frames are read one by one, faces followed, votes cut into runs.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    FoundStretch, FramePicture, LabelError, Moment, Stretch,
    pictures::{Chosen, Crop},
    segment::{Run, Segmenter, Sight},
};
use crate::{
    faces::{Tracked, Tracker},
    frames::{Frame, Problem, Source},
    recognize::Recognizer,
};

/// Frames that a face may be out of sight within a stretch, as many as the tracker waits for it.
const MAX_UNSEEN: u32 = 2;

/// After how long all stretches under way are ended, so that an analysis that was killed goes on from there.
const SECTION: Duration = Duration::from_mins(1);

/// Where an analysis begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Start {
    /// Number of the first frame that is looked at; those before are decoded alone.
    pub frame: u64,
    /// Number of the first face that is found.
    pub track: u64,
}

/// What an analysis tells while it goes on.
#[derive(Debug)]
pub enum Found {
    /// A frame was looked at.
    Frame(Moment),
    /// A stretch has ended.
    Stretch(FoundStretch),
    /// All of the clip before this is done, and no stretch is under way.
    Section(Start),
}

/// Is told what an analysis finds; its error ends the analysis.
pub type OnFound<'a> = dyn FnMut(Found) -> Result<(), LabelError> + 'a;

/// Looks at the frames of `source`, the clip `clip`, from `start` on, until its end or until `stop` is set; true at the end. A picture
/// of a stream that cannot be decoded is passed over.
///
/// # Errors
/// [`LabelError`] if frames cannot be read, nets do not run or `on_found` fails. What was found before stays found: in a damaged clip,
/// stretches up to the damage are given before the error is.
pub fn analyze(
    mut source: Source,
    clip: &str,
    recognizer: &Recognizer,
    start: Start,
    stop: &AtomicBool,
    on_found: &mut OnFound<'_>,
) -> Result<bool, LabelError> {
    let mut analysis =
        Analysis { clip, recognizer, tracker: Tracker::default(), start, faces: BTreeMap::new(), next_track: start.track };
    let mut section_end = None;
    for frame in source.by_ref() {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) if matches!(error.problem, Problem::StreamPicture { .. }) => continue,
            Err(error) => {
                analysis.end_all(on_found)?;
                return Err(error.into());
            }
        };
        let is_stopped = stop.load(Ordering::Relaxed);
        if frame.index < start.frame && !is_stopped {
            continue;
        }
        let is_over = frame.time >= *section_end.get_or_insert(frame.time + SECTION);
        if frame.index > start.frame && (is_over || is_stopped) {
            analysis.end_all(on_found)?;
            on_found(Found::Section(Start { frame: frame.index, track: analysis.next_track }))?;
            section_end = Some(frame.time + SECTION);
        }
        if is_stopped {
            return Ok(false);
        }
        analysis.look(&frame, on_found)?;
    }
    analysis.end_all(on_found)?;
    Ok(true)
}

/// The faces of a clip so far.
struct Analysis<'a> {
    clip: &'a str,
    recognizer: &'a Recognizer,
    tracker: Tracker,
    start: Start,
    faces: BTreeMap<u64, Face>,
    next_track: u64,
}

/// A face that is followed.
#[derive(Default)]
struct Face {
    segmenter: Segmenter,
    unseen: u32,
    /// When it was missed first.
    missed: Option<Duration>,
}

impl Analysis<'_> {
    fn look(&mut self, frame: &Frame, on_found: &mut OnFound<'_>) -> Result<(), LabelError> {
        self.faces.values_mut().for_each(|face| {
            face.unseen += 1;
            face.missed.get_or_insert(frame.time);
        });
        for tracked in self.tracker.next(self.recognizer.detector(), &frame.image)? {
            let track = self.start.track + tracked.id;
            self.next_track = self.next_track.max(track + 1);
            let sight = self.sight(frame, tracked)?;
            let face = self.faces.entry(track).or_default();
            (face.unseen, face.missed) = (0, None);
            if let Some(run) = face.segmenter.add(sight)? {
                on_found(Found::Stretch(self.stretch(track, run)))?;
            }
        }
        let lost: Vec<u64> = self.faces.iter().filter(|(_, face)| face.unseen > MAX_UNSEEN).map(|(track, _)| *track).collect();
        for track in lost {
            let Some(mut face) = self.faces.remove(&track) else { continue };
            if let Some(run) = face.segmenter.end(face.missed)? {
                on_found(Found::Stretch(self.stretch(track, run)))?;
            }
        }
        on_found(Found::Frame(Moment { frame: frame.index, time_s: frame.time.as_secs_f64() }))
    }

    fn sight(&self, frame: &Frame, tracked: Tracked) -> Result<Sight, LabelError> {
        let square = tracked.face.bounds;
        let distribution = self.recognizer.recognize(&frame.image, tracked.face)?.vote.distribution;
        Ok(Sight { frame: frame.index, time: frame.time, square, distribution, crop: Crop::of(&frame.image, square) })
    }

    /// Ends the stretches of all faces; the faces are followed on.
    fn end_all(&mut self, on_found: &mut OnFound<'_>) -> Result<(), LabelError> {
        let mut faces = std::mem::take(&mut self.faces);
        for (track, face) in &mut faces {
            if let Some(run) = face.segmenter.end(face.missed)? {
                on_found(Found::Stretch(self.stretch(*track, run)))?;
            }
        }
        self.faces = faces;
        Ok(())
    }

    fn stretch(&self, track: u64, run: Run) -> FoundStretch {
        let (winner, share) = run.proposal();
        let representative = run.representative();
        let id = format!("{}-{track}-{}", self.clip, run.first.frame);
        let (pictures, jpegs) = run.pictures.into_iter().map(|chosen| picture(&id, chosen)).unzip();
        let stretch = Stretch {
            clip: self.clip.to_owned(),
            track,
            first: run.first,
            last: run.last,
            frames: run.frames,
            proposal: self.recognizer.labels()[winner].clone(),
            share,
            pictures,
            representative,
            id,
        };
        FoundStretch { stretch, jpegs }
    }
}

/// The picture as it is known and its bytes.
fn picture(stretch: &str, chosen: Chosen) -> (FramePicture, Vec<u8>) {
    let Chosen { moment, square, corner: (left, top), size: (width, height), jpeg, .. } = chosen;
    let file = format!("{stretch}-{}.jpg", moment.frame);
    (FramePicture { file, moment, left, top, width, height, square }, jpeg)
}
