//! Recognition: a picture goes in, each face with its smiley comes out.
//!
//! The detector finds the faces, the smile net looks at 45 windows round each, and the mean of its answers is the [`Vote`].

mod models;
mod recognizer;
mod vote;

pub use models::{FACE_WEIGHTS, ModelError, Models, PROPOSAL_WEIGHTS, SMILEY, SMILEY_OPEN, VERIFICATION_WEIGHTS};
pub use recognizer::{RecognizedFace, Recognizer, RecognizerParams};
pub(crate) use vote::multiply_adds;
pub use vote::{Vote, answers, vote, vote_of_windows};
