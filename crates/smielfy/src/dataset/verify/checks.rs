//! The checks of a dataset, one by one: rows and pictures go in, findings come out.

use super::copies::{Fingerprint, Pair};
use super::{Finding, FindingKind};
use crate::dataset::manifest::IMAGES_FOLDER;
use crate::dataset::samples::straddling_groups;
use crate::dataset::{DatasetError, Fault, Repair, Scene, SmileySample, Split, load_picture};
use crate::smileys::{NONE, Smileys};
use smielfy_vision::{BoundingBox, RgbImage};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What all kinds of datasets say of a picture.
pub(super) struct Picture {
    file: String,
    split: Split,
    label: Option<String>,
    size: (u32, u32),
    faces: Vec<BoundingBox>,
}

impl Picture {
    pub(super) fn of_sample(sample: &SmileySample) -> Self {
        let SmileySample { file, split, smiley, width, height, face, .. } = sample.clone();
        Self { file, split, label: Some(smiley), size: (width, height), faces: vec![face] }
    }

    pub(super) fn of_scene(scene: &Scene) -> Self {
        let Scene { file, split, width, height, faces, .. } = scene.clone();
        Self { file, split, label: None, size: (width, height), faces }
    }

    /// Decodes the picture and checks it against the manifest; its fingerprint, where it can be read, is for the search for
    /// copies.
    pub(super) fn check(&self, root: &Path) -> (Vec<Finding>, Option<Fingerprint>) {
        match load_picture(root, &self.file) {
            Ok(image) => (self.check_pixels(&image), self.fingerprint(&image)),
            Err(error) => (vec![finding(FindingKind::Unreadable, &self.file, error.to_string())], None),
        }
    }

    fn check_pixels(&self, image: &RgbImage) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (width, height) = image.dimensions();
        if (width, height) != self.size {
            let message = format!("{width}x{height} pixels instead of {}x{}", self.size.0, self.size.1);
            findings.push(finding(FindingKind::WrongSize, &self.file, message));
        }
        let bad = |face: &&BoundingBox| !touches(face, width, height);
        findings.extend(self.faces.iter().filter(bad).map(|face| {
            let message = format!("the square at {}, {} with a side of {} px shows no pixel", face.x, face.y, face.side);
            finding(FindingKind::BadSquare, &self.file, message)
        }));
        findings
    }

    fn fingerprint(&self, image: &RgbImage) -> Option<Fingerprint> {
        match (&self.label, self.faces.as_slice()) {
            (Some(_), [face]) => Fingerprint::of_face(image, *face),
            _ => Fingerprint::of_picture(image),
        }
    }
}

/// Groups in several splits.
pub(super) fn straddling(samples: &[SmileySample]) -> Vec<Finding> {
    let describe = |(group, splits): (&str, Vec<Split>)| {
        let splits: Vec<&str> = splits.iter().map(|split| split.name()).collect();
        finding(FindingKind::StraddlingGroup, group, format!("in {}", splits.join(", ")))
    };
    straddling_groups(samples).into_iter().map(describe).collect()
}

/// Labels that are neither one of `smileys` nor [`NONE`].
pub(super) fn unknown_labels(samples: &[SmileySample], smileys: &Smileys) -> Vec<Finding> {
    let is_unknown = |sample: &&SmileySample| sample.smiley != NONE && smileys.index_of(&sample.smiley).is_none();
    let unknown = samples.iter().filter(is_unknown);
    let describe = |sample: &SmileySample| {
        finding(FindingKind::UnknownLabel, &sample.file, format!("`{}` is none of the smileys", sample.smiley))
    };
    unknown.map(describe).collect()
}

/// What loading scenes had to repair.
pub(super) fn repaired(repair: &Repair) -> Finding {
    let kind = match repair.fault {
        Fault::SecondSplit => FindingKind::SecondSplit,
        Fault::RepeatedRow => FindingKind::RepeatedRow,
    };
    finding(kind, &repair.file, format!("again in line {}", repair.line))
}

/// Files in the folder of pictures that no row names.
pub(super) fn surplus(root: &Path, pictures: &[Picture]) -> Result<Vec<Finding>, DatasetError> {
    let folder = root.join(IMAGES_FOLDER);
    let named: BTreeSet<PathBuf> = pictures.iter().map(|picture| folder.join(&picture.file)).collect();
    let found = files(&folder)?;
    let surplus = found.iter().filter(|path| !named.contains(*path));
    let describe = |path: &PathBuf| {
        let file = path.strip_prefix(&folder).unwrap_or(path).display().to_string();
        finding(FindingKind::Surplus, &file, "no row of the manifest".to_owned())
    };
    Ok(surplus.map(describe).collect())
}

/// All files in a folder and in the folders in it, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let read_error = |source| DatasetError::Read { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(read_error)? {
        let entry = entry.map_err(read_error)?;
        if entry.file_type().map_err(read_error)?.is_dir() {
            found.extend(files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// A pair of near-copies.
pub(super) fn copied(pictures: &[Picture], pair: &Pair) -> Finding {
    let (first, second) = (&pictures[pair.first], &pictures[pair.second]);
    let kind = match (first.split == second.split, pair.is_identical()) {
        (true, _) => FindingKind::NearCopy,
        (false, true) => FindingKind::IdenticalAcrossSplits,
        (false, false) => FindingKind::NearCopyAcrossSplits,
    };
    let describe = |picture: &Picture| match &picture.label {
        Some(label) => format!("{} {label}", picture.split),
        None => picture.split.to_string(),
    };
    let message = format!("similarity {:.3}, {} and {}", pair.similarity, describe(first), describe(second));
    Finding { other: Some(second.file.clone()), ..finding(kind, &first.file, message) }
}

pub(super) fn finding(kind: FindingKind, file: &str, message: String) -> Finding {
    Finding { kind, file: file.to_owned(), other: None, message }
}

/// Whether a square has an area in a picture of this size.
fn touches(face: &BoundingBox, width: u32, height: u32) -> bool {
    let reaches = |start: f32, length: u32| start < length as f32 && start + face.side > 0.0;
    face.side > 0.0 && reaches(face.x, width) && reaches(face.y, height)
}
