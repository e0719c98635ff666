//! What labellers do, key by key, and what follows from all of it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::Square;

/// Label of a stretch that is no good for training: no face, blurred, hidden.
pub const UNUSABLE: &str = "unusable";

/// One key, or what a mouse did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Says what a stretch shows: the id of a smiley, `none` or `unusable`.
    Label {
        /// Id of the stretch.
        stretch: String,
        /// What it shows.
        label: String,
    },
    /// Moves the borders of a stretch.
    Borders {
        /// Id of the stretch.
        stretch: String,
        /// Number of the first frame that the label covers.
        first: u64,
        /// Number of the last one.
        last: u64,
    },
    /// Corrects the square on a frame of a stretch.
    Square {
        /// Id of the stretch.
        stretch: String,
        /// Number of the frame.
        frame: u64,
        /// The right square, in pixels of the frame.
        square: Square,
    },
    /// Names the person that a face of a clip is; two faces with one name are one person.
    Name {
        /// Id of the clip.
        clip: String,
        /// Number of the face in it.
        track: u64,
        /// The person's name.
        name: String,
    },
    /// Takes back the labeller's last action that was not taken back.
    Undo,
}

impl Action {
    /// Id of the stretch that it is about, if it is about one.
    pub fn stretch(&self) -> Option<&str> {
        match self {
            Self::Label { stretch, .. } | Self::Borders { stretch, .. } | Self::Square { stretch, .. } => Some(stretch),
            Self::Name { .. } | Self::Undo => None,
        }
    }
}

/// A line of a session's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Who did it; empty for what the program did itself.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    #[serde(flatten)]
    pub action: Action,
}

/// What all actions come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct State {
    /// Labels by stretch and labeller.
    pub labels: BTreeMap<String, BTreeMap<String, String>>,
    /// First and last frame by stretch.
    pub borders: HashMap<String, (u64, u64)>,
    /// Corrected squares by stretch and frame.
    pub squares: HashMap<String, BTreeMap<u64, Square>>,
    /// Names by clip and track.
    pub names: BTreeMap<(String, u64), String>,
}

impl State {
    /// What these lines come to.
    pub(super) fn of(lines: &[Line]) -> Self {
        let mut state = Self::default();
        remaining(lines).into_iter().for_each(|line| state.apply(line));
        state
    }

    fn apply(&mut self, line: &Line) {
        match line.action.clone() {
            Action::Label { stretch, label } => {
                self.labels.entry(stretch).or_default().insert(line.by.clone(), label);
            }
            Action::Borders { stretch, first, last } => {
                self.borders.insert(stretch, (first, last));
            }
            Action::Square { stretch, frame, square } => {
                self.squares.entry(stretch).or_default().insert(frame, square);
            }
            Action::Name { clip, track, name } => {
                self.names.insert((clip, track), name);
            }
            Action::Undo => {}
        }
    }
}

/// The lines that nobody took back.
pub(super) fn remaining(lines: &[Line]) -> Vec<&Line> {
    let mut is_taken_back = vec![false; lines.len()];
    let mut done: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, line) in lines.iter().enumerate() {
        let own = done.entry(&line.by).or_default();
        match line.action {
            Action::Undo => {
                is_taken_back[index] = true;
                if let Some(last) = own.pop() {
                    is_taken_back[last] = true;
                }
            }
            _ => own.push(index),
        }
    }
    lines.iter().zip(is_taken_back).filter(|(_, taken_back)| !taken_back).map(|(line, _)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(by: &str, stretch: &str, label: &str) -> Line {
        Line { by: by.into(), at_ms: 7, action: Action::Label { stretch: stretch.into(), label: label.into() } }
    }

    fn undo(by: &str) -> Line {
        Line { by: by.into(), at_ms: 8, action: Action::Undo }
    }

    #[test]
    fn everybody_takes_back_what_is_theirs() {
        let check = |lines: &[Line], expected: &[(&str, &str)]| {
            let state = State::of(lines);
            let labels = state.labels.get("s").cloned().unwrap_or_default();
            let expected = expected.iter().map(|(by, label)| ((*by).to_owned(), (*label).to_owned())).collect();
            assert_eq!(labels, expected, "{lines:?}");
        };
        check(&[label("a", "s", "wink")], &[("a", "wink")]);
        check(&[label("a", "s", "wink"), label("a", "s", "grin")], &[("a", "grin")]);
        check(&[label("a", "s", "wink"), label("a", "s", "grin"), undo("a")], &[("a", "wink")]);
        check(&[label("a", "s", "wink"), label("b", "s", "grin"), undo("a"), undo("a")], &[("b", "grin")]);
        check(&[undo("a"), label("a", "s", "wink"), undo("a"), undo("a"), label("a", "s", "grin")], &[("a", "grin")]);
    }

    #[test]
    fn lines_are_as_documented() {
        let line = label("anna", "c-0-12", "wink");
        let text = r#"{"by":"anna","at_ms":7,"do":"label","stretch":"c-0-12","label":"wink"}"#;
        assert_eq!(serde_json::to_string(&line).unwrap(), text);
        assert_eq!(serde_json::from_str::<Line>(text).unwrap(), line);
    }
}
