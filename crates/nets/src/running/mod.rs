//! The running form of a net: weights to a chain of steps with batch norm folded away.
//!
//! [`Weights`] go in, a [`Chain`] comes out, made whenever a net is loaded. It takes normalized pictures of any size that the net's
//! blocks can take and gives a map of logits. Dense layers are convolutions here, over all of the map that they see in a window of the
//! trained size, so that larger pictures are answered window by window.

mod conv;
mod fold;
mod maps;

use pulp::Arch;

use self::{conv::Conv, maps::Maps};
use crate::{
    NetError,
    runtime::{Batch, Logits},
    spec::{Block, Padding},
    train::NORM_EPSILON,
    weights::{TensorValues, Weights},
};

/// A step of the running form.
#[derive(Debug, Clone, PartialEq)]
enum Operation {
    /// Weight `[out, in, height, width]`, bias `[out]`, zeros on each side, step in pixels, and whether a relu follows.
    Conv {
        weight: TensorValues,
        bias: Vec<f32>,
        around: usize,
        stride: usize,
        relu: bool,
    },
    Relu,
    MaxPool,
    Affine(Affine),
}

/// What batch norm is while a net runs: `x * scale + shift` a channel.
#[derive(Debug, Clone, PartialEq)]
struct Affine {
    scale: Vec<f32>,
    shift: Vec<f32>,
}

/// A net ready to run.
#[derive(Debug)]
pub(crate) struct Chain(Vec<Step>);

#[derive(Debug)]
enum Step {
    Conv(Conv),
    Relu,
    MaxPool,
    Affine(Affine),
}

impl Chain {
    /// The chain of these weights.
    ///
    /// # Errors
    /// [`NetError::Spec`] if the spec is impossible.
    pub fn new(weights: &Weights) -> Result<Self, NetError> {
        let arch = Arch::new();
        let step = |operation| match operation {
            Operation::Conv { weight, bias, around, stride, relu } => {
                Step::Conv(Conv::new(arch, &weight, &bias, around, stride, relu))
            }
            Operation::Relu => Step::Relu,
            Operation::MaxPool => Step::MaxPool,
            Operation::Affine(affine) => Step::Affine(affine),
        };
        Ok(Self(fold::fold(lower(weights)?).into_iter().map(step).collect()))
    }

    /// The logits of a batch, by so many of rayon's `threads`.
    ///
    /// # Errors
    /// What is wrong with the pictures: they are too small.
    pub fn run(&self, batch: &Batch, threads: usize) -> Result<Logits, String> {
        let Batch { count, height, width, ref values } = *batch;
        let mut maps = Maps { count, height, width, channels: 3, values: values.into() };
        for step in &self.0 {
            match step {
                Step::Conv(conv) => maps = conv.run(&maps, threads)?,
                Step::Relu => maps.values.to_mut().iter_mut().for_each(|value| *value = value.max(0.0)),
                Step::MaxPool => maps = maps.pooled(),
                Step::Affine(Affine { scale, shift }) => maps.scale(scale, shift),
            }
        }
        let Maps { count, height, width, channels: classes, values } = maps;
        Ok(Logits { count, classes, height, width, values: values.into_owned() })
    }
}

/// Spec and tensors as steps, dropout left out.
fn lower(weights: &Weights) -> Result<Vec<Operation>, NetError> {
    let shapes = weights.card.spec.shapes()?;
    let (mut convs, mut norms, mut denses) = (0, 0, 0);
    let mut operations = Vec::new();
    let tensor = |kind: &str, number: usize, part: &str| weights.tensor(&format!("{kind}{number}.{part}")).clone();
    for (block, before) in weights.card.spec.blocks.iter().zip(shapes) {
        match *block {
            Block::Dropout { .. } => {}
            Block::Relu => operations.push(Operation::Relu),
            Block::MaxPool => operations.push(Operation::MaxPool),
            Block::Conv { kernel, stride, padding, .. } => {
                convs += 1;
                let around = if padding == Padding::Same { kernel / 2 } else { 0 };
                let (weight, bias) = (tensor("conv", convs, "weight"), tensor("conv", convs, "bias").values);
                operations.push(Operation::Conv { weight, bias, around, stride, relu: false });
            }
            Block::BatchNorm => {
                norms += 1;
                operations.push(Operation::Affine(affine(weights, norms)));
            }
            Block::Dense { units } => {
                denses += 1;
                let (mut weight, bias) = (tensor("dense", denses, "weight"), tensor("dense", denses, "bias").values);
                weight.shape = vec![units, before.channels, before.size, before.size];
                operations.push(Operation::Conv { weight, bias, around: 0, stride: 1, relu: false });
            }
        }
    }
    Ok(operations)
}

/// `gamma * (x - mean) / sqrt(variance + epsilon) + beta` as one multiplication and one addition.
fn affine(weights: &Weights, number: usize) -> Affine {
    let part = |part: &str| &weights.tensor(&format!("norm{number}.{part}")).values;
    let deviations = part("variance").iter().map(|variance| (f64::from(*variance) + NORM_EPSILON).sqrt() as f32);
    let scale: Vec<f32> = part("scale").iter().zip(deviations).map(|(gamma, deviation)| gamma / deviation).collect();
    let shift = part("shift").iter().zip(part("mean")).zip(&scale).map(|((beta, mean), scale)| beta - mean * scale);
    Affine { shift: shift.collect(), scale }
}
