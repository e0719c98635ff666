//! What smielfy learns with: nets as data, their training form and their running form.
//!
//! A [`NetSpec`] describes a net as a list of blocks. [`Trainer`] trains it on Burn, [`Weights`] hold what it learned with a
//! [`Card`] that says how, [`Net`] runs it as a chain of convolutions. Normalized values `[N, H, W, 3]` go in and logits come out; there
//! are no pictures here, and nothing but this crate knows Burn.

mod error;
mod patches;
mod peak;
mod running;
mod runtime;
mod spec;
#[cfg(test)]
mod testing;
mod train;
mod weights;
mod widen;

pub use error::NetError;
pub use patches::PatchForm;
pub use peak::peak_multiply_adds;
pub use runtime::{Batch, Forward, Logits, Net, argmax, softmax};
pub use spec::{Block, NetSpec, Padding, Shape, TensorSpec};
pub use train::{AuxiliaryHead, OptimizerParams, Targets, Trainer, TrainerState};
pub use weights::{Card, Normalization, TensorValues, Weights};
