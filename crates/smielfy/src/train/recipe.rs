//! Recipes: one TOML file is one experiment.
//!
//! Defaults stand below the file, flags above it. An unknown key is an error, and the recipe with every default written out
//! goes into the card of the weights that it makes.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use smielfy_nets::{NetSpec, OptimizerParams};

use super::{Change, DistillParams, Task, TrainError, schedule::ScheduleParams};
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
    /// Side in pixels of the pictures that a smile net learns from, all windows of which count; the net's input, one window each,
    /// where absent. 64 shows an input of 48 all nine shifts of the vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<usize>,
    /// Windows in an epoch; as many as there are training samples where absent. Renders on the fly are not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows_per_epoch: Option<u64>,
    /// Probability taken from the right class and spread over all (Szegedy et al. 2016), `0..1`.
    #[serde(default)]
    pub label_smoothing: f32,
    /// Epochs without a better validation score after which the training ends; 0 never ends it early.
    #[serde(default)]
    pub patience: u64,
    /// Weight file that the training starts from, of the same net or of one with narrower layers, which is widened; random weights where
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<PathBuf>,
    /// What is learned from which data.
    pub task: Task,
    /// Nets that teach beside the labels; none where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distill: Option<DistillParams>,
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

fn default_license() -> String {
    "MIT OR Apache-2.0".into()
}

fn default_batch() -> usize {
    128
}

impl Recipe {
    /// Reads and checks a recipe file, with `changes` made to it.
    ///
    /// # Errors
    /// [`TrainError::Recipe`] that names the file and what is wrong in it.
    pub fn load(path: &Path, changes: &[Change]) -> Result<Self, TrainError> {
        let wrong = |why: String| TrainError::Recipe { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        if changes.is_empty() {
            // Errors show their line.
            return Self::parse(&text).map_err(wrong);
        }
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        changes.iter().try_for_each(|change| change.make(&mut table)).map_err(wrong)?;
        Self::parse(&table.to_string()).map_err(wrong)
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
            Task::Proposals(task) | Task::Faces(task) => task.data = folder,
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
        if !(0.0..1.0).contains(&self.optimizer.average) {
            return Err("average of the optimizer must be at least 0 and below 1".into());
        }
        self.task.check()?;
        if self.windows_per_epoch.is_none() && !self.task.is_countable() {
            return Err("windows_per_epoch must be given where all windows are rendered, as there are no samples to count".into());
        }
        if let Some(distill) = &self.distill {
            distill.check()?;
            if self.patch.is_some() {
                return Err("teachers see windows, not patches: leave out `patch` or `distill`".into());
            }
        }
        if let Some(side) = self.patch {
            if matches!(&self.task, Task::Smileys(task) if task.auxiliary_weight().is_some()) {
                return Err("an auxiliary head sees windows, not patches: leave out `patch` or `auxiliary_weight`".into());
            }
            if !matches!(self.task, Task::Smileys(_)) {
                return Err("patches are for smile nets".into());
            }
            self.net.patch_form().and_then(|form| form.windows(side)).map_err(|error| error.to_string())?;
        }
        self.net.shapes().map(drop).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::train::{RendersParams, RendersSource, SmileysTask};
    use proptest::prelude::*;

    pub(in crate::train) const RECIPE: &str = r#"
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
            ("epochs = 2", "epochs = 2\n patch = 7", "cannot be laid over patches"),
            ("data = \"faces\"", "data = \"faces\"\ndoubts = { by = \"a\", origins = [], below = 2 }", "`below` of doubts"),
            (
                "data = \"faces\"",
                "data = \"faces\"\nunlabeled = { by = \"a\", scenes = \"b\", above = 2 }",
                "`above` of unlabeled",
            ),
            ("[task.smileys]", "patch = 8\n[task.faces]", "patches are for smile nets"),
            ("[task.smileys]", "distill = { teachers = [], share = 0.5 }\n[task.smileys]", "needs a teacher"),
            ("[task.smileys]", "distill = { teachers = [\"a\"], share = 2 }\n[task.smileys]", "between 0 and 1"),
            (
                "[task.smileys]",
                "patch = 8\ndistill = { teachers = [\"a\"], share = 1 }\n[task.smileys]",
                "see windows, not patches",
            ),
            ("data = \"faces\"", "data = \"faces\"\nlogit_adjustment = -1", "logit_adjustment must lie between"),
            ("[task.smileys]", "optimizer = { average = 1.0 }\n[task.smileys]", "average of the optimizer must be"),
            ("test-v1", "../escape", "is not made of letters"),
            ("kernel = 3", "kernel = 4", "even kernel"),
            ("data = \"faces\"", "", "missing field `data`"),
            ("data = \"faces\"", "data = \"faces\"\norigin_weights = { eye = -1.0 }", "must be a number from 0"),
            ("[task.smileys]", "[task.faces]\nface_share = 0.0", "must lie between 0 and 1"),
            ("[task.smileys]", "[task.faces]\nscenes = \"renders\"", "expected a sequence"),
        ];
        for (good, bad, expected) in cases {
            let message = Recipe::parse(&RECIPE.replace(good, bad)).unwrap_err();
            assert!(message.contains(expected), "{bad}: {message}");
        }
    }

    /// The recipe with a table of renders that has these lines.
    fn with_renders(lines: &str) -> Result<Recipe, String> {
        Recipe::parse(&RECIPE.replace("[net]", &format!("[task.smileys.renders]\n{lines}\n[net]")))
    }

    #[test]
    fn renders_come_from_a_kit_or_a_folder() {
        let kit = |backgrounds: Option<&str>| RendersSource::Kit { kit: "a".into(), backgrounds: backgrounds.map(Into::into) };
        let cases = [
            ("share = 0.5\nfrom = { kit = \"a\" }", 0.5, 0.1, kit(None)),
            ("share = 0.5\nfrom = { kit = \"a\", backgrounds = \"b\" }", 0.5, 0.1, kit(Some("b"))),
            ("share = 1\nnone_share = 0\nfrom = { folder = \"a\" }", 1.0, 0.0, RendersSource::Folder { folder: "a".into() }),
        ];
        for (lines, share, none_share, from) in cases {
            let recipe = with_renders(lines).unwrap();
            let Task::Smileys(SmileysTask { renders, .. }) = &recipe.task else { panic!("a task of smileys: {recipe:?}") };
            let smiley_weights = BTreeMap::new();
            assert_eq!(
                renders.as_ref(),
                Some(&RendersParams { share, none_share, smiley_weights, auxiliary_weight: 0.0, from }),
                "{lines}"
            );
            assert_eq!(Recipe::parse(&recipe.to_toml()).unwrap(), recipe);
        }
    }

    #[test]
    fn mistakes_in_renders_are_named() {
        let cases = [
            ("share = 0.5", "missing field `from`"),
            ("from = { kit = \"a\" }", "missing field `share`"),
            ("share = 0.5\nfrom = { kits = \"a\" }", "unknown field `kits`"),
            ("share = 0.5\nfrom = {}", "give one of them"),
            ("share = 0.5\nfrom = { kit = \"a\", folder = \"b\" }", "give one of them"),
            ("share = 0.5\nfrom = { folder = \"a\", backgrounds = \"b\" }", "with a `kit` alone"),
            ("share = 0.5\nfrom = { backgrounds = \"b\" }", "with a `kit` alone"),
            ("share = 1.5\nfrom = { kit = \"a\" }", "must lie between 0 and 1"),
            ("share = nan\nfrom = { kit = \"a\" }", "must lie between 0 and 1"),
            ("share = 0.5\nnone_share = 1.0\nfrom = { kit = \"a\" }", "none_share must be at least 0 and below 1"),
            ("share = 0.5\nsmiley_weights = { grin = -1 }\nfrom = { kit = \"a\" }", "must be a number from 0"),
            ("share = 0.5\nauxiliary_weight = -1\nfrom = { kit = \"a\" }", "auxiliary_weight must lie between"),
            ("share = 0.5\nnones = 0.1\nfrom = { kit = \"a\" }", "unknown field `nones`"),
            ("share = 1.0\nfrom = { kit = \"a\" }", "windows_per_epoch must be given"),
        ];
        for (lines, expected) in cases {
            let message = with_renders(lines).unwrap_err();
            assert!(message.contains(expected), "{lines}: {message}");
        }
    }

    #[test]
    fn what_is_not_given_is_not_in_the_effective_recipe() {
        let text = Recipe::parse(RECIPE).unwrap().to_toml();
        assert!(!text.contains("renders") && !text.contains("scenes"), "recipes of earlier runs read as before: {text}");
    }

    #[test]
    fn the_recipes_of_the_project_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
        let paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(paths.len() > 5);
        for path in paths {
            let recipe = Recipe::load(&path, &[]).unwrap();
            assert_eq!(Recipe::parse(&recipe.to_toml()).unwrap(), recipe, "{}", path.display());
        }
    }

    proptest! {
        #[test]
        fn damaged_recipes_never_panic(cut in 0..RECIPE.len(), noise in "\\PC{0,8}") {
            let _ = Recipe::parse(&format!("{}{noise}", &RECIPE[..cut]));
        }
    }
}
