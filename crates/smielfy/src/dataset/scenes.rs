//! Datasets of scenes: pictures with any number of face squares. A folder goes in, scenes in the order of its manifest come out.

use super::manifest::{Manifest, Row};
use super::{Dataset, DatasetError, SmileySample, Split, load_picture};
use serde::{Deserialize, Serialize};
use smielfy_vision::{BoundingBox, RgbImage};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const COLUMNS: [&str; 8] = ["file", "split", "source", "width", "height", "x", "y", "side"];

/// Pictures with face squares.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneDataset {
    root: PathBuf,
    hash: String,
    scenes: Vec<Scene>,
    repairs: Vec<Repair>,
}

/// A fault of a manifest that loading repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The picture.
    pub file: String,
    /// Line of the manifest, from 1.
    pub line: u64,
    /// What was wrong there.
    pub fault: Fault,
}

/// What was wrong in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The picture is in another split above; it is kept in the later one of train, valid, test.
    SecondSplit,
    /// The same square of the same picture is there above; it is kept once.
    RepeatedRow,
}

/// A picture and all the faces in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The picture's path from `images/`.
    pub file: String,
    /// What it is for.
    pub split: Split,
    /// Which collection it came from.
    pub source: String,
    /// Width of the picture, in pixels, as the manifest says.
    pub width: u32,
    /// Height of the picture, in pixels, as the manifest says.
    pub height: u32,
    /// The face squares; none in a picture without faces.
    pub faces: Vec<BoundingBox>,
}

/// A row of a manifest of scenes: a face, or a picture without any.
#[derive(Serialize, Deserialize)]
pub(crate) struct SceneRow {
    pub file: String,
    pub split: String,
    pub source: String,
    pub width: u32,
    pub height: u32,
    pub x: Option<f32>,
    pub y: Option<f32>,
    pub side: Option<f32>,
}

impl SceneDataset {
    /// Reads the dataset in the folder `root`: `manifest.csv` with at least the columns
    /// `file, split, source, width, height, x, y, side`, one row a face; empty `x, y, side` are a picture without faces.
    ///
    /// Two faults are repaired, as they would make figures too good, and told by [`SceneDataset::repairs`]: a picture that is
    /// in two splits is kept in the later one of train, valid, test only, and a square that is there twice is kept once.
    ///
    /// # Errors
    /// A manifest that is missing or wrong somewhere (the line and column are named), or rows of one picture that disagree.
    pub fn load(root: &Path) -> Result<Self, DatasetError> {
        let manifest = Manifest::read(root)?;
        let mut dataset = Self { root: root.to_owned(), hash: manifest.hash(), scenes: Vec::new(), repairs: Vec::new() };
        let mut index_of_file: HashMap<String, usize> = HashMap::new();
        for row in manifest.rows::<SceneRow>(&COLUMNS)? {
            manifest.check_file(row.start, &row.values.file)?;
            let face = face(&manifest, &row)?;
            let split = manifest.split(row.start, &row.values.split)?;
            if let Some(&index) = index_of_file.get(&row.values.file) {
                let scene = &mut dataset.scenes[index];
                check_agreement(&manifest, scene, &row, face)?;
                dataset.repairs.extend(add_row(scene, manifest.line(row.start), split, face));
            } else {
                index_of_file.insert(row.values.file.clone(), dataset.scenes.len());
                dataset.scenes.push(scene(row.values, split, face));
            }
        }
        Ok(dataset)
    }

    /// What was repaired while loading, in the order of the manifest; empty for a good one.
    pub fn repairs(&self) -> &[Repair] {
        &self.repairs
    }

    /// The folder that holds `manifest.csv` and `images/`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// SHA-256 of the manifest's bytes as 64 hexadecimal digits, for weight cards. It stands for squares and splits; the
    /// pixels of the pictures are not in it.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// All scenes, in the order of the manifest.
    pub fn scenes(&self) -> &[Scene] {
        &self.scenes
    }

    /// The scenes of one split, in the order of the manifest.
    pub fn of_split(&self, split: Split) -> impl Iterator<Item = &Scene> {
        self.scenes.iter().filter(move |scene| scene.split == split)
    }
}

impl From<Dataset> for SceneDataset {
    /// Labeled faces are scenes with one face each.
    fn from(dataset: Dataset) -> Self {
        let dataset = match dataset {
            Dataset::Scenes(dataset) => return dataset,
            Dataset::Smileys(dataset) => dataset,
        };
        let scene = |sample: &SmileySample| Scene {
            file: sample.file.clone(),
            split: sample.split,
            source: sample.source.clone(),
            width: sample.width,
            height: sample.height,
            faces: vec![sample.face],
        };
        let scenes = dataset.samples().iter().map(scene).collect();
        Self { root: dataset.root().to_owned(), hash: dataset.hash().to_owned(), scenes, repairs: vec![] }
    }
}

impl Scene {
    /// Reads and decodes the picture; `root` is [`SceneDataset::root`].
    ///
    /// # Errors
    /// A picture that is missing, unreadable or cannot be decoded, by name.
    pub fn load(&self, root: &Path) -> Result<RgbImage, DatasetError> {
        load_picture(root, &self.file)
    }
}

fn scene(row: SceneRow, split: Split, face: Option<BoundingBox>) -> Scene {
    let SceneRow { file, source, width, height, .. } = row;
    Scene { file, split, source, width, height, faces: face.into_iter().collect() }
}

/// The square of a row, or nothing for a picture without faces.
fn face(manifest: &Manifest, row: &Row<SceneRow>) -> Result<Option<BoundingBox>, DatasetError> {
    match (row.values.x, row.values.y, row.values.side) {
        (Some(x), Some(y), Some(side)) => {
            manifest.check_finite(row.start, &[("x", x), ("y", y), ("side", side)])?;
            Ok(Some(BoundingBox::new(x, y, side)))
        }
        (None, None, None) => Ok(None),
        (x, y, _) => {
            let column = if x.is_none() {
                "x"
            } else if y.is_none() {
                "y"
            } else {
                "side"
            };
            Err(manifest.value_error(row.start, column, "empty; give all of x, y, side or none of them"))
        }
    }
}

/// Refuses a further row of a picture that contradicts those above it.
fn check_agreement(
    manifest: &Manifest,
    scene: &Scene,
    row: &Row<SceneRow>,
    face: Option<BoundingBox>,
) -> Result<(), DatasetError> {
    let values = &row.values;
    let agreements = [
        ("source", values.source == scene.source),
        ("width", values.width == scene.width),
        ("height", values.height == scene.height),
    ];
    if let Some((column, _)) = agreements.iter().find(|(_, agrees)| !agrees) {
        return Err(manifest.value_error(row.start, column, format!("`{}` has another one above", scene.file)));
    }
    if face.is_some() == scene.faces.is_empty() {
        let message = format!("`{}` is with a face here and without any above, or the reverse", scene.file);
        return Err(manifest.value_error(row.start, "x", message));
    }
    Ok(())
}

/// Adds a further row of a picture to its scene, and tells what had to be repaired.
fn add_row(scene: &mut Scene, line: u64, split: Split, face: Option<BoundingBox>) -> Vec<Repair> {
    let mut repairs = Vec::new();
    let mut repair = |fault| repairs.push(Repair { file: scene.file.clone(), line, fault });
    if split != scene.split {
        repair(Fault::SecondSplit);
        scene.split = scene.split.max(split);
    }
    match face {
        Some(face) if !scene.faces.contains(&face) => scene.faces.push(face),
        _ => repair(Fault::RepeatedRow),
    }
    repairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::testing::{SMILEY_HEADER, folder, message};
    use proptest::prelude::*;

    const HEADER: &str = "file,split,source,width,height,x,y,side";

    fn load(rows: &str) -> Result<SceneDataset, DatasetError> {
        SceneDataset::load(folder(&format!("{HEADER}\n{rows}"), &[]).path())
    }

    #[test]
    fn rows_of_one_picture_make_one_scene() {
        let dataset = load("b,train,web,9,8,1,2,3\na,valid,bg,5,5,,,\nb,train,web,9,8,4,5,6.5\n").unwrap();
        let faces = |index: usize| dataset.scenes()[index].faces.as_slice();
        assert_eq!(dataset.scenes().iter().map(|scene| scene.file.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(faces(0), [BoundingBox::new(1.0, 2.0, 3.0), BoundingBox::new(4.0, 5.0, 6.5)]);
        assert_eq!(faces(1), []);
        assert_eq!(dataset.of_split(Split::Valid).count(), 1);
    }

    #[test]
    fn labeled_faces_are_scenes_too() {
        let rows = "a,grin,g,train,web,eye,9,8,1,2,3\n";
        let data = folder(&format!("{SMILEY_HEADER}\n{rows}"), &[]);
        let scenes = SceneDataset::from(Dataset::load(data.path()).unwrap());
        let expected = load("a,train,web,9,8,1,2,3\n").unwrap();
        assert_eq!(scenes.scenes(), expected.scenes());
    }

    #[test]
    fn wrong_rows_are_refused_with_the_place() {
        let face = "b,train,web,9,8,1,2,3\n";
        let cases = [
            ("b,train,web,9,8,1,,3\n".to_owned(), "line 2, column `y`: empty"),
            ("b,train,web,9,8,,2,3\n".to_owned(), "line 2, column `x`: empty"),
            ("b,train,web,9,8,inf,2,3\n".to_owned(), "line 2, column `x`: inf is not a number"),
            (format!("{face}b,train,web,9,7,1,2,3\n"), "line 3, column `height`: `b` has another one above"),
            (format!("{face}b,train,web,9,8,,,\n"), "line 3, column `x`: `b` is with a face here"),
            (format!("b,train,web,9,8,,,\n{face}"), "line 3, column `x`: `b` is with a face here"),
        ];
        for (rows, expected) in cases {
            let error = message(load(&rows));
            assert!(error.contains(expected), "{rows}: {error}");
        }
    }

    #[test]
    fn what_would_leak_is_repaired_and_told() {
        let rows = "a,valid,w,9,8,1,2,3\nb,train,w,9,8,1,2,3\na,train,w,9,8,1,2,3\nb,train,w,9,8,1,2,3\nb,test,w,9,8,4,4,4\n";
        let dataset = load(rows).unwrap();
        let scenes: Vec<_> = dataset.scenes().iter().map(|scene| (scene.split, scene.faces.len())).collect();
        assert_eq!(scenes, [(Split::Valid, 1), (Split::Test, 2)]);
        let repairs: Vec<_> = dataset.repairs().iter().map(|repair| (repair.line, repair.fault)).collect();
        let (second, repeated) = (Fault::SecondSplit, Fault::RepeatedRow);
        assert_eq!(repairs, [(4, second), (4, repeated), (5, repeated), (6, second)]);
    }

    proptest! {
        #[test]
        fn any_rows_are_read_or_refused(rows in "(([ab],(train|valid),w,9,9,(1,2,3|,,|1,,))\n){0,6}") {
            if let Ok(dataset) = load(&rows) {
                let kept: usize = dataset.scenes().iter().map(|scene| scene.faces.len().max(1)).sum();
                let repeated = dataset.repairs().iter().filter(|repair| repair.fault == Fault::RepeatedRow).count();
                prop_assert_eq!(kept + repeated, rows.lines().count());
            }
        }
    }
}
