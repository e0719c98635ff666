//! What a training draws its windows from.

use std::ops::Range;

use smielfy_nets::{AuxiliaryHead, Batch, Forward, NetError, Normalization, Targets};
use smielfy_vision::RgbImage;

use super::{Provenance, auxiliary, shares::Shares};
use crate::windows::to_batch;

/// A window with its class.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The window, as large as the net's input, or the patch that is learned from.
    pub window: RgbImage,
    /// Index of its class; `None` if it shows none of them, of which the net shall say that it cannot tell.
    pub class: Option<usize>,
    /// What the auxiliary head should say of it, if that is known.
    pub auxiliary: Option<Vec<f32>>,
}

/// A source of examples: one for each kind of task.
pub trait Examples: Sync {
    /// Names of the classes, in the order of the net's outputs.
    fn labels(&self) -> Vec<String>;

    /// Number of training samples, from which windows are drawn; renders on the fly are not counted.
    fn training_len(&self) -> u64;

    /// Training window `index` of `epoch`, varied: a pure function of the recipe and these two.
    fn training(&self, epoch: u64, index: u64) -> Example;

    /// Number of validation windows.
    fn validation_len(&self) -> u64;

    /// Validation window `index`, not varied.
    fn validation(&self, index: u64) -> Example;

    /// What makes the shares of the votes of `net`, which has no temperature yet, mean what they say; nothing is changed where the
    /// task knows no votes.
    ///
    /// # Errors
    /// [`NetError::Run`] if the net does not run.
    fn shares(&self, _net: &dyn Forward) -> Result<Shares, NetError> {
        Ok(Shares::default())
    }

    /// The auxiliary head that learns what is known beside the class; none where nothing is.
    fn auxiliary(&self) -> Option<AuxiliaryHead> {
        None
    }

    /// What is added to the logits of a window that has a class before its loss is taken; empty for nothing.
    fn logit_adjustments(&self) -> &[f32] {
        &[]
    }

    /// The datasets, and the sources of the pictures that are trained on.
    fn provenance(&self) -> Provenance;
}

/// Windows of one gradient step.
pub(super) struct TrainingBatch {
    pub windows: Batch,
    pub targets: Targets,
    /// Class of each window, as in [`Example::class`].
    pub classes: Vec<Option<usize>>,
}

/// Training windows `range` of `epoch` with smoothed targets.
pub(super) fn training_batch(examples: &dyn Examples, epoch: u64, range: Range<u64>, smoothing: f32) -> TrainingBatch {
    let class_count = examples.labels().len();
    let has_auxiliary = examples.auxiliary().is_some();
    let mut targets = Targets::default();
    let batch: Vec<Example> = range.map(|index| examples.training(epoch, index)).collect();
    for example in &batch {
        targets.probabilities.extend(target(example.class, class_count, smoothing));
        targets.weights.push(1.0);
        let raised = if example.class.is_some() { 1.0 } else { 0.0 };
        targets.adjustments.extend(examples.logit_adjustments().iter().map(|adjustment| raised * adjustment));
        if has_auxiliary {
            auxiliary::push(&mut targets, example.auxiliary.as_deref());
        }
    }
    let classes = batch.iter().map(|example| example.class).collect();
    let windows: Vec<RgbImage> = batch.into_iter().map(|example| example.window).collect();
    TrainingBatch { windows: to_batch(&windows, Normalization::default()), targets, classes }
}

/// The probability of each class that the net should give.
///
/// A window of `class` has `1 - smoothing` there, and `smoothing` spread over all classes. One of no class has the same
/// probability everywhere (outlier exposure, Hendrycks et al. 2019, arXiv 1812.04606): no share comes near the floor below
/// which the answer is "cannot tell".
fn target(class: Option<usize>, class_count: usize, smoothing: f32) -> impl Iterator<Item = f32> {
    let spread = if class.is_some() { smoothing } else { 1.0 };
    let at = move |index| if class == Some(index) { 1.0 - spread } else { 0.0 };
    (0..class_count).map(move |index| at(index) + spread / class_count as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_a_class_and_of_none() {
        let cases = [
            (Some(1), 0.0, [0.0, 1.0, 0.0, 0.0]),
            (Some(1), 0.2, [0.05, 0.85, 0.05, 0.05]),
            (None, 0.0, [0.25; 4]),
            (None, 0.2, [0.25; 4]),
        ];
        for (class, smoothing, expected) in cases {
            for (found, expected) in target(class, 4, smoothing).zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{class:?} with {smoothing}: {found} instead of {expected}");
            }
        }
    }
}
