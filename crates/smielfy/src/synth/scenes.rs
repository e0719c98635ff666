//! Datasets of scenes: rendered pictures with any number of people in, a folder for the detector out.

use std::{
    fs::File,
    io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use rayon::prelude::*;
use smielfy_vision::{BoundingBox, RgbImage};

use super::{
    FolderParams, FolderSummary, Synth, SynthError,
    folder::{check_poses, create_manifest, write_picture},
};
use crate::{augment::sample_seed, dataset::SceneRow};

/// Scenes that are rendered before their lines are written.
const CHUNK: u64 = 16;

/// A scene with the squares of the faces in it.
pub(super) struct Scene {
    pub image: RgbImage,
    pub faces: Vec<BoundingBox>,
    /// What the manifest says it is from.
    pub source: String,
}

/// Writes `params.count` scenes with up to seven people each to the folder `out`, which must not hold a dataset; otherwise as
/// [`write_folder`](super::write_folder).
///
/// # Errors
/// [`SynthError`]: the folder is occupied or cannot be written, or a pose is not known.
pub fn write_scenes(
    synth: &Synth,
    out: &Path,
    params: &FolderParams,
    stop: &AtomicBool,
    on_picture: impl Fn() + Sync,
) -> Result<FolderSummary, SynthError> {
    check_poses(synth, &params.only)?;
    write(out, params, stop, on_picture, |number| synth.crowd(sample_seed(params.seed, 1, number), &params.only))
}

/// Writes `params.count` scenes with one person each, hard for a detector in one way each: the smileys, which are those of
/// `params.only` if there are any, heads that are tilted, close or far away, hats, glasses, hands at the chin, bad light. The manifest
/// names the way as the picture's source. Otherwise as [`write_scenes`].
///
/// # Errors
/// As [`write_scenes`].
pub fn write_stress(
    synth: &Synth,
    out: &Path,
    params: &FolderParams,
    stop: &AtomicBool,
    on_picture: impl Fn() + Sync,
) -> Result<FolderSummary, SynthError> {
    check_poses(synth, &params.only)?;
    let conditions = synth.conditions(&params.only);
    write(out, params, stop, on_picture, |number| {
        let condition = &conditions[number as usize % conditions.len()];
        synth.stressed(sample_seed(params.seed, 2, number), condition)
    })
}

/// Writes the scenes that `scene` gives by their numbers.
fn write(
    out: &Path,
    params: &FolderParams,
    stop: &AtomicBool,
    on_picture: impl Fn() + Sync,
    scene: impl Fn(u64) -> Scene + Sync,
) -> Result<FolderSummary, SynthError> {
    let mut manifest = create_manifest(out)?;
    let mut done = 0;
    while done < params.count && !stop.load(Ordering::Relaxed) {
        let end = (done + CHUNK).min(params.count);
        let one = |number: u64| {
            let scene = scene(number);
            let file = write_picture(out, number, &scene.image)?;
            on_picture();
            Ok((file, scene))
        };
        let scenes: Vec<(String, Scene)> = (done..end).into_par_iter().map(one).collect::<Result<_, SynthError>>()?;
        scenes
            .iter()
            .try_for_each(|(file, scene)| add(&mut manifest, file, scene, params))
            .map_err(|source| SynthError::Write { path: out.to_owned(), source })?;
        done = end;
    }
    Ok(FolderSummary { pictures: done })
}

/// Adds a line a face, or one without a square where there is nobody.
fn add(manifest: &mut csv::Writer<File>, file: &str, scene: &Scene, params: &FolderParams) -> io::Result<()> {
    let (width, height) = scene.image.dimensions();
    let row = |face: Option<&BoundingBox>| SceneRow {
        file: file.to_owned(),
        split: params.split.name().to_owned(),
        source: scene.source.clone(),
        width,
        height,
        x: face.map(|face| face.x),
        y: face.map(|face| face.y),
        side: face.map(|face| face.side),
    };
    if scene.faces.is_empty() {
        manifest.serialize(row(None))?;
    }
    scene.faces.iter().try_for_each(|face| manifest.serialize(row(Some(face))))?;
    manifest.flush()
}
