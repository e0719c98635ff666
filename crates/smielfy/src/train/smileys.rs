//! Examples of smileys: windows round labeled faces.

use std::collections::BTreeMap;

use rayon::prelude::*;
use smielfy_vision::{BoundingBox, RgbImage, crop_resize};

use super::{Recipe, SmileysTask, TrainError, draw::WeightedChoice, examples::Example, examples::Examples};
use crate::{
    augment::{AugmentParams, augment, sample_seed},
    dataset::{SmileyDataset, SmileySample, Split},
    smileys::Smileys,
};

/// Labeled faces in memory.
pub(super) struct SmileyExamples {
    smileys: Smileys,
    train: Vec<Face>,
    valid: Vec<Face>,
    choice: WeightedChoice,
    augment: AugmentParams,
    input: u32,
    seed: u64,
    hash: BTreeMap<String, String>,
    sources: Vec<String>,
}

struct Face {
    image: RgbImage,
    square: BoundingBox,
    class: usize,
}

impl SmileyExamples {
    /// Reads all pictures of the `train` and `valid` splits.
    pub(super) fn load(recipe: &Recipe, task: &SmileysTask, smileys: &Smileys) -> Result<Self, TrainError> {
        let dataset = SmileyDataset::load(&task.data)?;
        let weight = |sample: &SmileySample| task.origin_weights.get(&sample.origin).copied().unwrap_or(1.0);
        let samples: Vec<&SmileySample> = dataset.of_split(Split::Train).filter(|sample| weight(sample) > 0.0).collect();
        let train = load_faces(&dataset, &samples, smileys)?;
        let held_out: Vec<&SmileySample> = dataset.of_split(Split::Valid).collect();
        let valid = load_faces(&dataset, &held_out, smileys)?;
        if train.is_empty() || valid.is_empty() {
            let why = "no samples to train on or none to validate by".into();
            return Err(TrainError::Unsuitable { data: task.data.clone(), why });
        }
        let weights: Vec<f64> = samples.iter().map(|sample| weight(sample)).collect();
        let classes: Vec<usize> = train.iter().map(|face| face.class).collect();
        let mut sources: Vec<String> = samples.iter().map(|sample| sample.source.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        let name = task.data.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self {
            smileys: smileys.clone(),
            train,
            valid,
            choice: WeightedChoice::new(&balanced(&weights, &classes, smileys.len(), task.balance)),
            augment: recipe.augment.clone(),
            input: recipe.net.input as u32,
            seed: recipe.seed,
            hash: BTreeMap::from([(name, dataset.hash().to_owned())]),
            sources,
        })
    }
}

/// The pictures of `samples` with the indices of their labels.
fn load_faces(dataset: &SmileyDataset, samples: &[&SmileySample], smileys: &Smileys) -> Result<Vec<Face>, TrainError> {
    let load = |sample: &&SmileySample| {
        let class = smileys.index_of(&sample.smiley).ok_or_else(|| TrainError::Unsuitable {
            data: dataset.root().to_owned(),
            why: format!("`{}` is labeled `{}`, which is not in the list of smileys", sample.file, sample.smiley),
        })?;
        Ok(Face { image: sample.load(dataset.root())?, square: sample.face, class })
    };
    samples.par_iter().map(load).collect()
}

/// Weights of samples with each class's total raised to the power of `1 - balance`.
fn balanced(weights: &[f64], classes: &[usize], class_count: usize, balance: f64) -> Vec<f64> {
    let mut totals = vec![0.0; class_count];
    weights.iter().zip(classes).for_each(|(weight, class)| totals[*class] += weight);
    weights.iter().zip(classes).map(|(weight, class)| weight * totals[*class].powf(-balance)).collect()
}

impl Examples for SmileyExamples {
    fn labels(&self) -> Vec<String> {
        self.smileys.ids()
    }

    fn training_len(&self) -> u64 {
        self.train.len() as u64
    }

    fn training(&self, epoch: u64, index: u64) -> Example {
        let seed = sample_seed(self.seed, epoch, index);
        let face = &self.train[self.choice.pick(seed)];
        let augmented = augment(&face.image, face.square, self.input, 1.0, &self.augment, seed);
        let class = if augmented.mirrored { self.smileys.mirror(face.class) } else { face.class };
        Example { window: augmented.image, class }
    }

    fn validation_len(&self) -> u64 {
        self.valid.len() as u64
    }

    fn validation(&self, index: u64) -> Example {
        let face = &self.valid[index as usize];
        Example { window: crop_resize(&face.image, face.square, self.input), class: face.class }
    }

    fn provenance(&self) -> (BTreeMap<String, String>, Vec<String>) {
        (self.hash.clone(), self.sources.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balance_goes_from_as_it_occurs_to_all_equal() {
        let (weights, classes) = ([1.0; 5], [0, 0, 0, 0, 1]);
        let shares = |balance| {
            let balanced = balanced(&weights, &classes, 2, balance);
            balanced[4] / balanced.iter().sum::<f64>()
        };
        assert!((shares(0.0) - 0.2).abs() < 1e-9);
        assert!((shares(0.5) - 1.0 / 3.0).abs() < 1e-9);
        assert!((shares(1.0) - 0.5).abs() < 1e-9);
    }
}
