//! From a clip to training data: clips go in, a person answers what each stretch of them shows, a dataset comes out.
//!
//! [`analyze`] follows the faces of a clip and cuts it into [`Stretch`]es, in each of which one face holds one pose. A [`Session`]
//! keeps them in a folder with what the labellers say, a line an answer, so that a kill loses nothing; [`write_dataset`] makes the
//! folder a dataset, and [`agreement`] compares labellers. Pictures are saved as they come: what is shown is the very file that the
//! dataset has, with the time of its frame. Memory does not grow with the length of a clip but by a record a stretch.
//!
//! [`Fixes`] are the same for a dataset that there is: a person goes through its doubtful labels, and what they say is in its manifest.

mod actions;
mod agreement;
mod analysis;
mod check;
mod clip;
mod error;
#[cfg(test)]
mod exact;
mod export;
mod fixes;
mod lines;
mod pictures;
mod segment;
mod session;
mod squares;
mod stretch;
#[cfg(test)]
mod tests;

pub use actions::{Action, UNUSABLE};
pub use agreement::{Agreement, Disagreement, agreement};
pub use analysis::{Found, OnFound, Start, analyze};
pub use clip::{Clip, ClipState};
pub use error::LabelError;
pub use export::{ExportParams, write_dataset};
pub use fixes::{Fix, Fixed, Fixes};
pub use session::{Answered, FRAMES_FOLDER, Session, SessionParams};
pub use stretch::{FoundStretch, FramePicture, Moment, Square, Stretch};
