//! Checks a dataset against its pictures: a folder goes in, a [`Report`] of findings comes out.
//!
//! | finding | an error? |
//! |---|---|
//! | a picture is missing or cannot be decoded, has another size than the manifest says | yes |
//! | a face square without area or outside of its picture; a label that nobody knows | yes |
//! | a group, or one and the same picture, is in several splits | yes |
//! | a picture was withdrawn, as tombstones say; a file of a release is not what its `SHA256SUMS` says | yes |
//! | near-copies in different splits | if practically identical: what is measured was learned by heart |
//! | near-copies in one split, a square given twice, a file in `images/` that no row names | no, a warning |
//!
//! Near-copies are found by the fine detail of faces (of whole pictures in scenes), mirrored or not; the source says how and
//! how the limits were measured. 10,000 pictures take seconds.

mod checks;
mod copies;
mod release;

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
    /// A picture was withdrawn by its owner.
    Withdrawn,
    /// A file is not what the release was made with.
    Changed,
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
            Self::Withdrawn => "pictures that were withdrawn",
            Self::Changed => "files that are not as they were released",
            Self::IdenticalAcrossSplits => "practically identical pictures in different splits",
            Self::NearCopyAcrossSplits => "near-copies in different splits",
            Self::NearCopy => "near-copies in one split",
            Self::RepeatedRow => "rows given twice",
            Self::Surplus => "files that the manifest does not name",
        }
    }
}

/// Checks the dataset in the folder `root`, of either kind; its labels should be among `smileys`, or `none`. Nothing in it may have
/// been withdrawn, as its own tombstones say, if it has any, and those of a later release, if they are given.
///
/// # Errors
/// A manifest or a list of tombstones that cannot be read at all. Anything wrong with pictures is a finding.
pub fn verify(root: &Path, smileys: &Smileys, later_tombstones: Option<&Path>) -> Result<Report, DatasetError> {
    let mut findings = release::withdrawn(root, later_tombstones)?;
    findings.extend(release::changed(root)?);
    let (hash, pictures) = if Manifest::read(root)?.has_column(SMILEY_COLUMN) {
        let (hash, samples) = read_samples(root)?;
        findings.extend(checks::straddling(&samples));
        findings.extend(checks::unknown_labels(&samples, smileys));
        (hash, samples.iter().map(Picture::of_sample).collect())
    } else {
        let dataset = SceneDataset::load(root)?;
        findings.extend(dataset.repairs().iter().map(checks::repaired));
        (dataset.hash().to_owned(), dataset.scenes().iter().map(Picture::of_scene).collect::<Vec<_>>())
    };
    findings.extend(checks::surplus(root, &pictures)?);
    let checked: Vec<_> = pictures.par_iter().map(|picture| picture.check(root)).collect();
    let mut fingerprints = Vec::new();
    for (found, fingerprint) in checked {
        findings.extend(found);
        fingerprints.push(fingerprint);
    }
    findings.extend(copies::near_copies(&fingerprints).iter().map(|pair| checks::copied(&pictures, pair)));
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
        let mut text = format!("{pictures} pictures, {errors} errors, {warnings} warnings; manifest {hash}\n");
        for findings in self.findings.chunk_by(|a, b| a.kind == b.kind) {
            let kind = findings[0].kind;
            let severity = if kind.is_error() { "error" } else { "warning" };
            write!(text, "\n{severity}: {} {}\n", findings.len(), kind.title()).expect("a string takes all text");
            for finding in findings.iter().take(SHOWN) {
                let other = finding.other.as_ref().map(|other| format!(" and {other}")).unwrap_or_default();
                writeln!(text, "  {}{other}: {}", finding.file, finding.message).expect("a string takes all text");
            }
            if findings.len() > SHOWN {
                writeln!(text, "  and {} more", findings.len() - SHOWN).expect("a string takes all text");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::testing::{folder, message, png};
    use FindingKind::{
        BadSquare, Changed, IdenticalAcrossSplits, NearCopy, RepeatedRow, SecondSplit, StraddlingGroup, Surplus, UnknownLabel,
        Unreadable, Withdrawn, WrongSize,
    };
    use smielfy_vision::RgbImage;

    const SMILEYS: &str = "file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side\n";
    const SCENES: &str = "file,split,source,width,height,x,y,side\n";

    /// A picture of `width` x 32 pixels with enough detail to be told from others.
    fn picture(width: u32, seed: u32) -> Vec<u8> {
        png(&RgbImage::from_fn(width, 32, |x, y| {
            let cell = (x / 4 * 31 + y / 4 * 17 + seed).wrapping_mul(2_654_435_761);
            [(cell >> 24) as u8; 3].into()
        }))
    }

    /// Checks which kinds are found at which files.
    fn check(manifest: &str, images: &[(&str, Vec<u8>)], expected: &[(FindingKind, &str)]) {
        let report = verify(folder(manifest, images).path(), &Smileys::default(), None).unwrap();
        let found: Vec<_> = report.findings.iter().map(|finding| (finding.kind, finding.file.as_str())).collect();
        assert_eq!(found, expected, "{}", report.to_text());
        let errors = expected.iter().filter(|(kind, _)| kind.is_error()).count();
        assert_eq!((report.errors, report.warnings), (errors, expected.len() - errors));
    }

    #[test]
    fn a_good_dataset_has_no_findings() {
        let rows =
            "a,wink,g,train,web,eye,32,32,2,2,28\nb,grin,h,test,web,eye,32,32,-2,-2,33\nc,none,i,train,web,eye,32,32,2,2,28\n";
        check(&format!("{SMILEYS}{rows}"), &[("a", picture(32, 1)), ("b", picture(32, 2)), ("c", picture(32, 3))], &[]);
    }

    #[test]
    fn every_fault_of_smileys_is_found() {
        let rows = "\
gone,wink,g,train,web,eye,32,32,2,2,28
text,wink,g,test,web,eye,32,32,2,2,28
wide,wink,h,train,web,eye,32,32,2,2,28
away,wink,i,train,web,eye,32,32,32,2,28
flat,wink,j,train,web,eye,32,32,0,0,0
odd,frowm,k,train,web,eye,32,32,2,2,28
";
        let images = [
            ("text", b"text".to_vec()),
            ("wide", picture(40, 1)),
            ("away", picture(32, 2)),
            ("flat", picture(32, 3)),
            ("odd", picture(32, 4)),
            ("more", vec![]),
        ];
        let expected = [
            (Unreadable, "gone"),
            (Unreadable, "text"),
            (WrongSize, "wide"),
            (BadSquare, "away"),
            (BadSquare, "flat"),
            (UnknownLabel, "odd"),
            (StraddlingGroup, "g"),
            (Surplus, "more"),
        ];
        check(&format!("{SMILEYS}{rows}"), &images, &expected);
    }

    #[test]
    fn copies_and_repetitions_in_scenes_are_found() {
        let rows = "\
a,train,web,32,32,1,1,9
b,test,web,32,32,1,1,9
c,test,web,32,32,,,
d,train,web,32,32,1,1,9
d,valid,web,32,32,1,1,9
";
        let images = [("a", picture(32, 1)), ("b", picture(32, 1)), ("c", picture(32, 1)), ("d", picture(32, 5))];
        let expected =
            [(SecondSplit, "d"), (IdenticalAcrossSplits, "a"), (IdenticalAcrossSplits, "a"), (NearCopy, "b"), (RepeatedRow, "d")];
        check(&format!("{SCENES}{rows}"), &images, &expected);
    }

    #[test]
    fn what_was_withdrawn_or_changed_in_a_release_is_found() {
        let rows = "a.png,wink,g,train,web,eye,32,32,2,2,28\nb.png,grin,h,test,web,eye,32,32,2,2,28\n";
        let dataset = folder(&format!("{SMILEYS}{rows}"), &[("a.png", picture(32, 1)), ("b.png", picture(32, 2))]);
        let kinds = |later: Option<&Path>| {
            let report = verify(dataset.path(), &Smileys::default(), later).unwrap();
            report.findings.into_iter().map(|finding| (finding.kind, finding.file)).collect::<Vec<_>>()
        };
        let write = |file: &str, text: &str| {
            let path = dataset.path().join(file);
            std::fs::write(&path, text).unwrap();
            path
        };
        write("tombstones.csv", "file,withdrawn\nz.png,2026-11-26T07:30:00Z\n");
        assert_eq!(kinds(None), []);
        let later = write("later.csv", "file,withdrawn\nz.png,2026-11-26T07:30:00Z\nb.png,2026-11-27T07:30:00Z\n");
        assert_eq!(kinds(Some(&later)), [(Withdrawn, "b.png".to_owned())]);
        write("SHA256SUMS", &format!("{}  images/a.png\n{}  images/c.png\n", "0".repeat(64), "0".repeat(64)));
        assert_eq!(kinds(None), [(Changed, "images/a.png".to_owned()), (Changed, "images/c.png".to_owned())]);
        write("tombstones.csv", "name\nz.png\n");
        assert!(message(verify(dataset.path(), &Smileys::default(), None)).contains("tombstones.csv"));
    }

    #[test]
    fn a_report_has_a_text_and_a_json_form() {
        let rows = (0..12).fold(String::new(), |rows, number| rows + &format!("{number},train,web,32,32,,,\n"));
        let report = verify(folder(&format!("{SCENES}{rows}"), &[]).path(), &Smileys::default(), None).unwrap();
        let text = report.to_text();
        assert!(text.starts_with("12 pictures, 12 errors, 0 warnings; manifest "), "{text}");
        assert!(
            text.contains("\nerror: 12 unreadable pictures\n  0: cannot read ") && text.ends_with("  and 2 more\n"),
            "{text}"
        );
        let json = serde_json::to_string(&report).unwrap();
        assert!(json.contains("{\"kind\":\"unreadable\",\"file\":\"11\",\"other\":null,\"message\":"), "{json}");
        assert!(message(verify(Path::new("no/such/folder"), &Smileys::default(), None)).contains("manifest.csv"));
    }
}
