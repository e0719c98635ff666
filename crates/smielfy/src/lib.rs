//! The pipeline of smielfy, a module a stage, in the order in which data passes them.
//!
//! Pictures and video become frames, frames give faces, labeled faces make datasets, datasets are varied and train nets, and
//! nets name the smileys of faces in frames, which are drawn over the picture.

pub mod annotate;
pub mod augment;
pub mod dataset;
mod draw;
pub mod evaluate;
pub mod faces;
pub mod frames;
pub mod label;
mod plot;
pub mod process;
pub mod recognize;
mod replace;
pub mod smileys;
pub mod synth;
#[cfg(test)]
mod testing;
pub mod train;
mod windows;
