//! A session: a folder with the stretches that were found and with what labellers said of them, safe from a kill at any time.
//!
//! | in the folder | |
//! |---|---|
//! | `labels.jsonl` | a line for each key that was pressed |
//! | `clips/NUMBER-ID.jsonl` | a line for each stretch of a clip |
//! | `frames/` | their pictures |
//! | `manifest.csv`, `images/` | the dataset that follows, see [`write_dataset`](super::write_dataset) |

use std::{
    collections::HashMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    Action, Clip, ClipState, FoundStretch, FramePicture, LabelError, Square, Stretch,
    actions::{Line, State, remaining},
    check::{check, check_name},
    clip::{CLIPS_FOLDER, ReadClip, fingerprint},
    lines,
    squares::corrected,
};
use crate::{dataset::MANIFEST_FILE, smileys::Smileys};

/// Folder of the pictures in a session's folder.
pub const FRAMES_FOLDER: &str = "frames";

const LABELS_FILE: &str = "labels.jsonl";

/// Overlap (IoU) from which two squares at one time are of one face.
const SAME_FACE: f32 = 0.3;

/// How a session is used.
#[derive(Debug, Clone)]
pub struct SessionParams {
    /// Its folder, made if need be.
    pub folder: PathBuf,
    /// Who labels.
    pub labeller: String,
    /// What faces can show.
    pub smileys: Smileys,
}

/// A session that is open; no other program can open it meanwhile.
#[derive(Debug)]
pub struct Session {
    params: SessionParams,
    log: File,
    lines: Vec<Line>,
    state: State,
    clips: Vec<Clip>,
    stretches: Vec<Stretch>,
    index_of: HashMap<String, usize>,
    warnings: Vec<String>,
}

/// What is said of a stretch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answered {
    /// What this session's labeller says that it shows, if anything yet.
    pub label: Option<String>,
    /// First frame that the label covers.
    pub first: u64,
    /// Last frame that the label covers.
    pub last: u64,
    /// The right square in each picture of the stretch, in pixels of the frame.
    pub squares: Vec<Square>,
    /// Frames whose squares were corrected.
    pub keys: Vec<u64>,
    /// Whose face it is.
    pub person: String,
}

impl Session {
    /// Opens the session in a folder, or begins one.
    ///
    /// # Errors
    /// [`LabelError`] if the folder cannot be used, is in use, or holds another dataset.
    pub fn open(params: SessionParams) -> Result<Self, LabelError> {
        let folder = &params.folder;
        check_name(&params.labeller)?;
        if folder.join(MANIFEST_FILE).exists() && !Self::is_in(folder) {
            return Err(LabelError::Foreign { path: folder.clone() });
        }
        for part in [CLIPS_FOLDER, FRAMES_FOLDER] {
            let path = folder.join(part);
            fs::create_dir_all(&path).map_err(LabelError::of(path))?;
        }
        let path = folder.join(LABELS_FILE);
        let log = lines::open_alone(&path, folder)?;
        let (read, warning) = lines::read(&path)?;
        let mut session = Self {
            state: State::of(&read),
            lines: read,
            log,
            clips: Vec::new(),
            stretches: Vec::new(),
            index_of: HashMap::new(),
            warnings: warning.into_iter().collect(),
            params,
        };
        session.read_clips()?;
        Ok(session)
    }

    fn read_clips(&mut self) -> Result<(), LabelError> {
        let folder = self.params.folder.join(CLIPS_FOLDER);
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(LabelError::of(&folder))?;
        let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")) {
            let Some(ReadClip { clip, stretches, warning }) = Clip::read(path)? else { continue };
            self.warnings.extend(warning);
            self.clips.push(clip);
            stretches.into_iter().for_each(|stretch| self.insert(stretch));
        }
        Ok(())
    }

    /// Whether there is a session in a folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(LABELS_FILE).exists()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.params.folder
    }

    /// Who labels.
    pub fn labeller(&self) -> &str {
        &self.params.labeller
    }

    /// What faces can show.
    pub fn smileys(&self) -> &Smileys {
        &self.params.smileys
    }

    /// What a kill had left half written.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Its clips.
    pub fn clips(&self) -> &[Clip] {
        &self.clips
    }

    /// Its stretches in the order in which they were found.
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// The stretch of this id.
    pub fn stretch(&self, id: &str) -> Option<&Stretch> {
        self.index_of.get(id).map(|index| &self.stretches[*index])
    }

    /// Takes in the clip at `path`, unless it is known by its content; gives its id and how far it is analyzed.
    ///
    /// # Errors
    /// [`LabelError::File`] if it cannot be read, or the session's folder not be written.
    pub fn add_clip(&mut self, path: &Path) -> Result<(String, ClipState), LabelError> {
        let id = fingerprint(path)?;
        if let Some(clip) = self.clips.iter().find(|clip| clip.id == id) {
            return Ok((id, clip.state.clone()));
        }
        let clip = Clip::new(&self.params.folder, self.clips.len(), &id, path)?;
        let state = clip.state.clone();
        self.clips.push(clip);
        Ok((id, state))
    }

    /// Takes in a stretch with its pictures; false if it is known from before a kill.
    ///
    /// # Errors
    /// [`LabelError`] if it cannot be written, or its clip is not known.
    pub fn add(&mut self, found: &FoundStretch) -> Result<bool, LabelError> {
        let stretch = &found.stretch;
        if self.stretches.iter().any(|known| is_same(known, stretch)) {
            return Ok(false);
        }
        for (picture, jpeg) in stretch.pictures.iter().zip(&found.jpegs) {
            let path = self.params.folder.join(FRAMES_FOLDER).join(&picture.file);
            fs::write(&path, jpeg).map_err(LabelError::of(path))?;
        }
        self.clip(&stretch.clip)?.add(found)?;
        let track = (stretch.clip.clone(), stretch.track);
        self.insert(stretch.clone());
        if !self.state.names.contains_key(&track) {
            let (clip, track) = track;
            self.log("", Action::Name { clip, track, name: self.new_name() })?;
        }
        Ok(true)
    }

    /// Notes how far a clip is analyzed.
    ///
    /// # Errors
    /// [`LabelError`] if it cannot be written, or the clip is not known.
    pub fn note(&mut self, clip: &str, state: ClipState) -> Result<(), LabelError> {
        self.clip(clip)?.note(state)
    }

    fn clip(&mut self, id: &str) -> Result<&mut Clip, LabelError> {
        let unknown = || LabelError::Unknown { what: "clip", name: id.to_owned() };
        self.clips.iter_mut().find(|clip| clip.id == id).ok_or_else(unknown)
    }

    fn insert(&mut self, stretch: Stretch) {
        self.index_of.insert(stretch.id.clone(), self.stretches.len());
        self.stretches.push(stretch);
    }

    /// Does what the labeller did; gives the id of the stretch that it changed, if it is one.
    ///
    /// # Errors
    /// [`LabelError`] if it makes no sense, or cannot be written.
    pub fn act(&mut self, action: Action) -> Result<Option<String>, LabelError> {
        check(self, &action)?;
        let labeller = self.params.labeller.clone();
        let undone = || remaining(&self.lines).into_iter().rfind(|line| line.by == labeller).map(|line| &line.action);
        let meant = if action == Action::Undo { undone() } else { Some(&action) };
        let changed = meant.and_then(Action::stretch).map(str::to_owned);
        self.log(&labeller, action)?;
        Ok(changed)
    }

    fn log(&mut self, by: &str, action: Action) -> Result<(), LabelError> {
        let line = Line { by: by.to_owned(), at_ms: lines::now_ms(), action };
        lines::add(&self.log, &self.params.folder.join(LABELS_FILE), &line)?;
        self.lines.push(line);
        self.state = State::of(&self.lines);
        Ok(())
    }

    /// Whether there is a face of this number in a clip.
    pub(super) fn has_face(&self, clip: &str, track: u64) -> bool {
        self.state.names.contains_key(&(clip.to_owned(), track))
    }

    /// The first name `person-N` that nobody has.
    fn new_name(&self) -> String {
        let number = |name: &String| name.strip_prefix("person-")?.parse::<u64>().ok();
        let highest = self.state.names.values().filter_map(number).max().unwrap_or(0);
        format!("person-{}", highest + 1)
    }

    /// What is said of a stretch.
    pub fn answered(&self, stretch: &Stretch) -> Answered {
        let (first, last) = self.borders(stretch);
        let keys = self.state.squares.get(&stretch.id);
        Answered {
            label: self.labels(&stretch.id).find(|(by, _)| *by == self.params.labeller).map(|(_, label)| label.to_owned()),
            first,
            last,
            squares: self.squares(stretch),
            keys: keys.map(|keys| keys.keys().copied().collect()).unwrap_or_default(),
            person: self.person(stretch).to_owned(),
        }
    }

    /// Labellers and their labels of a stretch.
    pub(super) fn labels(&self, stretch: &str) -> impl Iterator<Item = (&str, &str)> {
        let labels = self.state.labels.get(stretch).into_iter().flatten();
        labels.map(|(by, label)| (by.as_str(), label.as_str()))
    }

    /// First and last frame that the label of a stretch covers.
    pub(super) fn borders(&self, stretch: &Stretch) -> (u64, u64) {
        self.state.borders.get(&stretch.id).copied().unwrap_or((stretch.first.frame, stretch.last.frame))
    }

    /// The square in each picture of a stretch, in pixels of the frame.
    pub(super) fn squares(&self, stretch: &Stretch) -> Vec<Square> {
        let corrections = self.state.squares.get(&stretch.id);
        let correction = |picture| -> Option<(&FramePicture, Square)> {
            let picture: &FramePicture = picture;
            Some((picture, *corrections?.get(&picture.moment.frame)?))
        };
        let keys: Vec<_> = stretch.pictures.iter().filter_map(correction).collect();
        stretch.pictures.iter().map(|picture| corrected(picture, &keys)).collect()
    }

    /// Whose face a stretch shows.
    pub(super) fn person(&self, stretch: &Stretch) -> &str {
        self.state.names.get(&(stretch.clip.clone(), stretch.track)).map_or("", String::as_str)
    }
}

/// Whether two stretches show one face at one time: a stretch that was found before a kill is found again behind it.
fn is_same(known: &Stretch, found: &Stretch) -> bool {
    let overlap = known.clip == found.clip && known.first.frame <= found.last.frame && found.first.frame <= known.last.frame;
    let square = |stretch: &Stretch| smielfy_vision::BoundingBox::from(stretch.pictures[stretch.representative].square);
    overlap && square(known).iou(&square(found)) >= SAME_FACE
}
