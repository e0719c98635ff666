//! How a net does on held-out windows while it trains.

use serde::{Deserialize, Serialize};
use smielfy_nets::{Forward, NetError, Normalization, argmax, softmax};

use super::examples::Examples;
use crate::windows::to_batch;

/// Windows that are classified at a time.
const BATCH: u64 = 64;

/// Figures over some windows, without those that show none of the classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Mean cross entropy in nats.
    pub loss: f64,
    /// Share of windows whose best class is right.
    pub top1: f64,
    /// Mean over the classes of each class's `top1`, of those that occur.
    pub macro_top1: f64,
}

/// Sums from which [`Figures`] come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Tally {
    loss: f64,
    seen: Vec<u64>,
    right: Vec<u64>,
}

impl Tally {
    pub(super) fn new(classes: usize) -> Self {
        Self { loss: 0.0, seen: vec![0; classes], right: vec![0; classes] }
    }

    /// Adds a window's logits and right class; a window of no class does not count.
    pub(super) fn add(&mut self, logits: &[f32], class: Option<usize>) {
        let Some(class) = class else { return };
        let probabilities = softmax(logits, 1.0);
        self.loss -= f64::from(probabilities[class].max(f32::MIN_POSITIVE)).ln();
        self.seen[class] += 1;
        self.right[class] += u64::from(argmax(logits) == class);
    }

    pub(super) fn figures(&self) -> Figures {
        let seen: u64 = self.seen.iter().sum();
        let right: u64 = self.right.iter().sum();
        let recalls: Vec<f64> = self
            .seen
            .iter()
            .zip(&self.right)
            .filter(|(seen, _)| **seen > 0)
            .map(|(seen, right)| *right as f64 / *seen as f64)
            .collect();
        let count = seen.max(1) as f64;
        Figures {
            loss: self.loss / count,
            top1: right as f64 / count,
            macro_top1: recalls.iter().sum::<f64>() / recalls.len().max(1) as f64,
        }
    }
}

/// Figures of `net` on the validation windows of `examples`.
pub(super) fn validate(net: &dyn Forward, examples: &dyn Examples) -> Result<Figures, NetError> {
    let classes = examples.labels().len();
    let mut tally = Tally::new(classes);
    let count = examples.validation_len();
    for first in (0..count).step_by(BATCH as usize) {
        let batch: Vec<_> = (first..(first + BATCH).min(count)).map(|index| examples.validation(index)).collect();
        let windows: Vec<_> = batch.iter().map(|example| example.window.clone()).collect();
        let logits = net.forward(&to_batch(&windows, Normalization::default()))?;
        logits.values.chunks_exact(classes).zip(&batch).for_each(|(logits, example)| tally.add(logits, example.class));
    }
    Ok(tally.figures())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_known_tally() {
        let mut tally = Tally::new(3);
        for (logits, class) in [([9.0, 0.0, 0.0], 0), ([9.0, 0.0, 0.0], 0), ([9.0, 0.0, 0.0], 1), ([0.0, 9.0, 0.0], 0)] {
            tally.add(&logits, Some(class));
        }
        tally.add(&[0.0, 0.0, 9.0], None);
        let figures = tally.figures();
        assert!((figures.top1 - 0.5).abs() < 1e-9);
        assert!((figures.macro_top1 - 1.0 / 3.0).abs() < 1e-9, "a class that does not occur does not count");
        assert!((figures.loss - 4.5).abs() < 0.01, "{figures:?}");
    }
}
