//! Stand-ins for nets in the tests of the code around them.

use std::sync::atomic::{AtomicUsize, Ordering};

use smielfy_nets::{Batch, Block, Card, Forward, Logits, NetError, NetSpec, Normalization};

/// A net that answers each window by a rule.
pub struct FakeNet<F> {
    card: Card,
    rule: F,
    windows: AtomicUsize,
}

impl<F: Fn(&[f32]) -> Vec<f32> + Send + Sync> FakeNet<F> {
    /// A net of `classes` classes that takes windows of `input` pixels; `rule` gives a window's logits.
    pub fn new(input: usize, classes: usize, rule: F) -> Self {
        let card = card(NetSpec { input, blocks: vec![Block::Dense { units: classes }] }, classes);
        Self { card, rule, windows: AtomicUsize::new(0) }
    }

    /// Names its classes.
    pub fn set_labels(&mut self, labels: &[&str]) {
        self.card.labels = labels.iter().map(|label| (*label).to_owned()).collect();
    }

    /// How many windows it has answered.
    pub fn windows_seen(&self) -> usize {
        self.windows.load(Ordering::Relaxed)
    }
}

impl<F: Fn(&[f32]) -> Vec<f32> + Send + Sync> Forward for FakeNet<F> {
    fn card(&self) -> &Card {
        &self.card
    }

    fn forward(&self, batch: &Batch) -> Result<Logits, NetError> {
        self.windows.fetch_add(batch.count, Ordering::Relaxed);
        let values = batch.values.chunks_exact(3 * batch.height * batch.width).flat_map(&self.rule).collect();
        Ok(Logits { count: batch.count, classes: self.card.labels.len(), height: 1, width: 1, values })
    }
}

/// The card of a net of `classes` classes that was never trained.
pub fn card(spec: NetSpec, classes: usize) -> Card {
    Card {
        name: "fake-v0".into(),
        spec,
        labels: (0..classes).map(|class| format!("class{class}")).collect(),
        normalization: Normalization::default(),
        temperature: 1.0,
        biases: vec![],
        floor: 0.5,
        recipe: String::new(),
        data: [].into(),
        sources: vec![],
        metrics: [].into(),
        license: String::new(),
    }
}
