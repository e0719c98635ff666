//! Figures of the shipped pipeline on labeled data: how well smileys are named and faces are found.

mod confidence;
mod faces;
mod jitter;
mod literal;
mod report;
mod smileys;
mod speed;
mod stages;
mod table;

pub use faces::{FaceFigures, FaceReport, FaceScoring, evaluate_faces};
pub use jitter::{JitterFigures, evaluate_jitter};
pub use literal::{LiteralFigures, evaluate_literal};
pub use report::report;
pub use smileys::{ClassFigures, NoneFigures, Prediction, SmileyFigures, evaluate_smileys};
pub use speed::{SpeedFigures, StageSpeed, Times, measure_speed};
pub use stages::StageFigures;
pub use table::predictions_csv;

use smielfy_nets::NetError;

use crate::dataset::DatasetError;

/// An evaluation that could not be done.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A picture or the manifest cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A net did not run.
    #[error(transparent)]
    Net(#[from] NetError),
    /// There is nothing to evaluate.
    #[error("no samples match; check `--split` and `--source`")]
    Nothing,
    /// A sample has a label that the net does not know.
    #[error("`{file}` is labeled `{label}`, which the weights `{weights}` do not know")]
    UnknownLabel {
        /// The picture.
        file: String,
        /// Its label.
        label: String,
        /// Name of the weights.
        weights: String,
    },
}
