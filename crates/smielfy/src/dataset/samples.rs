//! Datasets of smileys: faces with one label each. A folder goes in, samples in the order of its manifest come out.

use super::manifest::Manifest;
use super::{DatasetError, Split, load_picture};
use serde::{Deserialize, Serialize};
use smielfy_vision::{BoundingBox, RgbImage};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The column that tells a manifest of smileys from one of scenes.
pub(super) const SMILEY_COLUMN: &str = "smiley";

/// The columns of every manifest of smileys.
pub(crate) const COLUMNS: [&str; 11] =
    ["file", SMILEY_COLUMN, "group", "split", "source", "origin", "width", "height", "face_x", "face_y", "face_side"];

/// Groups that an error names before it stops.
const EXAMPLES: usize = 3;

/// Faces with a smiley each, no group of which straddles a split.
#[derive(Debug, Clone, PartialEq)]
pub struct SmileyDataset {
    root: PathBuf,
    hash: String,
    samples: Vec<SmileySample>,
}

/// One labeled face in a picture. It serializes as a row of a manifest; in front of other values, in a tuple, these become further
/// columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "SampleRow")]
pub struct SmileySample {
    /// The picture's path from `images/`.
    pub file: String,
    /// The label: an id of [`Smileys`](crate::smileys::Smileys) or [`NONE`](crate::smileys::NONE), if the dataset is good
    /// (`verify` checks it).
    pub smiley: String,
    /// Name shared by pictures of one person and by look-alikes; all of a group lie in one split.
    pub group: String,
    /// What it is for.
    pub split: Split,
    /// Which collection it came from.
    pub source: String,
    /// How it was labeled: `eye` (one by one), `votes` (by vote, coarse), or whatever else a dataset says.
    pub origin: String,
    /// Width of the picture, in pixels, as the manifest says.
    pub width: u32,
    /// Height of the picture, in pixels, as the manifest says.
    pub height: u32,
    /// The face square.
    pub face: BoundingBox,
}

/// A row of a manifest, in the order of [`COLUMNS`].
#[derive(Serialize, Deserialize)]
struct SampleRow {
    file: String,
    smiley: String,
    group: String,
    split: String,
    source: String,
    origin: String,
    width: u32,
    height: u32,
    face_x: f32,
    face_y: f32,
    face_side: f32,
}

impl SmileyDataset {
    /// Reads the dataset in the folder `root`: `manifest.csv` with at least the columns
    /// `file, smiley, group, split, source, origin, width, height, face_x, face_y, face_side`, one row a face.
    ///
    /// # Errors
    /// A manifest that is missing or wrong somewhere (the line and column are named), or groups that straddle splits.
    pub fn load(root: &Path) -> Result<Self, DatasetError> {
        let (hash, samples) = read_samples(root)?;
        Self::new(root.to_owned(), hash, samples)
    }

    /// A dataset of these samples; `root` is the folder that holds `images/`, `hash` what [`SmileyDataset::hash`] gives.
    ///
    /// # Errors
    /// Groups that straddle splits.
    pub fn new(root: PathBuf, hash: String, samples: Vec<SmileySample>) -> Result<Self, DatasetError> {
        let straddling = straddling_groups(&samples);
        if straddling.is_empty() {
            return Ok(Self { root, hash, samples });
        }
        let describe = |(group, splits): &(&str, Vec<Split>)| {
            let splits: Vec<&str> = splits.iter().map(|split| split.name()).collect();
            format!("`{group}` ({})", splits.join(", "))
        };
        let examples: Vec<String> = straddling.iter().take(EXAMPLES).map(describe).collect();
        Err(DatasetError::Straddle { path: root, count: straddling.len(), examples: examples.join(", ") })
    }

    /// The folder that holds `manifest.csv` and `images/`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// SHA-256 of the manifest's bytes as 64 hexadecimal digits, for weight cards. It stands for labels, squares and splits;
    /// the pixels of the pictures are not in it.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// All samples, in the order of the manifest.
    pub fn samples(&self) -> &[SmileySample] {
        &self.samples
    }

    /// The samples of one split, in the order of the manifest.
    pub fn of_split(&self, split: Split) -> impl Iterator<Item = &SmileySample> {
        self.samples.iter().filter(move |sample| sample.split == split)
    }
}

impl SmileySample {
    /// Reads and decodes the picture; `root` is [`SmileyDataset::root`].
    ///
    /// # Errors
    /// A picture that is missing, unreadable or cannot be decoded, by name.
    pub fn load(&self, root: &Path) -> Result<RgbImage, DatasetError> {
        load_picture(root, &self.file)
    }
}

/// The manifest's hash and its samples, as they come: groups may straddle splits.
pub(super) fn read_samples(root: &Path) -> Result<(String, Vec<SmileySample>), DatasetError> {
    let manifest = Manifest::read(root)?;
    let mut samples = Vec::new();
    for row in manifest.rows::<SampleRow>(&COLUMNS)? {
        let values = row.values;
        manifest.check_file(row.start, &values.file)?;
        let numbers = [("face_x", values.face_x), ("face_y", values.face_y), ("face_side", values.face_side)];
        manifest.check_finite(row.start, &numbers)?;
        let split = manifest.split(row.start, &values.split)?;
        samples.push(values.with_split(split));
    }
    Ok((manifest.hash(), samples))
}

impl SampleRow {
    fn with_split(self, split: Split) -> SmileySample {
        let face = BoundingBox::new(self.face_x, self.face_y, self.face_side);
        let Self { file, smiley, group, source, origin, width, height, .. } = self;
        SmileySample { file, smiley, group, split, source, origin, width, height, face }
    }
}

impl From<SmileySample> for SampleRow {
    fn from(sample: SmileySample) -> Self {
        let SmileySample { file, smiley, group, split, source, origin, width, height, face } = sample;
        let (split, face_x, face_y, face_side) = (split.name().to_owned(), face.x, face.y, face.side);
        Self { file, smiley, group, split, source, origin, width, height, face_x, face_y, face_side }
    }
}

/// The groups with samples in more than one split, with these splits, by name.
pub(super) fn straddling_groups(samples: &[SmileySample]) -> Vec<(&str, Vec<Split>)> {
    let mut splits_of_group: BTreeMap<&str, Vec<Split>> = BTreeMap::new();
    for sample in samples {
        let splits = splits_of_group.entry(&sample.group).or_default();
        if let Err(place) = splits.binary_search(&sample.split) {
            splits.insert(place, sample.split);
        }
    }
    splits_of_group.into_iter().filter(|(_, splits)| splits.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::testing::{SMILEY_HEADER as HEADER, folder, message};
    use proptest::prelude::*;

    fn load(manifest: &str) -> Result<SmileyDataset, DatasetError> {
        SmileyDataset::load(folder(manifest, &[]).path())
    }

    #[test]
    fn columns_are_found_by_name() {
        let usual = format!("{HEADER}\na/b.png,wink,g1,valid,web,eye,20,30,1.5,-2,9\n");
        let shuffled = "note,face_side,face_y,face_x,height,width,origin,source,split,group,smiley,file\n\
                        \"a, b\",9,-2,1.5,30,20,eye,web,valid,g1,wink,a/b.png";
        let sample = SmileySample {
            file: "a/b.png".to_owned(),
            smiley: "wink".to_owned(),
            group: "g1".to_owned(),
            split: Split::Valid,
            source: "web".to_owned(),
            origin: "eye".to_owned(),
            width: 20,
            height: 30,
            face: BoundingBox::new(1.5, -2.0, 9.0),
        };
        for manifest in [usual.as_str(), shuffled] {
            assert_eq!(load(manifest).unwrap().samples(), std::slice::from_ref(&sample), "{manifest}");
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.serialize(&sample).unwrap();
        let written = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        assert_eq!(written, usual.replace(",-2,9", ",-2.0,9.0"), "and it is written as it is read");
    }

    #[test]
    fn wrong_manifests_are_refused_with_the_place() {
        let cases = [
            ("", "no column `file`, `smiley`, `group`"),
            ("file,smiley,group,split,source,origin,width,height,face_x,face_y\n", "no column `face_side`"),
            ("a,wink,g,train,web,eye,2,2,0,0\n", "line 2: 10 values where the first line has 11"),
            ("a,wink,g,train,web,eye,2,2,0,0,1\na,wink,g,dev,web,eye,2,2,0,0,1\n", "line 3, column `split`: unknown split `dev`"),
            ("a,wink,g,train,web,eye,-2,2,0,0,1\n", "line 2, column `width`: invalid digit"),
            ("a,wink,g,train,web,eye,2,2,0,,1\n", "line 2, column `face_y`: cannot parse float"),
            ("a,wink,g,train,web,eye,2,2,0,0,NaN\n", "line 2, column `face_side`: NaN is not a number of pixels"),
            ("../a,wink,g,train,web,eye,2,2,0,0,1\n", "line 2, column `file`: `../a` is not a file in `images/`"),
            ("/etc/a,wink,g,train,web,eye,2,2,0,0,1\n", "line 2, column `file`: `/etc/a` is not"),
            (",wink,g,train,web,eye,2,2,0,0,1\n", "line 2, column `file`: `` is not"),
        ];
        for (rows, expected) in cases {
            let manifest =
                if rows.is_empty() || rows.starts_with("file") { rows.to_owned() } else { format!("{HEADER}\n{rows}") };
            let error = message(load(&manifest));
            assert!(error.contains("manifest.csv") && error.contains(expected), "{rows}: {error}");
        }
        let nowhere = message(SmileyDataset::load(Path::new("no/such/folder")));
        assert!(nowhere.contains("cannot read") && nowhere.contains("manifest.csv"), "{nowhere}");
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        let good = "a,wink,g,train,web,eye,2,2,0,0,1";
        for rows in [[HEADER, good, good, &good.replace("0,1", "?,1")], [HEADER, good, "", &good.replace("train", "dev")]] {
            for end in ["\n", "\r\n"] {
                let error = message(load(&rows.join(end)));
                assert!(error.contains("line 4, column"), "{rows:?}: {error}");
            }
        }
        let error = message(load(&[HEADER, good, "a,b", ""].join("\r\n")));
        assert!(error.contains("line 3: 2 values"), "{error}");
    }

    #[test]
    fn groups_that_straddle_splits_are_refused() {
        let row = |group, split| format!("{group}.png,wink,{group},{split},web,eye,2,2,0,0,1\n");
        let rows =
            [row("b", "train"), row("a", "test"), row("c", "valid"), row("a", "train"), row("b", "test"), row("b", "train")];
        let error = message(load(&format!("{HEADER}\n{}", rows.concat())));
        assert!(error.contains("2 groups straddle splits, such as `a` (train, test), `b` (train, test);"), "{error}");
    }

    #[test]
    fn splits_are_told_apart_and_the_hash_follows_the_manifest() {
        let row = |file, split| format!("{file},wink,{file},{split},web,eye,2,2,0,0,1\n");
        let manifest = [HEADER, "\n", &row("a", "train"), &row("b", "test"), &row("c", "train")].concat();
        let dataset = load(&manifest).unwrap();
        let files: Vec<&str> = dataset.of_split(Split::Train).map(|sample| sample.file.as_str()).collect();
        assert_eq!(files, ["a", "c"]);
        assert_eq!(dataset.hash(), load(&manifest).unwrap().hash());
        assert_ne!(dataset.hash(), load(&manifest.replace("wink", "grin")).unwrap().hash());
        assert_eq!(load("file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side").unwrap().hash().len(), 64);
    }

    #[test]
    fn a_broken_picture_is_named() {
        let manifest = format!("{HEADER}\nbad.png,wink,g,train,web,eye,2,2,0,0,1\ngone.png,wink,g,train,web,eye,2,2,0,0,1\n");
        let folder = folder(&manifest, &[("bad.png", b"not a picture".to_vec())]);
        let dataset = SmileyDataset::load(folder.path()).unwrap();
        for (sample, expected) in dataset.samples().iter().zip(["cannot decode", "cannot read"]) {
            let error = message(sample.load(dataset.root()));
            assert!(error.contains(expected) && error.contains(&sample.file), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_manifest_is_read_or_refused(text in "[a-c,\"\n0-9.\\-]{0,120}", bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut manifest = format!("{HEADER}\n{text}").into_bytes();
            manifest.extend(&bytes);
            let folder = crate::dataset::testing::folder_of_bytes(&manifest);
            if let Ok(dataset) = SmileyDataset::load(folder.path()) {
                prop_assert!(dataset.samples().iter().all(|sample| !sample.file.is_empty()));
            }
        }

        #[test]
        fn any_row_survives_the_way_through_csv(file in "[a-z]{1,8}", text in "[ -~]{0,12}", width in 0u32..9999, x in -1e6f32..1e6) {
            let quoted = text.replace('"', "\"\"");
            let manifest = format!("{HEADER}\n{file},\"{quoted}\",g,test,s,o,{width},7,{x},0,1\n");
            let dataset = load(&manifest).unwrap();
            let sample = &dataset.samples()[0];
            prop_assert_eq!((&sample.file, &sample.smiley, sample.width, sample.face.x), (&file, &text, width, x));
        }
    }
}
