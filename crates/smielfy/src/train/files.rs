//! Files of a run, written so that a kill leaves either the old one or the new one whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use smielfy_nets::Weights;

use super::TrainError;
use crate::replace::replace;

/// A run's folder and the files in it.
#[derive(Debug, Clone)]
pub struct RunFolder {
    folder: PathBuf,
    name: String,
}

impl RunFolder {
    /// The folder of the run `name` below `runs`.
    pub fn new(runs: &Path, name: &str) -> Self {
        Self { folder: runs.join(name), name: name.to_owned() }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Everything needed to go on.
    pub fn checkpoint(&self) -> PathBuf {
        self.folder.join("checkpoint.safetensors")
    }

    /// A line an epoch.
    pub fn epochs(&self) -> PathBuf {
        self.folder.join("epochs.csv")
    }

    /// Error and accuracy over the epochs.
    pub fn curves(&self) -> PathBuf {
        self.folder.join("curves.svg")
    }

    /// The weights of the best epoch so far, or of the last one of a running mean.
    pub fn weights(&self) -> PathBuf {
        self.folder.join(format!("{}.safetensors", self.name))
    }

    /// Makes the folder if need be.
    pub(super) fn create(&self) -> Result<(), TrainError> {
        fs::create_dir_all(&self.folder).map_err(|source| TrainError::File { path: self.folder.clone(), source })
    }
}

/// Writes `bytes` in the place of the file `path`.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    replace(path, bytes).map_err(|source| TrainError::File { path: path.to_owned(), source })
}

/// The bytes of `path`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, TrainError> {
    fs::read(path).map_err(|source| TrainError::File { path: path.to_owned(), source })
}

/// The weights in the file `path`.
pub(super) fn read_weights(path: &Path) -> Result<Weights, TrainError> {
    Ok(Weights::from_bytes(&read(path)?)?)
}

/// The bytes of `path`, or `None` if there is no such file.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, TrainError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TrainError::File { path: path.to_owned(), source }),
    }
}
