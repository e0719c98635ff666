//! What is known of a rendered face beside its label, read from the folder that it was written to.

use std::{
    collections::BTreeMap,
    fmt::Display,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::Deserialize;

use super::{
    SynthError,
    folder::TRUTH_FILE,
    kit::MIRRORED,
    shapes::{Expression, shape_index},
};

/// Movements and landmarks of a rendered face.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceTruth {
    /// Weights of the blendshapes.
    pub expression: Expression,
    /// The 68 landmarks (iBUG 300-W markup), in pixels of the picture.
    pub landmarks: [[f32; 2]; 68],
}

impl FaceTruth {
    /// The truth of the mirrored picture, but that its landmarks are still where they were: those of the left half are named as
    /// those of the right one, and left movements are right ones.
    #[must_use]
    pub fn with_sides_swapped(&self) -> Self {
        Self { expression: self.expression.mirrored(), landmarks: MIRRORED.map(|landmark| self.landmarks[landmark]) }
    }
}

/// A line of [`TRUTH_FILE`], as far as it is read.
#[derive(Deserialize)]
struct Line {
    file: String,
    blendshapes: BTreeMap<String, f32>,
    landmarks: Vec<[f32; 2]>,
}

impl Line {
    fn truth(&self) -> Result<FaceTruth, String> {
        let mut expression = Expression::default();
        for (name, weight) in &self.blendshapes {
            let index = shape_index(name).ok_or_else(|| format!("there is no blendshape `{name}`"))?;
            expression.weights[index] = *weight;
        }
        let landmarks = self.landmarks.as_slice().try_into();
        let landmarks = landmarks.map_err(|_| format!("{} landmarks and not 68", self.landmarks.len()))?;
        Ok(FaceTruth { expression, landmarks })
    }
}

/// The truth about each picture of a folder of renders, by the picture's name in the manifest.
///
/// # Errors
/// [`SynthError::Truth`] that names the line which is missing or wrong.
pub fn read_truth(folder: &Path) -> Result<BTreeMap<String, FaceTruth>, SynthError> {
    let path = folder.join(TRUTH_FILE);
    let wrong = |why: String| SynthError::Truth { path: path.clone(), why };
    let file = File::open(&path).map_err(|error| wrong(error.to_string()))?;
    let read = |(index, line): (usize, std::io::Result<String>)| {
        let at = |why: &dyn Display| wrong(format!("line {}: {why}", index + 1));
        let line: Line = serde_json::from_str(&line.map_err(|error| at(&error))?).map_err(|error| at(&error))?;
        let truth = line.truth().map_err(|why| at(&why))?;
        Ok((line.file, truth))
    };
    BufReader::new(file).lines().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BTreeMap<String, FaceTruth>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(TRUTH_FILE), text).unwrap();
        read_truth(folder.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn mistakes_name_their_line() {
        let good = format!("{{\"file\":\"a\",\"blendshapes\":{{\"jawOpen\":0.5}},\"landmarks\":{:?}}}\n", vec![[1.0, 2.0]; 68]);
        let truth = &read(&good).unwrap()["a"];
        assert_eq!((truth.expression.get("jawOpen"), truth.landmarks[67]), (0.5, [1.0, 2.0]));
        for (bad, expected) in [
            (good.replace("jawOpen", "jawWide"), "line 2: there is no blendshape `jawWide`"),
            (good.replace("[1.0, 2.0], ", ""), "line 2: 1 landmarks and not 68"),
            ("{}".to_owned(), "line 2: missing field"),
        ] {
            let error = read(&(good.clone() + &bad)).unwrap_err();
            assert!(error.contains(expected) && error.contains(TRUTH_FILE), "{error}");
        }
        assert!(read_truth(Path::new("nowhere")).unwrap_err().to_string().contains("nowhere"));
    }

    #[test]
    fn swapping_sides_twice_changes_nothing() {
        let mut truth = FaceTruth { expression: Expression::default(), landmarks: [[0.0; 2]; 68] };
        for (index, place) in truth.landmarks.iter_mut().enumerate() {
            *place = [index as f32, 1.0];
        }
        for (index, weight) in truth.expression.weights.iter_mut().enumerate() {
            *weight = index as f32;
        }
        let swapped = truth.with_sides_swapped();
        assert_eq!(swapped.landmarks[0], truth.landmarks[16]);
        assert_eq!(swapped.with_sides_swapped(), truth);
    }
}
