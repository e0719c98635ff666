//! Labeled pictures: reads folders of them, counts them, checks them and shows them.
//!
//! A dataset is a folder with `manifest.csv` and `images/`. There are two kinds: faces with a smiley each
//! ([`SmileyDataset`]), and scenes with any number of face squares ([`SceneDataset`]); [`Dataset`] is whichever a folder
//! holds. A folder goes in; samples come out, whose pixels are read when they are asked for.
//!
//! Groups (pictures of one person, or look-alikes) never straddle a split: a [`SmileyDataset`] cannot be made of such.

mod doubt;
mod error;
mod import;
mod manifest;
mod preview;
mod samples;
mod scenes;
mod sheet;
mod stats;
mod table;
#[cfg(test)]
pub(crate) mod testing;
mod verify;

pub(crate) use doubt::doubts_of_csv;
pub use doubt::{Doubt, doubts_csv};
pub use error::DatasetError;
pub use import::{Imported, import};
pub(crate) use manifest::{IMAGES_FOLDER, MANIFEST_FILE, hash_of, relabeled};
pub use preview::{PreviewParams, face_tile, preview_scenes, preview_smileys};
pub(crate) use samples::COLUMNS;
pub use samples::{SmileyDataset, SmileySample};
pub(crate) use scenes::SceneRow;
pub use scenes::{Fault, Repair, Scene, SceneDataset};
pub(crate) use sheet::Sheet;
pub use stats::{Count, SIDE_QUANTILES, Sides, Stats};
pub use verify::{Finding, FindingKind, Report, verify};

use serde::{Deserialize, Serialize};
use smielfy_vision::{RgbImage, decode};
use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

/// What a picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// To learn from.
    Train,
    /// To choose by while training: when to stop, which net.
    Valid,
    /// To measure with, once.
    Test,
}

impl Split {
    /// All splits, in the order of a table.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// As in a manifest.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A name that is not one of a split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown split `{0}`; use `train`, `valid` or `test`")]
pub struct UnknownSplit(String);

impl FromStr for Split {
    type Err = UnknownSplit;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|split| split.name() == name).ok_or_else(|| UnknownSplit(name.to_owned()))
    }
}

/// A dataset of either kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Dataset {
    /// Faces with a smiley each.
    Smileys(SmileyDataset),
    /// Scenes with face squares.
    Scenes(SceneDataset),
}

impl Dataset {
    /// Reads the dataset in the folder `root`; its manifest is of smileys if it has a column `smiley`.
    ///
    /// # Errors
    /// As [`SmileyDataset::load`] and [`SceneDataset::load`].
    pub fn load(root: &Path) -> Result<Self, DatasetError> {
        if manifest::Manifest::read(root)?.has_column(samples::SMILEY_COLUMN) {
            SmileyDataset::load(root).map(Self::Smileys)
        } else {
            SceneDataset::load(root).map(Self::Scenes)
        }
    }
}

/// The pixels of the picture `file` of the dataset in the folder `root`.
fn load_picture(root: &Path, file: &str) -> Result<RgbImage, DatasetError> {
    let path = root.join(IMAGES_FOLDER).join(file);
    let bytes = fs::read(&path).map_err(|source| DatasetError::Read { path: path.clone(), source })?;
    decode(&bytes).map_err(|source| DatasetError::Decode { path, source })
}
