//! What may be said of a session, checked before it is written.

use super::{Action, LabelError, Session, Square, Stretch, UNUSABLE};
use crate::smileys::{NONE, Smileys};

/// Longest name of a person or labeller, in characters.
const MAX_NAME: usize = 60;

/// Refuses an action that names what there is not, or makes no sense.
pub(super) fn check(session: &Session, action: &Action) -> Result<(), LabelError> {
    let unknown = |what, name: &str| LabelError::Unknown { what, name: name.to_owned() };
    let stretch = match action.stretch() {
        Some(id) => Some(session.stretch(id).ok_or_else(|| unknown("stretch", id))?),
        None => None,
    };
    match action {
        Action::Label { label, .. } if !is_label(session.smileys(), label) => Err(unknown("smiley", label)),
        Action::Borders { first, last, .. } if first > last || !has_picture(stretch, *first, *last) => {
            Err(LabelError::Refused(format!("the borders {first} and {last} leave no picture of the stretch")))
        }
        Action::Square { frame, .. } if !has_picture(stretch, *frame, *frame) => {
            Err(unknown("picture of the frame", &frame.to_string()))
        }
        Action::Square { square: Square { x, y, side }, .. } if !(x.is_finite() && y.is_finite() && *side >= 1.0) => {
            Err(LabelError::Refused("a square needs a side of at least a pixel".into()))
        }
        Action::Name { clip, track, .. } if !session.has_face(clip, *track) => Err(unknown("face", &format!("{clip}-{track}"))),
        Action::Name { name, .. } => check_name(name),
        _ => Ok(()),
    }
}

/// Whether a picture may have this label.
pub(super) fn is_label(smileys: &Smileys, label: &str) -> bool {
    smileys.index_of(label).is_some() || label == NONE || label == UNUSABLE
}

/// Whether a picture of the stretch lies within the borders.
fn has_picture(stretch: Option<&Stretch>, first: u64, last: u64) -> bool {
    stretch.is_some_and(|stretch| stretch.pictures.iter().any(|picture| (first..=last).contains(&picture.moment.frame)))
}

/// Refuses names that are empty, endless or not printable.
pub(super) fn check_name(name: &str) -> Result<(), LabelError> {
    if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(LabelError::Refused(format!("a name needs 1 to {MAX_NAME} characters that can be printed")));
    }
    Ok(())
}
