//! Labeled faces in memory, real or rendered, and drawing among them by weight.

use rayon::prelude::*;
use smielfy_vision::{BoundingBox, RgbImage};

use super::{TrainError, draw::WeightedChoice};
use crate::{
    dataset::{SmileyDataset, SmileySample},
    smileys::{NONE, Smileys},
    synth::FaceTruth,
};

/// A face in its picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Face {
    pub image: RgbImage,
    pub square: BoundingBox,
    /// Index of its smiley; `None` for a face that shows none in particular.
    pub class: Option<usize>,
    /// What is known beside it, of a rendered face.
    pub truth: Option<Box<FaceTruth>>,
}

/// Faces to draw from.
pub(super) struct Faces {
    list: Vec<Face>,
    choice: WeightedChoice,
}

impl Faces {
    /// `weights` say how often each face of `list` is drawn, relative to the others.
    ///
    /// # Panics
    /// If the weights are not above 0 in all.
    pub(super) fn new(list: Vec<Face>, weights: &[f64]) -> Self {
        Self { list, choice: WeightedChoice::new(weights) }
    }

    /// The face that `seed` draws.
    pub(super) fn pick(&self, seed: u64) -> &Face {
        &self.list[self.choice.pick(seed)]
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Which share of what is drawn each of `classes` has; faces that show none take the rest.
    pub(super) fn class_shares(&self, classes: usize) -> Vec<f64> {
        self.choice.class_shares(self.list.iter().map(|face| face.class), classes)
    }
}

/// The pictures of `samples` with the indices of their labels.
pub(super) fn load_faces(dataset: &SmileyDataset, samples: &[&SmileySample], smileys: &Smileys) -> Result<Vec<Face>, TrainError> {
    let load = |sample: &&SmileySample| {
        let class = smileys.index_of(&sample.smiley);
        if class.is_none() && sample.smiley != NONE {
            let why = format!("`{}` is labeled `{}`, which is not in the list of smileys", sample.file, sample.smiley);
            return Err(TrainError::Unsuitable { data: dataset.root().to_owned(), why });
        }
        Ok(Face { image: sample.load(dataset.root())?, square: sample.face, class, truth: None })
    };
    samples.par_iter().map(load).collect()
}

/// Weights of faces with each class's total raised to the power of `1 - balance`; faces of no class are a class as well.
pub(super) fn balanced(weights: &[f64], faces: &[Face], balance: f64) -> Vec<f64> {
    let place = |face: &Face| face.class.map_or(0, |class| class + 1);
    let mut totals = vec![0.0; faces.iter().map(place).max().unwrap_or(0) + 1];
    weights.iter().zip(faces).for_each(|(weight, face)| totals[place(face)] += weight);
    // A class of weight 0 keeps it.
    let share = |face: &Face| totals[place(face)].max(f64::MIN_POSITIVE).powf(-balance);
    weights.iter().zip(faces).map(|(weight, face)| weight * share(face)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balance_goes_from_as_it_occurs_to_all_equal() {
        let face = |class| Face { image: RgbImage::new(1, 1), square: BoundingBox::new(0.0, 0.0, 1.0), class, truth: None };
        for (many, few) in [(Some(0), Some(1)), (Some(4), None), (None, Some(0))] {
            let faces = [many, many, many, many, few].map(face);
            let shares = |balance| {
                let balanced = balanced(&[1.0; 5], &faces, balance);
                balanced[4] / balanced.iter().sum::<f64>()
            };
            assert!((shares(0.0) - 0.2).abs() < 1e-9);
            assert!((shares(0.5) - 1.0 / 3.0).abs() < 1e-9);
            assert!((shares(1.0) - 0.5).abs() < 1e-9);
            assert_eq!(balanced(&[1.0, 1.0, 1.0, 1.0, 0.0], &faces, 0.5)[4], 0.0);
        }
    }
}
