//! What can go wrong with labeling, by whose fault it is.

use std::{io, path::PathBuf};

use smielfy_nets::NetError;
use smielfy_vision::EncodeError;

use crate::{dataset::DatasetError, frames::FramesError};

/// Why something cannot be labeled.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// A clip cannot be read, or not to its end.
    #[error(transparent)]
    Frames(#[from] FramesError),
    /// A net did not run.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A picture cannot be written as JPEG.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A file of the session cannot be read or written.
    #[error("cannot use `{path}`: {source}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another program labels in the same folder.
    #[error("`{path}` is in use by another `smielfy`: end it, or choose another folder", path = path.display())]
    InUse {
        /// The session's folder.
        path: PathBuf,
    },
    /// A line in the middle of a session's file makes no sense.
    #[error("`{path}`, line {line}: {why}; remove the line to go on without it", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// The folder holds a dataset that was not made here.
    #[error("`{path}` holds a dataset that was not labeled here: choose another folder by `--out`", path = path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// A dataset cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Labels are to be fixed in a folder that cannot be changed, such as a release.
    #[error(
        "`{path}` must not be changed: copy it by `smielfy dataset import {path} -o COPY`, and fix the labels of the copy",
        path = path.display()
    )]
    Protected {
        /// The folder of the dataset.
        path: PathBuf,
    },
    /// Labels are to be fixed in a folder that `smielfy label` writes anew behind each answer.
    #[error(
        "`{path}` follows from the answers that `smielfy label` saved there: change these, or copy it by `smielfy dataset import {path} \
         -o COPY` and fix the labels of the copy",
        path = path.display()
    )]
    Labeled {
        /// The folder of the dataset.
        path: PathBuf,
    },
    /// A dataset is not the one whose labels were doubted.
    #[error("`{path}` was changed since its labels were doubted: remove `{doubts}` to doubt them anew", path = path.display(), doubts = doubts.display())]
    Changed {
        /// The manifest.
        path: PathBuf,
        /// The folder with the doubts.
        doubts: PathBuf,
    },
    /// An answer names something that there is not.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// The kind of thing.
        what: &'static str,
        /// What was named.
        name: String,
    },
    /// An answer makes no sense.
    #[error("{0}")]
    Refused(String),
}

impl LabelError {
    /// Says of which file an error of the system is.
    pub(super) fn of(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
