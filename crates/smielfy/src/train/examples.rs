//! What a training draws its windows from.

use std::{collections::BTreeMap, ops::Range};

use smielfy_nets::{Batch, Normalization, Targets};
use smielfy_vision::RgbImage;

use crate::windows::to_batch;

/// A window with its class.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The window, as large as the net's input.
    pub window: RgbImage,
    /// Index of its class.
    pub class: usize,
}

/// A source of examples: one for each kind of task.
pub trait Examples: Sync {
    /// Names of the classes, in the order of the net's outputs.
    fn labels(&self) -> Vec<String>;

    /// Number of training samples, from which windows are drawn.
    fn training_len(&self) -> u64;

    /// Training window `index` of `epoch`, varied: a pure function of the recipe and these two.
    fn training(&self, epoch: u64, index: u64) -> Example;

    /// Number of validation windows.
    fn validation_len(&self) -> u64;

    /// Validation window `index`, not varied.
    fn validation(&self, index: u64) -> Example;

    /// Hash of each dataset's manifest by folder name, and the sources of pictures seen.
    fn provenance(&self) -> (BTreeMap<String, String>, Vec<String>);
}

/// Training windows `range` of `epoch` as a batch with smoothed targets.
pub(super) fn training_batch(examples: &dyn Examples, epoch: u64, range: Range<u64>, smoothing: f32) -> (Batch, Targets) {
    let classes = examples.labels().len();
    let mut targets = Targets::default();
    let windows: Vec<RgbImage> = range
        .map(|index| {
            let example = examples.training(epoch, index);
            let share = smoothing / classes as f32;
            let probability = |class| if class == example.class { 1.0 - smoothing + share } else { share };
            targets.probabilities.extend((0..classes).map(probability));
            targets.weights.push(1.0);
            example.window
        })
        .collect();
    (to_batch(&windows, Normalization::default()), targets)
}
