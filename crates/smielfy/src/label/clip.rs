//! Clips of a session: which they are, how far each is analyzed, and the file that says so.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{FoundStretch, LabelError, Start, Stretch, lines};

/// Folder of the clips' files in a session's folder.
pub(super) const CLIPS_FOLDER: &str = "clips";

/// Bytes at the start and at the end of a clip that tell it from others, with its length: reading all of an hour takes too long.
const FINGERPRINT_BYTES: u64 = 1 << 20;

/// How far a clip is analyzed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClipState {
    /// Up to here.
    Until(Start),
    /// To its end.
    Done,
    /// Up to where it is damaged, as the message says.
    Damaged(String),
}

/// A clip of a session.
#[derive(Debug)]
pub struct Clip {
    /// Its name in the session, made of its content: a clip that was moved is the same.
    pub id: String,
    /// Name of its file.
    pub name: String,
    /// How far it is analyzed.
    pub state: ClipState,
    path: PathBuf,
    file: File,
}

/// A line of a clip's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first one.
    Clip {
        /// Name of the clip's file.
        name: String,
    },
    /// A stretch was found.
    Stretch(Stretch),
    /// All before this frame is done.
    Section(Start),
    /// All is done.
    Done,
    /// The clip is damaged; what could be read is done.
    Damaged(String),
}

/// A clip as its file tells it.
pub(super) struct ReadClip {
    pub clip: Clip,
    pub stretches: Vec<Stretch>,
    pub warning: Option<String>,
}

impl Clip {
    /// The clip at `path` in the session in `folder`, in which it is the `number`th.
    pub(super) fn new(folder: &Path, number: usize, id: &str, path: &Path) -> Result<Self, LabelError> {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let path = folder.join(CLIPS_FOLDER).join(format!("{number:04}-{id}.jsonl"));
        let file = lines::open(&path)?;
        lines::add(&file, &path, &Line::Clip { name: name.clone() })?;
        Ok(Self { id: id.to_owned(), name, state: ClipState::Until(Start::default()), path, file })
    }

    /// The clip that the file at `path` is about; `None` where nothing but half a line is in it.
    pub(super) fn read(path: &Path) -> Result<Option<ReadClip>, LabelError> {
        let (read, warning) = lines::read::<Line>(path)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let id = stem.rsplit('-').next().unwrap_or_default().to_owned();
        let mut lines = read.into_iter();
        let Some(Line::Clip { name }) = lines.next() else { return Ok(None) };
        let file = lines::open(path)?;
        let mut clip = Self { id, name, state: ClipState::Until(Start::default()), path: path.to_owned(), file };
        let mut stretches: Vec<Stretch> = Vec::new();
        for line in lines {
            match line {
                Line::Clip { .. } => {}
                Line::Stretch(stretch) => stretches.push(stretch),
                Line::Section(start) => clip.state = ClipState::Until(start),
                Line::Done => clip.state = ClipState::Done,
                Line::Damaged(why) => clip.state = ClipState::Damaged(why),
            }
        }
        if let ClipState::Until(start) = &mut clip.state {
            start.track = stretches.iter().map(|stretch| stretch.track + 1).fold(start.track, u64::max);
        }
        Ok(Some(ReadClip { clip, stretches, warning }))
    }

    pub(super) fn add(&self, found: &FoundStretch) -> Result<(), LabelError> {
        lines::add(&self.file, &self.path, &Line::Stretch(found.stretch.clone()))
    }

    /// Notes how far it is analyzed.
    pub(super) fn note(&mut self, state: ClipState) -> Result<(), LabelError> {
        let line = match &state {
            ClipState::Until(start) => Line::Section(*start),
            ClipState::Done => Line::Done,
            ClipState::Damaged(why) => Line::Damaged(why.clone()),
        };
        lines::add(&self.file, &self.path, &line)?;
        self.state = state;
        Ok(())
    }
}

/// What tells the file at `path` from others: 12 hexadecimal digits of a hash of its length, its start and its end.
pub(super) fn fingerprint(path: &Path) -> Result<String, LabelError> {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut hash = Sha256::new();
        hash.update(length.to_be_bytes());
        for place in [0, length.saturating_sub(FINGERPRINT_BYTES)] {
            file.seek(SeekFrom::Start(place))?;
            let mut bytes = Vec::new();
            (&mut file).take(FINGERPRINT_BYTES).read_to_end(&mut bytes)?;
            hash.update(&bytes);
        }
        Ok(hash.finalize().iter().take(6).fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
    };
    read().map_err(LabelError::of(path))
}
