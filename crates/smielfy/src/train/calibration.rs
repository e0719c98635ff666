//! Examples for calibration nets: windows that miss a face by one of the 45 patterns.

use smielfy_vision::crop_resize;

use super::{CalibrationTask, Provenance, Recipe, TrainError, examples::Example, examples::Examples, scenes::Scenes};
use crate::{
    augment::{AugmentParams, augment, sample_seed},
    faces::{CALIBRATION, Pattern},
};

/// Scenes whose faces are missed in a known way.
pub(super) struct CalibrationExamples {
    scenes: Scenes,
    augment: AugmentParams,
    input: u32,
    seed: u64,
}

impl CalibrationExamples {
    pub(super) fn load(recipe: &Recipe, task: &CalibrationTask) -> Result<Self, TrainError> {
        let scenes = Scenes::load(&task.data, &task.scenes, &task.source_weights)?;
        Ok(Self { scenes, augment: recipe.augment.clone(), input: recipe.net.input as u32, seed: recipe.seed })
    }
}

impl Examples for CalibrationExamples {
    fn labels(&self) -> Vec<String> {
        CALIBRATION.iter().map(Pattern::name).collect()
    }

    fn training_len(&self) -> u64 {
        self.scenes.train.faces.len() as u64
    }

    fn training(&self, epoch: u64, index: u64) -> Example {
        let seed = sample_seed(self.seed, epoch, index);
        let (picture, face) = self.scenes.train.faces[self.scenes.choice.pick(seed)];
        let class = (index % CALIBRATION.len() as u64) as usize;
        let window = CALIBRATION[class].window(face);
        let augmented = augment(&self.scenes.train.list[picture].image, window, self.input, 1.0, &self.augment, seed);
        Example {
            window: augmented.image,
            class: Some(if augmented.mirrored { Pattern::mirrored(class) } else { class }),
            auxiliary: None,
        }
    }

    fn validation_len(&self) -> u64 {
        self.scenes.valid.faces.len() as u64
    }

    fn validation(&self, index: u64) -> Example {
        let (picture, face) = self.scenes.valid.faces[index as usize];
        let class = index as usize % CALIBRATION.len();
        let window = CALIBRATION[class].window(face);
        Example {
            window: crop_resize(&self.scenes.valid.list[picture].image, window, self.input),
            class: Some(class),
            auxiliary: None,
        }
    }

    fn provenance(&self) -> Provenance {
        self.scenes.provenance.clone()
    }
}
