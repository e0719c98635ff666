//! The checks of releases: folders that must not hold what was withdrawn, and must be as they were written.
//!
//! `tombstones.csv` names in its column `file` the pictures that were withdrawn; `SHA256SUMS` has the hashes of all files, in the
//! format of `sha256sum`. A dataset without them passes.

use super::{Finding, FindingKind, checks::finding};
use crate::dataset::{DatasetError, manifest::IMAGES_FOLDER, manifest::Manifest};
use csv::ReaderBuilder;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const TOMBSTONES_FILE: &str = "tombstones.csv";
const SUMS_FILE: &str = "SHA256SUMS";

#[derive(Deserialize)]
struct Tombstone {
    file: String,
}

/// The pictures of the dataset, or files among them, that its own tombstones or `later` ones name.
pub(super) fn withdrawn(root: &Path, later: Option<&Path>) -> Result<Vec<Finding>, DatasetError> {
    let own = root.join(TOMBSTONES_FILE);
    let lists = [own.exists().then_some(own.as_path()), later];
    let mut tombstones = BTreeSet::new();
    for list in lists.into_iter().flatten() {
        tombstones.extend(read_tombstones(list)?);
    }
    if tombstones.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Manifest::read(root)?.rows::<Tombstone>(&["file"])?;
    let mut present: BTreeSet<String> = rows.into_iter().map(|row| row.values.file).collect();
    let files = fs::read_dir(root.join(IMAGES_FOLDER)).into_iter().flatten().flatten();
    present.extend(files.map(|file| file.file_name().to_string_lossy().into_owned()));
    let message = || "was withdrawn by its owner: delete it, and what was made of it as far as you can".to_owned();
    Ok(present.intersection(&tombstones).map(|file| finding(FindingKind::Withdrawn, file, message())).collect())
}

fn read_tombstones(path: &Path) -> Result<Vec<String>, DatasetError> {
    let bytes = fs::read(path).map_err(|source| DatasetError::Read { path: path.to_owned(), source })?;
    let mut reader = ReaderBuilder::new().from_reader(bytes.as_slice());
    let rows = reader.deserialize().map(|row: Result<Tombstone, csv::Error>| {
        row.map(|tombstone| tombstone.file).map_err(|error| DatasetError::Line {
            path: path.to_owned(),
            line: error.position().map_or(1, csv::Position::line),
            message: error.to_string(),
        })
    });
    rows.collect()
}

/// The files that are not what the sums of the dataset say.
pub(super) fn changed(root: &Path) -> Result<Vec<Finding>, DatasetError> {
    let path = root.join(SUMS_FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let sums = fs::read_to_string(&path).map_err(|source| DatasetError::Read { path, source })?;
    let expected = sums.lines().filter_map(|line| line.split_once("  "));
    let changed = expected.filter(|(sum, file)| hash(&root.join(file)).as_deref() != Some(*sum));
    Ok(changed.map(|(_, file)| finding(FindingKind::Changed, file, "is missing or has another hash".to_owned())).collect())
}

/// SHA-256 of a file as 64 hexadecimal digits, if it can be read.
fn hash(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    Some(Sha256::digest(&bytes).iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}")))
}
