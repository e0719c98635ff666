//! A session to a dataset: what was labeled goes out as `manifest.csv` and `images/`, a row a stretch or a row a picture.
//!
//! Pictures are the very files that the labeller saw. A stretch that several labellers saw has the label that most of them gave; where
//! there is none, it is left out, as what is unusable is.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use serde::Serialize;
use smielfy_vision::BoundingBox;

use super::{FRAMES_FOLDER, LabelError, Moment, Session, Stretch, UNUSABLE};
use crate::{
    dataset::{COLUMNS, IMAGES_FOLDER, MANIFEST_FILE, SmileySample, Split},
    replace::replace,
};

/// How pictures were labeled, in the words of manifests: one by one.
const ORIGIN: &str = "eye";

/// The columns of the manifest behind the usual ones, in the order of [`Further`].
const FURTHER_COLUMNS: [&str; 3] = ["time_s", "frame", "stretch"];

/// Without a split that is wished for, of as many clips one is for validation, beginning with the second.
const VALID_EVERY: usize = 5;

/// What a dataset of a session holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportParams {
    /// Split of all pictures. Without, people who were seen first in the second clip are for validation, and in every fifth clip from
    /// there; all others are to learn from. So no person straddles a split, even one whom the tracker lost and found.
    pub split: Option<Split>,
    /// Whether all pictures of a stretch are in it, near-copies of each other, or one that stands for them.
    pub extras: bool,
}

/// A row of the manifest.
type Row = (SmileySample, Further);

/// Where a picture is from.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Further {
    time_s: f64,
    frame: u64,
    stretch: String,
}

/// Writes what is labeled in a session into its folder as a dataset, in place of the one before; gives the number of its pictures.
///
/// # Errors
/// [`LabelError::File`] if a file cannot be written.
pub fn write_dataset(session: &Session, params: ExportParams) -> Result<usize, LabelError> {
    let rows = rows(session, params);
    let images = session.folder().join(IMAGES_FOLDER);
    fs::create_dir_all(&images).map_err(LabelError::of(&images))?;
    let wanted: BTreeSet<&str> = rows.iter().map(|(sample, _)| sample.file.as_str()).collect();
    for file in &wanted {
        put(&session.folder().join(FRAMES_FOLDER).join(file), &images.join(file))?;
    }
    write_manifest(session.folder(), &rows)?;
    remove_others(&images, &wanted)?;
    Ok(rows.len())
}

fn rows(session: &Session, params: ExportParams) -> Vec<Row> {
    let splits = splits(session, params.split);
    let names: HashMap<&str, &str> = session.clips().iter().map(|clip| (clip.id.as_str(), clip.name.as_str())).collect();
    let mut rows = Vec::new();
    for stretch in session.stretches() {
        let Some(label) = consensus(session, stretch).filter(|label| *label != UNUSABLE) else { continue };
        let person = session.person(stretch);
        let squares = session.squares(stretch);
        for index in pictures(session, stretch, params.extras) {
            let picture = &stretch.pictures[index];
            let sample = SmileySample {
                file: picture.file.clone(),
                smiley: label.to_owned(),
                group: person.to_owned(),
                split: splits.get(person).copied().unwrap_or(Split::Train),
                source: names.get(stretch.clip.as_str()).copied().unwrap_or_default().to_owned(),
                origin: ORIGIN.to_owned(),
                width: picture.width,
                height: picture.height,
                face: in_picture(squares[index].into(), (picture.left, picture.top)),
            };
            let Moment { frame, time_s } = picture.moment;
            rows.push((sample, Further { time_s, frame, stretch: stretch.id.clone() }));
        }
    }
    rows
}

/// The label that more labellers gave than any other.
fn consensus<'s>(session: &'s Session, stretch: &Stretch) -> Option<&'s str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    session.labels(&stretch.id).for_each(|(_, label)| *counts.entry(label).or_default() += 1);
    let most = counts.values().max().copied()?;
    let mut first = counts.into_iter().filter(|(_, count)| *count == most).map(|(label, _)| label);
    let label = first.next()?;
    first.next().is_none().then_some(label)
}

/// Indexes of the pictures within the borders: all, or the representative or else the nearest to it.
fn pictures(session: &Session, stretch: &Stretch, extras: bool) -> Vec<usize> {
    let (first, last) = session.borders(stretch);
    let inside = |index: &usize| (first..=last).contains(&stretch.pictures[*index].moment.frame);
    let inside = (0..stretch.pictures.len()).filter(inside);
    if extras {
        return inside.collect();
    }
    inside.min_by_key(|index| index.abs_diff(stretch.representative)).into_iter().collect()
}

/// The split of each person.
fn splits(session: &Session, wished: Option<Split>) -> BTreeMap<&str, Split> {
    let number: HashMap<&str, usize> =
        session.clips().iter().enumerate().map(|(number, clip)| (clip.id.as_str(), number)).collect();
    let mut first_clip: BTreeMap<&str, usize> = BTreeMap::new();
    for stretch in session.stretches() {
        let clip = number.get(stretch.clip.as_str()).copied().unwrap_or(0);
        first_clip.entry(session.person(stretch)).and_modify(|first| *first = clip.min(*first)).or_insert(clip);
    }
    let split = |clip: usize| if clip % VALID_EVERY == 1 { Split::Valid } else { Split::Train };
    first_clip.into_iter().map(|(person, clip)| (person, wished.unwrap_or_else(|| split(clip)))).collect()
}

/// A square of the frame in the pixels of a picture with this corner.
fn in_picture(square: BoundingBox, (left, top): (u32, u32)) -> BoundingBox {
    BoundingBox::new(square.x - left as f32, square.y - top as f32, square.side)
}

/// Has the file at `from` at `to`, too, without taking its place twice where the file system can.
fn put(from: &Path, to: &Path) -> Result<(), LabelError> {
    if to.exists() || fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to).map(drop).map_err(LabelError::of(to))
}

fn write_manifest(folder: &Path, rows: &[Row]) -> Result<(), LabelError> {
    let path = folder.join(MANIFEST_FILE);
    let write = || -> Result<(), csv::Error> {
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        writer.write_record(COLUMNS.iter().chain(&FURTHER_COLUMNS))?;
        rows.iter().try_for_each(|row| writer.serialize(row))?;
        let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(replace(&path, &bytes)?)
    };
    write().map_err(|error| LabelError::of(&path)(error.into()))
}

/// Removes pictures that are no longer in the dataset.
fn remove_others(images: &Path, wanted: &BTreeSet<&str>) -> Result<(), LabelError> {
    let entries = fs::read_dir(images).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(LabelError::of(images))?;
    let is_wanted = |entry: &fs::DirEntry| entry.file_name().to_str().is_some_and(|name| wanted.contains(name));
    let mut others = entries.iter().filter(|entry| !is_wanted(entry)).map(fs::DirEntry::path);
    others.try_for_each(|path| fs::remove_file(&path).map_err(LabelError::of(path)))
}
