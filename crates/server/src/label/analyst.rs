//! The analyst: goes through the clips, one after the other, and puts what is found on the desk.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use smielfy::{
    frames::Source,
    label::{ClipState, Found, LabelError, analyze},
    recognize::Recognizer,
};

use super::desk::Desk;

/// Goes through `clips` until all are done or `stop` is set. What cannot be read is told on the page; the others are done.
pub fn work(desk: &Desk, recognizer: &Recognizer, clips: &[PathBuf], stop: &AtomicBool) {
    let sizes: Vec<u64> = clips.iter().map(|path| fs::metadata(path).map_or(1, |data| data.len().max(1))).collect();
    let total = sizes.iter().sum::<u64>() as f64;
    desk.progress().clips = clips.len();
    let mut before = 0;
    for (path, size) in clips.iter().zip(&sizes) {
        let part = Part { start: before as f64 / total, length: *size as f64 / total };
        if let Err(error) = one(desk, recognizer, path, part, stop) {
            desk.progress().problems.push(problem(path, &error));
        }
        if stop.load(Ordering::Relaxed) {
            return;
        }
        before += size;
        let mut progress = desk.progress();
        progress.done += 1;
        progress.share = before as f64 / total;
    }
    desk.progress().is_done = true;
}

/// The part of all work that a clip is, as shares of it.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: f64,
    length: f64,
}

/// Goes through a clip from where it was left; one that turns out to be damaged is noted as done up to there.
fn one(desk: &Desk, recognizer: &Recognizer, path: &Path, part: Part, stop: &AtomicBool) -> Result<(), LabelError> {
    desk.progress().clip = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (id, state) = desk.session().add_clip(path)?;
    let start = match state {
        ClipState::Until(start) => start,
        ClipState::Done => return Ok(()),
        ClipState::Damaged(why) => {
            desk.progress().problems.push(why);
            return Ok(());
        }
    };
    let began = Instant::now();
    let on_found = &mut |found: Found, expected: Option<u64>| match found {
        Found::Frame(moment) => {
            let share = |frame: u64| part.start + part.length * expected.map_or(0.0, |count| frame as f64 / count.max(1) as f64);
            desk.progress().note(share(moment.frame + 1).min(1.0), share(start.frame), began);
            Ok(())
        }
        Found::Stretch(found) => desk.session().add(&found).map(drop),
        Found::Section(start) => desk.session().note(&id, ClipState::Until(start)),
    };
    // What cannot be opened is tried again next time: perhaps there is an `ffmpeg` then.
    let source = Source::open(path)?;
    let expected = source.expected_frames();
    let analyzed = analyze(source, &id, recognizer, start, stop, &mut |found| on_found(found, expected));
    match analyzed {
        Ok(true) => desk.session().note(&id, ClipState::Done),
        Ok(false) => Ok(()),
        Err(LabelError::Frames(error)) => {
            desk.session().note(&id, ClipState::Damaged(error.to_string()))?;
            Err(error.into())
        }
        Err(error) => Err(error),
    }
}

/// What is said of a clip that cannot be done.
fn problem(path: &Path, error: &LabelError) -> String {
    match error {
        LabelError::Frames(_) | LabelError::File { .. } => error.to_string(),
        _ => format!("{}: {error}", path.display()),
    }
}
