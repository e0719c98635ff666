//! Distillation: nets that say of each training window what they see, beside its label (Hinton et al. 2015, arXiv 1503.02531).

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use smielfy_nets::{Forward, Logits, Net, NetError, softmax};

use super::{Provenance, Recipe, TrainError, examples::TrainingBatch, files::read_weights};

/// Which nets teach, and how much they count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistillParams {
    /// Weight files; of several the mean of their probabilities teaches.
    pub teachers: Vec<PathBuf>,
    /// Share of the target that is theirs, `0..=1`; the rest is the label's.
    pub share: f32,
    /// Divides their logits: above 1, it shows more of what they hold for second and third.
    #[serde(default = "unit")]
    pub temperature: f32,
}

fn unit() -> f32 {
    1.0
}

impl DistillParams {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.teachers.is_empty() {
            return Err("distill needs a teacher at least".into());
        }
        if !(0.0..=1.0).contains(&self.share) {
            return Err("the share of distill must lie between 0 and 1".into());
        }
        if !(self.temperature > 0.0 && self.temperature.is_finite()) {
            return Err("the temperature of distill must be above 0".into());
        }
        Ok(())
    }
}

/// Teachers at work.
pub(super) struct Teachers {
    nets: Vec<Net>,
    share: f32,
    temperature: f32,
    provenance: Provenance,
}

impl Teachers {
    /// The teachers of `recipe`, all of which must take its input and know its `labels`; none if it has none.
    pub(super) fn load(recipe: &Recipe, labels: &[String]) -> Result<Option<Self>, TrainError> {
        let Some(DistillParams { teachers, share, temperature }) = &recipe.distill else { return Ok(None) };
        let (mut nets, mut provenance) = (vec![], Provenance::default());
        for path in teachers {
            let weights = read_weights(path)?;
            if weights.card.labels != labels || weights.card.spec.input != recipe.net.input {
                let why = format!("the teacher `{}` has other classes or another input than the net", path.display());
                return Err(TrainError::Recipe { path: recipe.name.clone().into(), why });
            }
            provenance.sources.extend(weights.card.sources.iter().cloned());
            provenance.data.insert(format!("teacher {}", weights.card.name), weights.tensor_hash());
            nets.push(Net::new(&weights, Some(1))?);
        }
        Ok(Some(Self { nets, share: *share, temperature: *temperature, provenance }))
    }

    /// What the teachers learned from, and themselves.
    pub(super) fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Puts the teachers' part into the targets of windows that have a class: of the others nobody shall be sure.
    pub(super) fn teach(&self, batch: &mut TrainingBatch) -> Result<(), NetError> {
        let TrainingBatch { windows, targets, classes } = batch;
        let count = targets.probabilities.len() / classes.len();
        let part = self.share / self.nets.len() as f32;
        let answers: Vec<Logits> = self.nets.iter().map(|net| net.forward(windows)).collect::<Result<_, _>>()?;
        let rows = targets.probabilities.chunks_exact_mut(count).zip(classes).enumerate();
        for (row, (targets, _)) in rows.filter(|(_, (_, class))| class.is_some()) {
            targets.iter_mut().for_each(|target| *target *= 1.0 - self.share);
            for logits in &answers {
                let answer = softmax(&logits.values[row * count..][..count], self.temperature);
                targets.iter_mut().zip(answer).for_each(|(target, share)| *target += part * share);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use smielfy_nets::{Batch, Block, NetSpec, Targets, TensorValues, Weights};

    use super::*;
    use crate::testing::card;

    /// A net that gives the first of two classes `logit`, whatever it sees.
    fn certain(logit: f32) -> Net {
        let spec = NetSpec { input: 1, blocks: vec![Block::Dense { units: 2 }] };
        let values = |shape: Vec<usize>, values: Vec<f32>| TensorValues { shape, values };
        let tensors = [
            ("dense1.weight".to_owned(), values(vec![2, 3], vec![0.0; 6])),
            ("dense1.bias".to_owned(), values(vec![2], vec![logit, 0.0])),
        ];
        Net::new(&Weights { card: card(spec, 2), tensors: tensors.into() }, Some(1)).unwrap()
    }

    #[test]
    fn labels_and_the_mean_of_the_teachers_are_mixed() {
        let nets = vec![certain(3f32.ln()), certain(0.0)];
        let teachers = Teachers { nets, share: 0.4, temperature: 1.0, provenance: Provenance::default() };
        let mut windows = Batch::new(1, 1);
        (0..2).for_each(|_| windows.push([0.0; 3]));
        let targets = Targets { probabilities: vec![0.0, 1.0, 0.5, 0.5], weights: vec![1.0; 2], ..Targets::default() };
        let mut batch = TrainingBatch { windows, targets, classes: vec![Some(1), None] };
        teachers.teach(&mut batch).unwrap();
        // The teachers hold 0.75 and 0.5 for the first class.
        let expected = [0.4 * 0.625, 0.6 + 0.4 * 0.375, 0.5, 0.5];
        for (found, expected) in batch.targets.probabilities.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{:?}", batch.targets.probabilities);
        }
    }
}
