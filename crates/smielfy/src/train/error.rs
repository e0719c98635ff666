//! What can go wrong in a training, by whose fault it is.

use std::path::PathBuf;

use smielfy_nets::NetError;

use crate::{dataset::DatasetError, synth::KitError};

/// An error of a training.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The recipe is missing or wrong.
    #[error("recipe `{path}`: {why}", path = path.display())]
    Recipe {
        /// The recipe file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The data cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The head kit of the renders cannot be used.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// The data cannot teach what the recipe wants.
    #[error("{data}: {why}", data = data.display())]
    Unsuitable {
        /// Folder of the dataset.
        data: PathBuf,
        /// What is missing in it.
        why: String,
    },
    /// The net or its checkpoint cannot be used.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The run folder holds a run of another recipe.
    #[error("`{run}` holds a run of another recipe or other data: remove it, or rename the recipe", run = run.display())]
    OtherRun {
        /// Folder of the run.
        run: PathBuf,
    },
    /// A file of the run cannot be read or written.
    #[error("cannot access `{path}`: {source}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}
