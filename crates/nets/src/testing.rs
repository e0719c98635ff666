//! Nets with random weights for the tests of this crate.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{
    spec::NetSpec,
    weights::{Card, Normalization, TensorValues, Weights},
};

/// Burn's CPU device has one generator of random numbers, so that a trainer disturbs another one of the same moment: tests with a trainer
/// hold this.
pub fn turn() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stream of numbers in `-1..1` from a linear congruential generator (Knuth's MMIX constants): the tests need spread, not
/// quality.
pub fn numbers(seed: u64) -> impl Iterator<Item = f32> {
    let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(Some(seed), next).skip(3).map(|state| (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0)
}

/// Weights with the sizes of a freshly trained net: batch norm scales are positive, variances about 1.
pub fn random_weights(spec: &NetSpec, seed: u64) -> Weights {
    let mut numbers = numbers(seed);
    let tensors = spec.tensors().unwrap().into_iter().map(|tensor| {
        let count = tensor.shape.iter().product();
        let fan_in: usize = tensor.shape.iter().skip(1).product();
        let mut draw = |middle: f32, spread: f32| numbers.by_ref().take(count).map(|n| middle + spread * n).collect();
        let values = match tensor.name.split_once('.').unwrap().1 {
            "scale" | "variance" => draw(1.0, 0.5),
            "shift" | "mean" | "bias" => draw(0.0, 0.3),
            _ => draw(0.0, (3.0 / fan_in as f32).sqrt()),
        };
        (tensor.name, TensorValues { shape: tensor.shape, values })
    });
    let labels = (0..spec.outputs().unwrap()).map(|index| format!("class{index}")).collect();
    Weights { card: card(spec, labels), tensors: tensors.collect() }
}

fn card(spec: &NetSpec, labels: Vec<String>) -> Card {
    Card {
        name: "random-v0".into(),
        spec: spec.clone(),
        labels,
        normalization: Normalization::default(),
        temperature: 1.0,
        biases: vec![],
        floor: 0.5,
        recipe: String::new(),
        data: [].into(),
        sources: vec![],
        metrics: [].into(),
        license: "MIT OR Apache-2.0".into(),
    }
}
