//! The running form of a net: weights to an ONNX graph with batch norm folded away.
//!
//! [`Weights`] go in, the bytes of an ONNX model come out, made in memory whenever a net is loaded. The graph takes
//! normalized pictures `[N, 3, H, W]` of any size that its blocks can take and gives logits: maps `[N, classes, H', W']`, or
//! `[N, classes]` behind a dense layer. The dense layers of a net with a [`PatchForm`](crate::PatchForm) are convolutions here, so
//! that it takes patches as well as windows.

mod fold;
mod onnx;

use crate::{
    NetError,
    spec::{Block, Padding},
    train::NORM_EPSILON,
    weights::{TensorValues, Weights},
};

/// A step of the running form.
#[derive(Debug, Clone, PartialEq)]
enum Operation {
    /// Weight `[out, in, height, width]`, bias `[out]`, zeros on each side, step in pixels.
    Conv {
        weight: TensorValues,
        bias: Vec<f32>,
        around: usize,
        stride: usize,
    },
    Relu,
    MaxPool,
    /// `x * scale + shift` a channel.
    Affine(Affine),
    Flatten,
    /// Weight `[out, in]`, bias `[out]`.
    Dense {
        weight: TensorValues,
        bias: Vec<f32>,
    },
}

/// What batch norm is while a net runs: a multiplication and an addition a channel.
#[derive(Debug, Clone, PartialEq)]
struct Affine {
    scale: Vec<f32>,
    shift: Vec<f32>,
    /// Whether it stands behind a dense layer, on vectors instead of maps.
    on_vectors: bool,
}

/// The bytes of an ONNX model that computes what the weights' spec says.
///
/// # Errors
/// [`NetError::Spec`] if the spec is impossible.
pub fn to_onnx(weights: &Weights) -> Result<Vec<u8>, NetError> {
    Ok(onnx::encode(&fold::fold(lower(weights)?)))
}

/// Spec and tensors as steps, dropout left out and flattening made explicit.
fn lower(weights: &Weights) -> Result<Vec<Operation>, NetError> {
    weights.card.spec.shapes()?;
    let patch_form = weights.card.spec.patch_form().ok();
    let (mut convs, mut norms, mut denses) = (0, 0, 0);
    let mut operations = Vec::new();
    let vector = |name: String| weights.tensor(&name).values.clone();
    for block in &weights.card.spec.blocks {
        match *block {
            Block::Dropout { .. } => {}
            Block::Relu => operations.push(Operation::Relu),
            Block::MaxPool => operations.push(Operation::MaxPool),
            Block::Conv { kernel, stride, padding, .. } => {
                convs += 1;
                let around = if padding == Padding::Same { kernel / 2 } else { 0 };
                let weight = weights.tensor(&format!("conv{convs}.weight")).clone();
                operations.push(Operation::Conv { weight, bias: vector(format!("conv{convs}.bias")), around, stride });
            }
            Block::BatchNorm => {
                norms += 1;
                operations.push(Operation::Affine(affine(weights, norms, denses > 0 && patch_form.is_none())));
            }
            Block::Dense { units } => {
                denses += 1;
                let mut weight = weights.tensor(&format!("dense{denses}.weight")).clone();
                let bias = vector(format!("dense{denses}.bias"));
                if let Some(form) = patch_form {
                    let kernel = if denses == 1 { form.kernel } else { 1 };
                    weight.shape = vec![units, weight.shape[1] / (kernel * kernel), kernel, kernel];
                    operations.push(Operation::Conv { weight, bias, around: 0, stride: 1 });
                } else {
                    operations.extend((denses == 1).then_some(Operation::Flatten));
                    operations.push(Operation::Dense { weight, bias });
                }
            }
        }
    }
    Ok(operations)
}

/// `gamma * (x - mean) / sqrt(variance + epsilon) + beta` as one multiplication and one addition.
fn affine(weights: &Weights, number: usize, on_vectors: bool) -> Affine {
    let part = |part: &str| &weights.tensor(&format!("norm{number}.{part}")).values;
    let deviations = part("variance").iter().map(|variance| (f64::from(*variance) + NORM_EPSILON).sqrt() as f32);
    let scale: Vec<f32> = part("scale").iter().zip(deviations).map(|(gamma, deviation)| gamma / deviation).collect();
    let shift = part("shift").iter().zip(part("mean")).zip(&scale).map(|((beta, mean), scale)| beta - mean * scale);
    Affine { shift: shift.collect(), scale, on_vectors }
}
