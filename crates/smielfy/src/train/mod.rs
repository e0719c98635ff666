//! Training: a recipe goes in, a weight file and the story of the run come out.
//!
//! Worker threads make varied windows, a net learns from them batch by batch, and after each epoch it is measured on
//! held-out windows. Everything random follows from the recipe's seed, the epoch and the index of the window, and a
//! checkpoint holds all the rest, so that a run that was interrupted ends as if it had not been.

mod auxiliary;
mod calibration;
mod change;
mod curves;
mod doubts;
mod draw;
mod error;
mod examples;
mod faces;
mod files;
mod folds;
mod labeled;
mod loader;
mod provenance;
mod recipe;
mod renders;
mod run;
mod scenes;
mod schedule;
mod shares;
mod smileys;
mod task;
mod teachers;
mod unlabeled;
mod validate;

pub use change::Change;
pub use doubts::DoubtsParams;
pub use error::TrainError;
pub use examples::{Example, Examples};
pub use files::RunFolder;
pub use folds::{FoldsParams, doubts};
pub use provenance::Provenance;
pub use recipe::Recipe;
pub use run::{EpochRow, Event, Outcome, TrainOptions, train};
pub use schedule::ScheduleParams;
pub use shares::Shares;
pub use task::{
    Accepted, CalibrationTask, FacesTask, HardNegatives, RendersParams, RendersSource, SmileysTask, Task, ValidateBy,
};
pub use teachers::DistillParams;
pub use unlabeled::UnlabeledParams;
pub use validate::Figures;
