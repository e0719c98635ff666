//! Faces: a picture goes in, one square a face comes out.
//!
//! A cascade of two stages in the line of Li et al. 2015: a small fully convolutional net looks at every place of an image
//! pyramid and says whether a face is there and how it lies, a larger net looks at what that one let through, and a calibration net
//! moves the squares to where the faces are. See [`Detector`]. In a video, a [`Tracker`] follows them.

mod calibration;
mod cascade;
mod proposals;
mod pyramid;
#[cfg(test)]
pub(crate) mod testing;
mod tracker;

pub use calibration::{CALIBRATION, Pattern, calibrate};
pub use cascade::{Detector, DetectorNets, DetectorParams, Stages};
pub(crate) use cascade::{FACE_CLASS, FACE_CONTEXT, score};
pub(crate) use proposals::{CORE, OTHER, PROPOSALS, multiply_adds, propose, pyramid};
pub use tracker::{Tracked, Tracker};
