//! Datasets of renders: people without number in, a folder that trains as it is out.
//!
//! `manifest.csv` and `images/` are as in every dataset of smileys; `truth.jsonl` has a line a picture with all that is known.
//! Lines are added as pictures are done, so that what a kill leaves is a smaller dataset.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use rayon::prelude::*;
use serde::Serialize;
use smielfy_vision::{PictureFormat, RgbImage, encode};

use super::{Picture, SHAPES, Synth};
use crate::{
    augment::sample_seed,
    dataset::{IMAGES_FOLDER, MANIFEST_FILE, SmileySample, Split},
};

/// Name of renders among the sources and origins of a manifest.
pub(super) const SOURCE: &str = "rendered";

/// File with all that is known about each picture.
pub(super) const TRUTH_FILE: &str = "truth.jsonl";

/// Pictures that are rendered before their lines are written.
const CHUNK: u64 = 64;

/// What is written.
#[derive(Debug, Clone, PartialEq)]
pub struct FolderParams {
    /// How many pictures.
    pub count: u64,
    /// Everything follows from it.
    pub seed: u64,
    /// Split that the manifest names.
    pub split: Split,
    /// Smileys to render, each in turn; any, by lot, where empty.
    pub only: Vec<String>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderSummary {
    /// How many pictures: fewer than wanted if it was interrupted.
    pub pictures: u64,
}

/// Why renders could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// There is a dataset already.
    #[error("`{path}` holds a dataset already: remove it, or choose another folder", path = path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder cannot be written.
    #[error("cannot write `{path}`: {source}", path = path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What a folder says of its pictures cannot be used.
    #[error("`{path}`: {why}", path = path.display())]
    Truth {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// There is no pose of that name.
    #[error("no pose `{id}`; there are {known}")]
    UnknownPose {
        /// What was asked for.
        id: String,
        /// All poses.
        known: String,
    },
    /// A clip cannot be written.
    #[error(transparent)]
    Frames(#[from] crate::frames::FramesError),
}

/// The columns of a manifest of renders behind the usual ones.
#[derive(Serialize)]
struct Further {
    seed: u64,
}

/// A line of [`TRUTH_FILE`].
#[derive(Serialize)]
struct Truth<'a> {
    file: &'a str,
    seed: u64,
    smiley: &'a str,
    person: &'a str,
    identity: &'a [f32],
    blendshapes: BTreeMap<&'static str, f32>,
    landmarks: &'a [[f32; 2]],
    face: Square,
}

/// A face square in pixels.
#[derive(Serialize)]
pub(super) struct Square {
    pub x: f32,
    pub y: f32,
    pub side: f32,
}

impl From<smielfy_vision::BoundingBox> for Square {
    fn from(face: smielfy_vision::BoundingBox) -> Self {
        Self { x: face.x, y: face.y, side: face.side }
    }
}

/// Writes `params.count` pictures to the folder `out`, which must not hold a dataset; `on_picture` is called behind each. The
/// files depend on `synth` and `params` alone, not on the number of threads. Setting `stop` ends it early, the folder whole.
///
/// # Errors
/// [`SynthError`]: the folder is occupied or cannot be written, or a pose is not known.
pub fn write_folder(
    synth: &Synth,
    out: &Path,
    params: &FolderParams,
    stop: &AtomicBool,
    on_picture: impl Fn() + Sync,
) -> Result<FolderSummary, SynthError> {
    check_poses(synth, &params.only)?;
    let mut files = Files::create(out)?;
    let mut done = 0;
    while done < params.count && !stop.load(Ordering::Relaxed) {
        let numbers = done..(done + CHUNK).min(params.count);
        done = numbers.end;
        let pictures: Vec<(Picture, String)> = render(synth, out, params, numbers, &on_picture)?;
        pictures.iter().try_for_each(|(picture, file)| files.add(picture, file, params.split))?;
        files.flush()?;
    }
    Ok(FolderSummary { pictures: done })
}

/// That there are poses for these ids.
pub(super) fn check_poses(synth: &Synth, ids: &[String]) -> Result<(), SynthError> {
    let Some(id) = ids.iter().find(|id| !synth.poses().has(id)) else { return Ok(()) };
    let known: Vec<&str> = synth.poses().ids().collect();
    Err(SynthError::UnknownPose { id: id.clone(), known: known.join(", ") })
}

/// Renders and writes the pictures with these numbers; gives them in order.
fn render(
    synth: &Synth,
    out: &Path,
    params: &FolderParams,
    numbers: Range<u64>,
    on_picture: &(impl Fn() + Sync),
) -> Result<Vec<(Picture, String)>, SynthError> {
    let one = |number: u64| {
        let seed = sample_seed(params.seed, 0, number);
        let picture = match params.only.get(number as usize % params.only.len().max(1)) {
            Some(id) => synth.picture_of(id, seed).expect("poses were checked"),
            None => synth.picture(seed),
        };
        let file = write_picture(out, number, &picture.image)?;
        on_picture();
        Ok((picture, file))
    };
    numbers.into_par_iter().map(one).collect()
}

/// The two lists of a folder.
struct Files {
    manifest: csv::Writer<File>,
    truth: BufWriter<File>,
    folder: PathBuf,
}

impl Files {
    fn create(folder: &Path) -> Result<Self, SynthError> {
        let manifest = create_manifest(folder)?;
        let path = folder.join(TRUTH_FILE);
        let truth = File::create(&path).map_err(|source| SynthError::Write { path, source })?;
        Ok(Self { manifest, truth: BufWriter::new(truth), folder: folder.to_owned() })
    }

    /// Adds a picture to both lists. Each is of somebody else.
    fn add(&mut self, picture: &Picture, file: &str, split: Split) -> Result<(), SynthError> {
        let person = format!("{SOURCE}-{:016x}", picture.seed);
        let (width, height) = picture.image.dimensions();
        let sample = SmileySample {
            file: file.to_owned(),
            smiley: picture.smiley.clone(),
            group: person.clone(),
            split,
            source: SOURCE.to_owned(),
            origin: SOURCE.to_owned(),
            width,
            height,
            face: picture.face,
        };
        let used = SHAPES.into_iter().zip(picture.expression.weights).filter(|(_, weight)| *weight != 0.0);
        let truth = Truth {
            file,
            seed: picture.seed,
            smiley: &picture.smiley,
            person: &person,
            identity: &picture.identity,
            blendshapes: used.collect(),
            landmarks: &picture.landmarks,
            face: picture.face.into(),
        };
        let line = serde_json::to_string(&truth).expect("numbers and names only");
        let written = self
            .manifest
            .serialize((sample, Further { seed: picture.seed }))
            .map_err(io::Error::from)
            .and_then(|()| writeln!(self.truth, "{line}"));
        written.map_err(|source| self.error(source))
    }

    fn flush(&mut self) -> Result<(), SynthError> {
        let flushed = self.manifest.flush().and_then(|()| self.truth.flush());
        flushed.map_err(|source| self.error(source))
    }

    fn error(&self, source: io::Error) -> SynthError {
        SynthError::Write { path: self.folder.clone(), source }
    }
}

/// The manifest of a new dataset in `folder`, which must not hold one, and a folder for its pictures.
pub(super) fn create_manifest(folder: &Path) -> Result<csv::Writer<File>, SynthError> {
    let path = folder.join(MANIFEST_FILE);
    if path.exists() {
        return Err(SynthError::Occupied { path: folder.to_owned() });
    }
    let images = folder.join(IMAGES_FOLDER);
    fs::create_dir_all(&images).map_err(|source| SynthError::Write { path: images, source })?;
    let file = File::create(&path).map_err(|source| SynthError::Write { path, source })?;
    Ok(csv::Writer::from_writer(file))
}

/// Writes the picture with this number to the dataset in `folder`; gives the name that its manifest shall have.
pub(super) fn write_picture(folder: &Path, number: u64, image: &RgbImage) -> Result<String, SynthError> {
    let file = format!("{number:06}.jpg");
    let bytes = encode(image, PictureFormat::Jpeg).expect("it has pixels, and sides that JPEG holds");
    let path = folder.join(IMAGES_FOLDER).join(&file);
    fs::write(&path, bytes).map_err(|source| SynthError::Write { path, source })?;
    Ok(file)
}
