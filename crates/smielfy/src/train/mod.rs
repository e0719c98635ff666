//! Training: a recipe goes in, a weight file and the story of the run come out.
//!
//! Worker threads make varied windows, a net learns from them batch by batch, and after each epoch it is measured on
//! held-out windows. Everything random follows from the recipe's seed, the epoch and the index of the window, and a
//! checkpoint holds all the rest, so that a run that was interrupted ends as if it had not been.

mod calibration;
mod curves;
mod draw;
mod error;
mod examples;
mod faces;
mod files;
mod loader;
mod recipe;
mod run;
mod scenes;
mod schedule;
mod smileys;
mod validate;

pub use error::TrainError;
pub use examples::{Example, Examples};
pub use files::RunFolder;
pub use recipe::{CalibrationTask, FacesTask, HardNegatives, Recipe, SmileysTask, Task};
pub use run::{EpochRow, Event, Outcome, TrainOptions, train};
pub use schedule::ScheduleParams;
pub use validate::Figures;
