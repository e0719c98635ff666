//! Doubtful labels of a dataset, one by one: what a person says of them goes into the dataset's manifest at once.
//!
//! | in the dataset's folder | |
//! |---|---|
//! | `doubts/manifest.csv` | the manifest as it was |
//! | `doubts/list.csv` | the doubts, the most doubtful first |
//! | `doubts/answers.jsonl` | a line for each key that was pressed |
//! | `manifest.csv` | what follows from these; recipes read it |
//!
//! A kill loses nothing: the line of a key is written before the manifest is replaced, which follows from the lines.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use smielfy_vision::{BoundingBox, PictureFormat, encode};

use super::{LabelError, Session, UNUSABLE, check::is_label, lines};
use crate::{
    dataset::{Doubt, MANIFEST_FILE, SmileyDataset, SmileySample, doubts_csv, doubts_of_csv, face_tile, hash_of, relabeled},
    replace::replace,
    smileys::Smileys,
};

/// Folder of doubts in a dataset's folder.
const DOUBTS_FOLDER: &str = "doubts";
const LIST_FILE: &str = "list.csv";
const ANSWERS_FILE: &str = "answers.jsonl";

/// Side of the picture of a face, in pixels: the height of the page's frame on a usual screen.
const TILE_PX: u32 = 384;

/// One key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Fix {
    /// Says what a face shows: the id of a smiley, `none` or `unusable`; the label that it has is kept by the same.
    Label {
        /// Number of the doubt, from 0.
        doubt: usize,
        /// What it shows.
        label: String,
    },
    /// Takes back the last answer that was not taken back.
    Undo,
}

/// A line of the answers' file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    at_ms: u64,
    #[serde(flatten)]
    fix: Fix,
}

/// What all answers come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fixed {
    /// Labels that are others now.
    pub changed: usize,
    /// Pictures that are unusable and left out of the manifest.
    pub left_out: usize,
    /// Labels that are right.
    pub kept: usize,
}

/// Doubts that are being answered; no other program can do so meanwhile.
#[derive(Debug)]
pub struct Fixes {
    folder: PathBuf,
    smileys: Smileys,
    manifest: Vec<u8>,
    doubts: Vec<Doubt>,
    /// The row of each doubt, with what the manifest says of it.
    rows: Vec<(usize, SmileySample)>,
    log: File,
    lines: Vec<Line>,
    warning: Option<String>,
}

impl Fixes {
    /// Refuses a dataset whose labels cannot be fixed where they are.
    ///
    /// # Errors
    /// [`LabelError::Protected`] if it must not be written, [`LabelError::Labeled`] if it is the work of `smielfy label`.
    pub fn check(folder: &Path) -> Result<(), LabelError> {
        if Session::is_in(folder) {
            return Err(LabelError::Labeled { path: folder.to_owned() });
        }
        let is_protected = |path: &Path| fs::metadata(path).is_ok_and(|data| data.permissions().readonly());
        let is_writable = || fs::create_dir_all(folder.join(DOUBTS_FOLDER)).is_ok();
        if is_protected(folder) || is_protected(&folder.join(MANIFEST_FILE)) || !is_writable() {
            return Err(LabelError::Protected { path: folder.to_owned() });
        }
        Ok(())
    }

    /// Whether doubts are kept for a dataset, so that they can be opened.
    pub fn are_in(folder: &Path) -> bool {
        folder.join(DOUBTS_FOLDER).join(LIST_FILE).exists()
    }

    /// Keeps doubts beside the dataset that they are about.
    ///
    /// # Errors
    /// [`LabelError`] if they cannot be written, or the manifest was changed meanwhile.
    pub fn keep(dataset: &SmileyDataset, doubts: &[Doubt]) -> Result<(), LabelError> {
        let folder = dataset.root().join(DOUBTS_FOLDER);
        let manifest = dataset.root().join(MANIFEST_FILE);
        let bytes = fs::read(&manifest).map_err(LabelError::of(&manifest))?;
        if hash_of(&bytes) != dataset.hash() {
            return Err(LabelError::Changed { path: manifest, doubts: folder });
        }
        let write = |file: &str, bytes: &[u8]| {
            let path = folder.join(file);
            replace(&path, bytes).map_err(LabelError::of(path))
        };
        fs::create_dir_all(&folder).map_err(LabelError::of(&folder))?;
        write(MANIFEST_FILE, &bytes)?;
        write(LIST_FILE, doubts_csv(doubts).as_bytes())
    }

    /// Opens the doubts that are kept for the dataset in `folder`, with what was answered before.
    ///
    /// # Errors
    /// [`LabelError`] if they cannot be read, are in use, or the dataset was changed by others.
    pub fn open(folder: &Path, smileys: Smileys) -> Result<Self, LabelError> {
        let kept = folder.join(DOUBTS_FOLDER);
        let answers = kept.join(ANSWERS_FILE);
        let log = lines::open_alone(&answers, &kept)?;
        let (lines, warning) = lines::read(&answers)?;
        let read = |file: &str| fs::read(kept.join(file)).map_err(LabelError::of(kept.join(file)));
        let doubts = doubts_of_csv(&read(LIST_FILE)?).map_err(|error| LabelError::of(kept.join(LIST_FILE))(error.into()))?;
        let manifest = read(MANIFEST_FILE)?;
        let rows = rows(SmileyDataset::load(&kept)?.samples(), &doubts)
            .ok_or_else(|| LabelError::Changed { path: kept.join(MANIFEST_FILE), doubts: kept.clone() })?;
        let fixes = Self { folder: folder.to_owned(), smileys, manifest, doubts, rows, log, lines, warning };
        fixes.mend()?;
        Ok(fixes)
    }

    /// Writes the manifest that a kill left unwritten; refuses one that others wrote.
    fn mend(&self) -> Result<(), LabelError> {
        let path = self.folder.join(MANIFEST_FILE);
        let found = fs::read(&path).map_err(LabelError::of(&path))?;
        if found == self.fixed_manifest(&self.lines)? {
            return Ok(());
        }
        let before = self.lines.split_last().map_or(&[][..], |(_, before)| before);
        if found != self.fixed_manifest(before)? {
            return Err(LabelError::Changed { path, doubts: self.folder.join(DOUBTS_FOLDER) });
        }
        self.write()
    }

    /// Folder of the doubts and of the manifest as it was.
    pub fn kept_in(&self) -> PathBuf {
        self.folder.join(DOUBTS_FOLDER)
    }

    /// What faces can show.
    pub fn smileys(&self) -> &Smileys {
        &self.smileys
    }

    /// The doubts, the most doubtful first.
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    /// What a kill had left half written.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// What was answered, by the number of the doubt.
    pub fn answers(&self) -> BTreeMap<usize, &str> {
        answers(&self.lines)
    }

    /// What all answers come to.
    pub fn fixed(&self) -> Fixed {
        let mut fixed = Fixed::default();
        for (doubt, label) in self.answers() {
            match label {
                UNUSABLE => fixed.left_out += 1,
                label if label == self.doubts[doubt].smiley => fixed.kept += 1,
                _ => fixed.changed += 1,
            }
        }
        fixed
    }

    /// The face of a doubt as JPEG, with a quarter of its square's side on each side round it.
    ///
    /// # Errors
    /// [`LabelError`] if there is no such doubt, or its picture cannot be read.
    pub fn picture(&self, doubt: usize) -> Result<Vec<u8>, LabelError> {
        let (_, sample) = self.rows.get(doubt).ok_or_else(|| unknown("doubt", doubt.to_string()))?;
        let tile = face_tile(&sample.load(&self.folder)?, sample.face, TILE_PX);
        Ok(encode(&tile, PictureFormat::Jpeg)?)
    }

    /// Does what the person did; gives the number of the doubt that it changed, if any.
    ///
    /// # Errors
    /// [`LabelError`] if it makes no sense, or cannot be written.
    pub fn act(&mut self, fix: Fix) -> Result<Option<usize>, LabelError> {
        let changed = match &fix {
            Fix::Label { doubt, .. } if *doubt >= self.doubts.len() => return Err(unknown("doubt", doubt.to_string())),
            Fix::Label { label, .. } if !is_label(&self.smileys, label) => return Err(unknown("smiley", label.clone())),
            Fix::Label { doubt, .. } => Some(*doubt),
            Fix::Undo => remaining(&self.lines).last().map(|(doubt, _)| *doubt),
        };
        let line = Line { at_ms: lines::now_ms(), fix };
        lines::add(&self.log, &self.kept_in().join(ANSWERS_FILE), &line)?;
        self.lines.push(line);
        self.write()?;
        Ok(changed)
    }

    fn write(&self) -> Result<(), LabelError> {
        let manifest = self.fixed_manifest(&self.lines)?;
        let path = self.folder.join(MANIFEST_FILE);
        replace(&path, &manifest).map_err(LabelError::of(path))
    }

    /// The manifest that follows from these lines: to the byte as it was, where nothing is answered.
    fn fixed_manifest(&self, lines: &[Line]) -> Result<Vec<u8>, LabelError> {
        let answers = answers(lines);
        if answers.is_empty() {
            return Ok(self.manifest.clone());
        }
        let labels: HashMap<usize, Option<&str>> =
            answers.into_iter().map(|(doubt, label)| (self.rows[doubt].0, (label != UNUSABLE).then_some(label))).collect();
        relabeled(&self.manifest, &labels).map_err(|error| LabelError::of(self.kept_in().join(MANIFEST_FILE))(error.into()))
    }
}

/// The row of each doubt among those of the manifest; `None` if one has none.
fn rows(samples: &[SmileySample], doubts: &[Doubt]) -> Option<Vec<(usize, SmileySample)>> {
    let numbers: HashMap<_, usize> =
        samples.iter().enumerate().rev().map(|(number, sample)| (key(&sample.file, sample.face), number)).collect();
    let row = |doubt: &Doubt| numbers.get(&key(&doubt.file, doubt.face())).map(|number| (*number, samples[*number].clone()));
    doubts.iter().map(row).collect()
}

/// What tells a face from all others: its picture and its square.
fn key(file: &str, face: BoundingBox) -> (&str, [u32; 3]) {
    (file, [face.x, face.y, face.side].map(f32::to_bits))
}

/// The answers that were not taken back, in the order in which they were given.
fn remaining(lines: &[Line]) -> Vec<(usize, &str)> {
    let mut remaining = Vec::new();
    for line in lines {
        match &line.fix {
            Fix::Label { doubt, label } => remaining.push((*doubt, label.as_str())),
            Fix::Undo => drop(remaining.pop()),
        }
    }
    remaining
}

/// The last answer to each doubt.
fn answers(lines: &[Line]) -> BTreeMap<usize, &str> {
    remaining(lines).into_iter().collect()
}

fn unknown(what: &'static str, name: String) -> LabelError {
    LabelError::Unknown { what, name }
}

#[cfg(test)]
mod tests {
    use smielfy_vision::RgbImage;

    use super::*;
    use crate::dataset::testing::{SMILEY_HEADER, folder, message, png};

    const ROWS: [&str; 3] = [
        "a.png,wink,g,train,web,eye,8,8,0,0,4",
        "a.png,grin,g,train,web,eye,8,8,4.5,0,4", // another face in the same picture
        "b.png,kiss,h,train,web,eye,8,8,0,0,8",
    ];

    /// A dataset of these rows, the last of which is doubted first.
    fn dataset() -> tempfile::TempDir {
        let picture = png(&RgbImage::new(8, 8));
        let manifest = format!("{SMILEY_HEADER}\n{}\n", ROWS.join("\n"));
        let folder = folder(&manifest, &[("a.png", picture.clone()), ("b.png", picture)]);
        let dataset = SmileyDataset::load(folder.path()).unwrap();
        let doubt = |sample: &SmileySample| Doubt {
            file: sample.file.clone(),
            smiley: sample.smiley.clone(),
            rather: "scream".into(),
            share: 0.1,
            rather_share: 0.8,
            face_x: sample.face.x,
            face_y: sample.face.y,
            face_side: sample.face.side,
        };
        let doubts: Vec<Doubt> = dataset.samples().iter().rev().map(doubt).collect();
        assert!(!Fixes::are_in(folder.path()));
        Fixes::keep(&dataset, &doubts).unwrap();
        assert!(Fixes::are_in(folder.path()));
        folder
    }

    fn open(folder: &tempfile::TempDir) -> Result<Fixes, LabelError> {
        Fixes::open(folder.path(), Smileys::default())
    }

    fn say(doubt: usize, label: &str) -> Fix {
        Fix::Label { doubt, label: label.into() }
    }

    /// The smileys in the manifest.
    fn labels(folder: &tempfile::TempDir) -> Vec<String> {
        SmileyDataset::load(folder.path()).unwrap().samples().iter().map(|sample| sample.smiley.clone()).collect()
    }

    #[test]
    fn answers_are_in_the_manifest_at_once_and_can_be_taken_back() {
        let folder = dataset();
        let before = fs::read(folder.path().join("manifest.csv")).unwrap();
        let mut fixes = open(&folder).unwrap();
        assert_eq!(fixes.act(say(1, "scream")).unwrap(), Some(1));
        assert_eq!(labels(&folder), ["wink", "scream", "kiss"], "the other face of the picture keeps its label");
        fixes.act(say(0, "unusable")).unwrap();
        fixes.act(say(2, "wink")).unwrap();
        assert_eq!(labels(&folder), ["wink", "scream"]);
        assert_eq!(fixes.fixed(), Fixed { changed: 1, left_out: 1, kept: 1 });
        assert_eq!(fixes.act(Fix::Undo).unwrap(), Some(2));
        assert_eq!(fixes.act(Fix::Undo).unwrap(), Some(0));
        assert_eq!(labels(&folder), ["wink", "scream", "kiss"]);
        assert_eq!(fixes.act(Fix::Undo).unwrap(), Some(1));
        assert_eq!(fixes.act(Fix::Undo).unwrap(), None);
        assert_eq!(fs::read(folder.path().join("manifest.csv")).unwrap(), before, "to the byte as it was");
        assert_eq!(smielfy_vision::decode(&fixes.picture(1).unwrap()).unwrap().dimensions(), (TILE_PX, TILE_PX));
        assert!(message(fixes.picture(3)).contains("no doubt `3`"));
    }

    #[test]
    fn a_kill_between_the_line_and_the_manifest_loses_nothing() {
        let folder = dataset();
        let mut fixes = open(&folder).unwrap();
        fixes.act(say(0, "laugh")).unwrap();
        let before = fs::read(folder.path().join("manifest.csv")).unwrap();
        fixes.act(say(1, "laugh")).unwrap();
        drop(fixes);
        fs::write(folder.path().join("manifest.csv"), before).unwrap();
        assert_eq!(open(&folder).unwrap().answers().len(), 2);
        assert_eq!(labels(&folder), ["wink", "laugh", "laugh"]);
        fs::write(folder.path().join("manifest.csv"), format!("{SMILEY_HEADER}\n{}\n", ROWS[0])).unwrap();
        assert!(message(open(&folder)).contains("was changed since its labels were doubted: remove"));
    }

    #[test]
    fn nonsense_is_refused_and_writes_nothing() {
        let folder = dataset();
        let mut fixes = open(&folder).unwrap();
        assert!(message(fixes.act(say(3, "grin"))).contains("no doubt `3`"));
        assert!(message(fixes.act(say(0, "sneeze"))).contains("no smiley `sneeze`"));
        assert!(message(open(&folder)).contains("in use"), "nobody else can open it");
        drop(fixes);
        assert!(open(&folder).unwrap().answers().is_empty());
    }

    #[test]
    fn what_must_not_be_changed_is_not() {
        let folder = dataset();
        Fixes::check(folder.path()).unwrap();
        let manifest = folder.path().join("manifest.csv");
        let mut permissions = fs::metadata(&manifest).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&manifest, permissions).unwrap();
        assert!(message(Fixes::check(folder.path())).contains("smielfy dataset import"));
        fs::write(folder.path().join("labels.jsonl"), "").unwrap();
        assert!(message(Fixes::check(folder.path())).contains("`smielfy label` saved there"));
    }
}
