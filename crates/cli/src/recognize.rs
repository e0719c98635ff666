//! `smielfy recognize` and `smielfy detect`: inputs through the pipeline.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::Context;
use clap::Args;
use indicatif::ProgressBar;
use smielfy::{
    faces::Tracker,
    frames::{FrameRate, FramesError, Problem, Source, SourceKind, Timing},
    process::{Eye, FaceRecord, FrameRecord, Input, Output, default_output, expand, process},
    recognize::{Recognizer, RecognizerParams},
    smileys::Smileys,
};

use crate::{
    models::{DetectorArguments, ModelArguments, share},
    progress::{self, say},
};

/// Name of standard input.
const STDIN: &str = "-";

/// Find faces in pictures, videos and streams, and name the smiley that each is pulling.
#[derive(Args)]
#[command(after_help = "Examples:
  smielfy recognize me.jpg                          writes me.smiley.jpg
  smielfy recognize party/ -o answers/              a folder of pictures and videos
  smielfy recognize clip.mp4 -o out.mp4 --slow 4    four times slower, to follow it
  smielfy recognize clip.mp4 --json > faces.jsonl   a line of JSON a frame, no video
  ffmpeg -f v4l2 -i /dev/video0 -f mjpeg - | smielfy recognize - --json")]
pub struct RecognizeArguments {
    #[command(flatten)]
    inputs: InputArguments,
    #[command(flatten)]
    models: ModelArguments,
    #[command(flatten)]
    detector: DetectorArguments,
    /// Share of the vote from 0 to 1 below which the answer is \"cannot tell\"; by default that which keeps four fifths of the faces
    /// that the weights were validated by.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    floor: Option<f32>,
}

/// Find faces in pictures, videos and streams.
#[derive(Args)]
#[command(after_help = "Examples:\n  smielfy detect me.jpg\n  smielfy detect clip.mp4 --json > faces.jsonl")]
pub struct DetectArguments {
    #[command(flatten)]
    inputs: InputArguments,
    #[command(flatten)]
    models: ModelArguments,
    #[command(flatten)]
    detector: DetectorArguments,
}

/// What is read and where results go.
#[derive(Args)]
struct InputArguments {
    /// Pictures, videos, folders of them, or `-` for MJPEG or Y4M on standard input.
    #[arg(required = true)]
    input: Vec<PathBuf>,
    /// File for the annotated picture or video (.mp4), or a folder for several; `NAME.smiley.*` beside each input by default.
    #[arg(short, long)]
    out: Option<PathBuf>,
    /// Print a line of JSON a frame; annotated copies are then written only with `--out`.
    #[arg(long)]
    json: bool,
    /// Make annotated videos this many times slower.
    #[arg(long, value_name = "TIMES", default_value_t = 1.0, value_parser = slowness)]
    slow: f64,
    /// Search each frame of a video as if it were the first: slower, and without ids.
    #[arg(long)]
    no_tracking: bool,
    /// Frames a second of MJPEG on standard input; by default each has the time at which it arrives.
    #[arg(long, value_name = "RATE")]
    fps: Option<u32>,
}

fn slowness(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.01..=1000.0).contains(&value) { Ok(value) } else { Err("must lie between 0.01 and 1000".into()) }
}

pub fn recognize(arguments: &RecognizeArguments) -> anyhow::Result<ExitCode> {
    let smileys = arguments.models.smileys()?;
    let params = RecognizerParams { detector: arguments.detector.params(), floor: arguments.floor };
    let recognizer = Recognizer::new(&arguments.models.models()?, &smileys, params)?;
    run(&arguments.inputs, &Eye::Recognize(recognizer), &smileys)
}

pub fn detect(arguments: &DetectArguments) -> anyhow::Result<ExitCode> {
    let detector = arguments.models.models()?.detector(arguments.detector.params())?;
    run(&arguments.inputs, &Eye::Detect(detector), &arguments.models.smileys()?)
}

/// All inputs one after the other; one that fails is told and does not keep the others from being done. What lies in a folder beside
/// pictures and videos is told as well, but is no failure.
fn run(arguments: &InputArguments, eye: &Eye, smileys: &Smileys) -> anyhow::Result<ExitCode> {
    let stop = progress::stop_on_ctrl_c()?;
    let inputs = expand(&arguments.input);
    let several = inputs.len() > 1 || arguments.input.iter().any(|input| input.is_dir());
    let (mut failed, mut done) = (false, false);
    for input in inputs {
        let found_beside = input.as_ref().ok().filter(|input| !input.promises_frames()).map(Input::name);
        let result = input.map_err(Into::into).and_then(|input| one(arguments, &input, several, eye, smileys, &stop));
        match (result, found_beside) {
            (Ok(()), _) => done = true,
            (Err(error), _) if progress::is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
            (Err(error), Some(name)) if is_foreign(&error) => eprintln!("left out: `{name}` is neither a picture nor a video"),
            (Err(error), _) => {
                eprintln!("error: {}", progress::causes(&error));
                failed = true;
            }
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    let stopped = stop.load(Ordering::Relaxed);
    anyhow::ensure!(done || failed || stopped, "there is no picture and no video in what was given");
    Ok(progress::exit_code(stopped, failed))
}

/// Whether an error says that a file is neither a picture nor a video.
fn is_foreign(error: &anyhow::Error) -> bool {
    error.downcast_ref::<FramesError>().is_some_and(|error| matches!(error.problem, Problem::Unknown | Problem::Empty))
}

fn one(
    arguments: &InputArguments,
    input: &Input,
    several: bool,
    eye: &Eye,
    smileys: &Smileys,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let source = open(input, arguments.fps)?;
    let path = output_path(arguments, input, source.kind(), several);
    let mut output = match &path {
        Some(path) => Output::create(path, source.kind(), arguments.slow, input)?,
        None => Output::Nowhere,
    };
    let is_video = source.kind() != SourceKind::Picture;
    let bar = if is_video { progress::bar(source.expected_frames(), &input.name()) } else { ProgressBar::hidden() };
    let mut printing = Ok(());
    let tracker = (is_video && !arguments.no_tracking).then(Tracker::default);
    let result = process(source, &input.name(), eye, tracker, &mut output, stop, |record| {
        bar.inc(1);
        if printing.is_ok() {
            printing = show(arguments, record, is_video, smileys);
        }
        if printing.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
    });
    bar.finish_and_clear();
    printing?;
    result?;
    if let Some(path) = path.filter(|_| !arguments.json) {
        say(&bar, &format!("written `{}`", path.display()));
    }
    Ok(())
}

fn open(input: &Input, fps: Option<u32>) -> anyhow::Result<Source> {
    let Some(path) = input.path() else {
        let timing = match fps {
            Some(fps) => Timing::Rate(FrameRate::new(fps, 1).context("`--fps` must be at least 1")?),
            None => Timing::Arrival,
        };
        return Ok(Source::from_reader(io::stdin(), timing)?);
    };
    Ok(Source::open(&path)?)
}

/// Where the annotated copy goes, if one is wanted.
fn output_path(arguments: &InputArguments, input: &Input, kind: SourceKind, several: bool) -> Option<PathBuf> {
    if arguments.out.is_none() && (arguments.json || *input == Input::Stdin) {
        return None;
    }
    let out = arguments.out.as_deref();
    let is_folder = several || out.is_some_and(Path::is_dir);
    Some(default_output(input, kind, out, is_folder))
}

/// Prints a record: as JSON, or in words for pictures and streams; of a video, the copy says more than words.
fn show(arguments: &InputArguments, record: &FrameRecord, is_video: bool, smileys: &Smileys) -> anyhow::Result<()> {
    if arguments.json {
        progress::print(&serde_json::to_string(record)?)
    } else if is_video && record.input != STDIN {
        Ok(())
    } else {
        progress::print(&in_words(record, smileys))
    }
}

fn in_words(record: &FrameRecord, smileys: &Smileys) -> String {
    let faces: Vec<String> = record.faces.iter().map(|face| face_in_words(face, smileys)).collect();
    let faces = if faces.is_empty() { "no face".to_owned() } else { faces.join("; ") };
    let time = if record.input == STDIN { format!(" {:.2} s", record.time_s) } else { String::new() };
    format!("{}{time}: {faces}", record.input)
}

fn face_in_words(face: &FaceRecord, smileys: &Smileys) -> String {
    let place = format!("at {:.0},{:.0}, {:.0} px", face.x, face.y, face.side);
    let (Some(id), Some(share)) = (&face.smiley, face.share) else {
        return format!("face {place}, score {:.2}", face.score);
    };
    let emoticon = smileys.index_of(id).map_or("", |index| &smileys.get(index).emoticon);
    let percent = 100.0 * share;
    if face.cannot_tell == Some(true) {
        format!("cannot tell (at best {emoticon} {id}, {percent:.0} %) {place}")
    } else {
        format!("{emoticon} {id} {percent:.0} % {place}")
    }
}
