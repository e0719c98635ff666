//! Checks a dataset against its pictures: a folder goes in, a [`Report`] of findings comes out.
//!
//! | finding | an error? |
//! |---|---|
//! | a picture is missing or cannot be decoded, has another size than the manifest says | yes |
//! | a face square without area or outside of its picture; a label that nobody knows | yes |
//! | a group, or one and the same picture, is in several splits | yes |
//! | near-copies in different splits | if practically identical: what is measured was learned by heart |
//! | near-copies in one split, a square given twice, a file in `images/` that no row names | no, a warning |
//!
//! Near-copies are found by the fine detail of faces (of whole pictures in scenes), mirrored or not; the source says how and
//! how the limits were measured. 10,000 pictures take seconds.

mod checks;
mod copies;

use super::samples::{SMILEY_COLUMN, read_samples};
use super::{DatasetError, SceneDataset, manifest::Manifest};
use crate::smileys::Smileys;
use checks::Picture;
use rayon::prelude::*;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// Findings of each kind that the text form shows; JSON has them all.
const SHOWN: usize = 10;

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Hash of the manifest, as in weight cards.
    pub hash: String,
    /// Number of pictures that were checked.
    pub pictures: usize,
    /// Number of findings that make the dataset unfit.
    pub errors: usize,
    /// Number of findings that may be as they are meant.
    pub warnings: usize,
    /// All findings, kind by kind, errors first.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong, or might be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// The picture or, of straddling groups, the group.
    pub file: String,
    /// The other picture of a pair.
    pub other: Option<String>,
    /// More about it, in words.
    pub message: String,
}

/// What may be wrong; in the order of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A picture is missing or cannot be decoded.
    Unreadable,
    /// A picture has another size than the manifest says.
    WrongSize,
    /// A face square has no area or lies outside of its picture.
    BadSquare,
    /// A label is none of the smileys.
    UnknownLabel,
    /// A group is in several splits.
    StraddlingGroup,
    /// A picture is in several splits.
    SecondSplit,
    /// Two pictures in different splits are practically identical.
    IdenticalAcrossSplits,
    /// Two pictures in different splits are nearly the same.
    NearCopyAcrossSplits,
    /// Two pictures in one split are nearly the same.
    NearCopy,
    /// The same square of the same picture is given twice.
    RepeatedRow,
    /// A file in `images/` is not in the manifest.
    Surplus,
}

impl FindingKind {
    /// Whether it makes a dataset unfit.
    pub fn is_error(self) -> bool {
        self <= Self::IdenticalAcrossSplits
    }

    /// In words, for many of them.
    const fn title(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable pictures",
            Self::WrongSize => "pictures of another size than the manifest says",
            Self::BadSquare => "impossible face squares",
            Self::UnknownLabel => "unknown labels",
            Self::StraddlingGroup => "groups in several splits",
            Self::SecondSplit => "pictures in several splits",
            Self::IdenticalAcrossSplits => "practically identical pictures in different splits",
            Self::NearCopyAcrossSplits => "near-copies in different splits",
            Self::NearCopy => "near-copies in one split",
            Self::RepeatedRow => "rows given twice",
            Self::Surplus => "files that the manifest does not name",
        }
    }
}

/// Checks the dataset in the folder `root`, of either kind; its labels should be among `smileys`.
///
/// # Errors
/// A manifest that cannot be read at all. Anything wrong with pictures is a finding.
pub fn verify(root: &Path, smileys: &Smileys) -> Result<Report, DatasetError> {
    let mut findings = Vec::new();
    let (hash, pictures) = if Manifest::read(root)?.has_column(SMILEY_COLUMN) {
        let (hash, samples) = read_samples(root)?;
        findings.extend(checks::straddling(&samples));
        findings.extend(checks::unknown_labels(&samples, smileys));
        (hash, samples.iter().map(Picture::of_sample).collect())
    } else {
        let dataset = SceneDataset::load(root)?;
        findings.extend(dataset.repairs().iter().map(checks::repaired));
        (
            dataset.hash().to_owned(),
            dataset.scenes().iter().map(Picture::of_scene).collect::<Vec<_>>(),
        )
    };
    findings.extend(checks::surplus(root, &pictures)?);
    let checked: Vec<_> = pictures.par_iter().map(|picture| picture.check(root)).collect();
    let mut fingerprints = Vec::new();
    for (found, fingerprint) in checked {
        findings.extend(found);
        fingerprints.push(fingerprint);
    }
    findings.extend(
        copies::near_copies(&fingerprints).iter().map(|copy| checks::copied(&pictures, copy)),
    );
    Ok(Report::new(hash, pictures.len(), findings))
}

impl Report {
    fn new(hash: String, pictures: usize, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.kind);
        let errors = findings.iter().filter(|finding| finding.kind.is_error()).count();
        Self { hash, pictures, errors, warnings: findings.len() - errors, findings }
    }

    /// The findings as plain text: the number of each kind and the first ten.
    pub fn to_text(&self) -> String {
        let Self { hash, pictures, errors, warnings, .. } = self;
        let mut text =
            format!("{pictures} pictures, {errors} errors, {warnings} warnings; manifest {hash}\n");
        for findings in self.findings.chunk_by(|a, b| a.kind == b.kind) {
            let kind = findings[0].kind;
            let severity = if kind.is_error() { "error" } else { "warning" };
            write!(text, "\n{severity}: {} {}\n", findings.len(), kind.title())
                .expect("a string takes all text");
            for finding in findings.iter().take(SHOWN) {
                let other =
                    finding.other.as_ref().map(|other| format!(" and {other}")).unwrap_or_default();
                writeln!(text, "  {}{other}: {}", finding.file, finding.message)
                    .expect("a string takes all text");
            }
            if findings.len() > SHOWN {
                writeln!(text, "  and {} more", findings.len() - SHOWN)
                    .expect("a string takes all text");
            }
        }
        text
    }
}
