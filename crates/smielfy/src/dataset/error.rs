//! What can go wrong with a dataset: each error names the file, and the line and column of a manifest.

use smielfy_vision::DecodeError;
use std::io;
use std::path::PathBuf;

/// An error of reading or making a dataset.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// A file is missing or cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A picture cannot be decoded.
    #[error("cannot decode {path}: {source}", path = path.display())]
    Decode {
        /// The picture.
        path: PathBuf,
        /// Why not.
        source: DecodeError,
    },
    /// The manifest lacks columns.
    #[error("{path}: no column {columns}; the first line must name the columns", path = path.display())]
    MissingColumns {
        /// The manifest.
        path: PathBuf,
        /// Those that are missing, as a list in words.
        columns: String,
    },
    /// The manifest is not CSV.
    #[error("{path}, line {line}: {message}", path = path.display())]
    Line {
        /// The manifest.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// A value in the manifest is wrong.
    #[error("{path}, line {line}, column `{column}`: {message}", path = path.display())]
    Value {
        /// The manifest.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What is wrong.
        message: String,
    },
    /// Groups have pictures in more than one split, so that what is measured would be known already.
    #[error("{path}: {count} groups straddle splits, such as {examples}; put each group into one split", path = path.display())]
    Straddle {
        /// The folder of the dataset.
        path: PathBuf,
        /// How many groups do.
        count: usize,
        /// The first few, with their splits, as a list in words.
        examples: String,
    },
    /// A folder that is to become a dataset is one already.
    #[error("`{path}` holds a dataset already: remove it, or choose another folder", path = path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}
