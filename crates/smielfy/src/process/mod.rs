//! One input through the whole pipeline: frames are read, faces are found and named, and what is asked for comes out: a
//! record a frame, and the picture or video with the answers drawn on it.

mod inputs;
mod output;
mod record;

pub use inputs::{Input, InputError, expand};
pub use output::{Output, OutputError, default_output};
pub use record::{Distribution, FaceRecord, FrameRecord};

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use smielfy_nets::NetError;
use smielfy_vision::{Detection, RgbImage};

use crate::{
    annotate::Mark,
    faces::{Detector, Tracker},
    frames::{Frame, FramesError, Problem, Source},
    recognize::Recognizer,
};

/// How long the last frame of a video is shown where nothing says it: a frame of 25 a second.
const USUAL_DURATION: Duration = Duration::from_millis(40);

/// What is looked for in each frame.
pub enum Eye {
    /// Faces alone.
    Detect(Detector),
    /// Faces and their smileys.
    Recognize(Recognizer),
}

/// An input that could not be done, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// A frame cannot be read.
    #[error(transparent)]
    Frames(#[from] FramesError),
    /// A net did not run.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The result cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Eye {
    /// The faces of a frame, each as a record and as a mark to draw; a `tracker` follows them from frame to frame.
    fn look(&self, image: &RgbImage, tracker: Option<&mut Tracker>) -> Result<Vec<(FaceRecord, Mark)>, NetError> {
        let found = |(id, face): (Option<u64>, Detection)| {
            (FaceRecord::of_detection(id, &face), Mark { bounds: face.bounds, title: String::new(), share: None })
        };
        Ok(match self {
            Self::Detect(detector) => detector.faces(image, tracker)?.into_iter().map(found).collect(),
            Self::Recognize(recognizer) => {
                let named = |face| (FaceRecord::of_recognition(face, recognizer.labels()), recognizer.mark(face));
                recognizer.look(image, tracker)?.iter().map(named).collect()
            }
        })
    }
}

/// Reads `source` to its end, or until `stop` is set: gives a record of each frame to `on_frame` and each frame with its
/// marks to `output`. A `tracker` follows the faces of a video. What was done before an error stays done: the video that was begun is ended and kept.
///
/// # Errors
/// [`ProcessError`]: the first error that ends the input; a damaged picture in a stream is passed over and told at the end.
pub fn process(
    mut source: Source,
    name: &str,
    eye: &Eye,
    mut tracker: Option<Tracker>,
    output: &mut Output,
    stop: &AtomicBool,
    mut on_frame: impl FnMut(&FrameRecord),
) -> Result<(), ProcessError> {
    let mut damage = None;
    let mut times = (Duration::ZERO, Duration::ZERO);
    for frame in source.by_ref() {
        match frame {
            Ok(frame) => {
                times = (times.1, frame.time);
                on_frame(&frame_through(frame, name, eye, tracker.as_mut(), output)?);
            }
            Err(error) => {
                let goes_on = matches!(error.problem, Problem::StreamPicture { .. });
                damage.get_or_insert(error);
                if !goes_on {
                    break;
                }
            }
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    let before_last = times.1.saturating_sub(times.0);
    let usual = if before_last.is_zero() { USUAL_DURATION } else { before_last };
    let finished = output.finish(source.last_duration().unwrap_or(usual));
    match damage {
        Some(error) => Err(error.into()),
        None => Ok(finished?),
    }
}

fn frame_through(
    mut frame: Frame,
    name: &str,
    eye: &Eye,
    tracker: Option<&mut Tracker>,
    output: &mut Output,
) -> Result<FrameRecord, ProcessError> {
    let (faces, marks): (Vec<FaceRecord>, Vec<Mark>) = eye.look(&frame.image, tracker)?.into_iter().unzip();
    let record = FrameRecord {
        input: name.to_owned(),
        frame: frame.index,
        time_s: frame.time.as_secs_f64(),
        width: frame.image.width(),
        height: frame.image.height(),
        faces,
    };
    output.write(&mut frame.image, frame.time, &marks)?;
    Ok(record)
}
