//! What smielfy learns with: nets as data, their training form and their running form.
//!
//! A [`NetSpec`] describes a net as a list of blocks. [`Trainer`] trains it on Burn, [`Weights`] hold what it learned with a
//! [`Card`] that says how, [`Net`] runs it through rten from an ONNX graph that is made of the weights. Normalized values
//! `[N, 3, H, W]` go in and logits come out; there are no pictures here, and nothing but this crate knows Burn and rten.

mod error;
mod graph;
mod patches;
mod peak;
mod runtime;
mod spec;
#[cfg(test)]
mod testing;
mod train;
mod weights;

pub use error::NetError;
pub use graph::to_onnx;
pub use patches::PatchForm;
pub use peak::peak_multiply_adds;
pub use runtime::{Batch, Forward, Logits, Net, argmax, softmax};
pub use spec::{Block, NetSpec, Padding, Shape, TensorSpec};
pub use train::{AuxiliaryHead, OptimizerParams, Targets, Trainer, TrainerState};
pub use weights::{Card, Normalization, TensorValues, Weights};
