//! Recipes: one TOML file is one experiment.
//!
//! Defaults stand below the file, flags above it. An unknown key is an error, and the recipe with every default written out
//! goes into the card of the weights that it makes.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use smielfy_nets::{NetSpec, OptimizerParams};

use super::{TrainError, schedule::ScheduleParams};
use crate::augment::AugmentParams;

/// An experiment: what is trained, on what, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name of the weights that come out, with version; also the folder of the run.
    pub name: String,
    /// Terms of use of the weights, for their card.
    #[serde(default = "default_license")]
    pub license: String,
    /// Everything random follows from this.
    #[serde(default)]
    pub seed: u64,
    /// Longest training in epochs.
    pub epochs: u64,
    /// Windows in a gradient step.
    #[serde(default = "default_batch")]
    pub batch: usize,
    /// Windows in an epoch; as many as there are training samples where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows_per_epoch: Option<u64>,
    /// Probability taken from the right class and spread over all (Szegedy et al. 2016), `0..1`.
    #[serde(default)]
    pub label_smoothing: f32,
    /// Epochs without a better validation score after which the training ends; 0 never ends it early.
    #[serde(default)]
    pub patience: u64,
    /// What is learned from which data.
    pub task: Task,
    /// How the learning rate runs.
    #[serde(default)]
    pub schedule: ScheduleParams,
    /// The optimizer.
    #[serde(default)]
    pub optimizer: OptimizerParams,
    /// How the windows are varied.
    #[serde(default)]
    pub augment: AugmentParams,
    /// The net.
    pub net: NetSpec,
}

/// What is learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Which smiley a face shows.
    Smileys(SmileysTask),
    /// Whether a window shows a face.
    Faces(FacesTask),
    /// By which of the 45 patterns a window misses a face.
    Calibration(CalibrationTask),
}

/// Learning smileys from a dataset of labeled faces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmileysTask {
    /// Folder of the dataset, relative to the folder that the program runs in.
    pub data: PathBuf,
    /// How strongly rare smileys are shown more often: 0 shows each as often as it occurs, 1 all equally often.
    #[serde(default = "default_balance")]
    pub balance: f64,
    /// How often samples of an origin are drawn, relative to 1 for origins that are not named; 0 leaves them out.
    #[serde(default)]
    pub origin_weights: BTreeMap<String, f64>,
}

/// Learning to tell windows with a face from others, on a dataset of scenes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacesTask {
    /// Folder of the dataset, relative to the folder that the program runs in.
    pub data: PathBuf,
    /// Share of the windows that show a face, `0..1`.
    #[serde(default = "default_face_share")]
    pub face_share: f64,
    /// How often faces of a source are drawn, relative to 1 for sources that are not named; 0 leaves them out.
    #[serde(default)]
    pub source_weights: BTreeMap<String, f64>,
    /// Where the windows that are hard to tell come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hard_negatives: Option<HardNegatives>,
}

/// Mining of windows without a face that an earlier net takes for one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardNegatives {
    /// Weight file of the fully convolutional net that proposes them.
    pub proposed_by: PathBuf,
    /// Probability from which it does.
    pub threshold: f32,
    /// Proposals taken from a picture at most, the surest of them.
    pub per_picture: usize,
    /// Share of the windows without a face that are such proposals; the others are cut at random.
    pub share: f64,
}

/// Learning to move windows onto faces, on a dataset of scenes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationTask {
    /// Folder of the dataset, relative to the folder that the program runs in.
    pub data: PathBuf,
    /// How often faces of a source are drawn, relative to 1 for sources that are not named; 0 leaves them out.
    #[serde(default)]
    pub source_weights: BTreeMap<String, f64>,
}

fn default_license() -> String {
    "MIT OR Apache-2.0".into()
}

fn default_batch() -> usize {
    128
}

/// More of the rest than of faces, as there is more of it and it is more varied.
fn default_face_share() -> f64 {
    0.4
}

/// The square root of the counts: between what occurs and what is fair (Mahajan et al. 2018).
fn default_balance() -> f64 {
    0.5
}

impl Recipe {
    /// Reads and checks a recipe file.
    ///
    /// # Errors
    /// [`TrainError::Recipe`] that names the file and what is wrong in it.
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let wrong = |why: String| TrainError::Recipe { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        Self::parse(&text).map_err(wrong)
    }

    /// Reads a recipe from TOML.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let recipe: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        recipe.check()?;
        Ok(recipe)
    }

    /// The same recipe on another dataset.
    #[must_use]
    pub fn with_data(mut self, folder: PathBuf) -> Self {
        match &mut self.task {
            Task::Smileys(task) => task.data = folder,
            Task::Faces(task) => task.data = folder,
            Task::Calibration(task) => task.data = folder,
        }
        self
    }

    /// The recipe as TOML with every default written out.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a recipe holds nothing that TOML cannot")
    }

    fn check(&self) -> Result<(), String> {
        let safe = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.name.is_empty() || self.name.starts_with('.') || !self.name.chars().all(safe) {
            return Err(format!("the name `{}` is not made of letters, digits, `-`, `_` and `.`", self.name));
        }
        if self.epochs == 0 || self.batch < 2 || self.windows_per_epoch == Some(0) {
            return Err("epochs and windows_per_epoch must be at least 1 and batch at least 2".into());
        }
        if !(0.0..1.0).contains(&self.label_smoothing) {
            return Err("label_smoothing must be at least 0 and below 1".into());
        }
        self.task.check()?;
        self.net.shapes().map(drop).map_err(|error| error.to_string())
    }
}

impl Task {
    fn check(&self) -> Result<(), String> {
        let weights = match self {
            Self::Smileys(task) => &task.origin_weights,
            Self::Faces(task) => &task.source_weights,
            Self::Calibration(task) => &task.source_weights,
        };
        if let Some((name, weight)) = weights.iter().find(|(_, weight)| !weight.is_finite() || **weight < 0.0) {
            return Err(format!("the weight of `{name}` is {weight}: it must be a number from 0"));
        }
        match self {
            Self::Faces(FacesTask { face_share, .. }) if !(*face_share > 0.0 && *face_share < 1.0) => {
                Err("face_share must lie between 0 and 1".into())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RECIPE: &str = r#"
        name = "test-v1"
        epochs = 2
        [task.smileys]
        data = "faces"
        [net]
        input = 8
        blocks = [{ conv = { kernel = 3, filters = 4 } }, "relu", "max_pool", { dense = { units = 17 } }]
    "#;

    #[test]
    fn the_effective_recipe_reads_as_written() {
        let recipe = Recipe::parse(RECIPE).unwrap();
        assert_eq!(recipe.batch, 128);
        assert_eq!(Recipe::parse(&recipe.to_toml()).unwrap(), recipe);
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("epochs = 2", "epoch = 2", "unknown field `epoch`"),
            ("epochs = 2", "epochs = 0", "at least 1"),
            ("test-v1", "../escape", "is not made of letters"),
            ("kernel = 3", "kernel = 4", "even kernel"),
            ("data = \"faces\"", "", "missing field `data`"),
            ("data = \"faces\"", "data = \"faces\"\norigin_weights = { eye = -1.0 }", "must be a number from 0"),
            ("[task.smileys]", "[task.faces]\nface_share = 0.0", "must lie between 0 and 1"),
        ];
        for (good, bad, expected) in cases {
            let message = Recipe::parse(&RECIPE.replace(good, bad)).unwrap_err();
            assert!(message.contains(expected), "{bad}: {message}");
        }
    }

    proptest! {
        #[test]
        fn damaged_recipes_never_panic(cut in 0..RECIPE.len(), noise in "\\PC{0,8}") {
            let _ = Recipe::parse(&format!("{}{noise}", &RECIPE[..cut]));
        }
    }
}
