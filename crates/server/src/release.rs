//! Releases: the accepted photos go out as a numbered folder that never changes, in the form that `smielfy train` reads.
//!
//! ```text
//! release-0001/
//!   manifest.csv       a row a photo; group is the pseudonym of a receipt, split goes by it
//!   images/            the photos
//!   tombstones.csv     photos that were withdrawn before, none of which is inside
//!   release.json       when, what for, how many, under which consents
//!   statistics.json    as `smielfy dataset stats --json`
//!   consent.json       the text that is agreed to today
//!   SHA256SUMS         of all other files, for `sha256sum -c`
//! ```

use std::{
    collections::{BTreeMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smielfy::{
    dataset::{Dataset, DatasetError, SmileySample, Split, Stats},
    recognize::{ModelError, Models},
    smileys::Smileys,
};
use smielfy_vision::BoundingBox;
use tokio::runtime::Runtime;

use crate::{
    catalog::{CatalogError, Erasure, Release, ReleasePhoto},
    clock::{now_ms, rfc3339},
    error::SiteError,
    keeper::{Keeper, KeeperParams},
    looker::Looker,
    secrets::sha256,
    store::{Size, StoreError},
    words::Consent,
};

/// The folder that a release is written in until it is whole.
const UNFINISHED: &str = ".unfinished";
/// The column `source` of the manifest.
const SOURCE: &str = "smielfy-site";
/// The column `origin`: labels come from the reviewers' votes.
const ORIGIN: &str = "votes";

/// Which photos go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseParams {
    /// Only those that their owners let be given to others.
    pub public: bool,
}

/// A release that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// What is known of it.
    pub release: Release,
    /// Its folder.
    pub folder: PathBuf,
    /// Accepted photos that were left out, as no face is found in them.
    pub without_face: usize,
}

/// Why there is no release.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// Nobody collected anything there.
    #[error("no photos were collected in `{0}`; give the folder that `smielfy serve --data` was given")]
    NoData(PathBuf),
    /// There is nothing to release.
    #[error("no accepted photo with a face may go out; review some first")]
    Empty,
    /// Database or store failed.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The nets cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The system gives no threads.
    #[error("the release failed: {0}")]
    System(#[from] io::Error),
    /// A file cannot be written.
    #[error("cannot write the release in `{path}`: {source}", path = path.display())]
    Write {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The manifest cannot be written.
    #[error("cannot write the manifest: {0}")]
    Manifest(#[from] csv::Error),
    /// What was written cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
}

impl From<CatalogError> for ReleaseError {
    fn from(error: CatalogError) -> Self {
        SiteError::from(error).into()
    }
}

impl From<StoreError> for ReleaseError {
    fn from(error: StoreError) -> Self {
        SiteError::from(error).into()
    }
}

/// What `release.json` says.
#[derive(Serialize)]
struct Description<'a> {
    created: String,
    public: bool,
    photos: usize,
    people: usize,
    consents: BTreeMap<&'a str, usize>,
    terms: &'static str,
}

const PUBLIC_TERMS: &str = "Given by their owners for research that names poses of the face. Do not identify anybody, match faces or \
    infer feelings. Check your copy against the tombstones of each later release, and delete what was withdrawn.";
const INNER_TERMS: &str = "For training and testing by the host alone: not all owners let their photos be given to others.";

/// Writes the next release of what is kept by a keeper of `place` into `folder`, for a program that does nothing else.
///
/// # Errors
/// [`ReleaseError`] if there is nothing at that place, or nothing that may go out.
pub fn release_from(
    place: &KeeperParams,
    models: &Models,
    smileys: &Smileys,
    params: ReleaseParams,
    folder: &Path,
) -> Result<Made, ReleaseError> {
    if !place.is_known() {
        return Err(ReleaseError::NoData(place.data.clone()));
    }
    let looker = Looker::new(models, smileys)?;
    Runtime::new()?.block_on(async {
        let keeper = Keeper::open(place).await?;
        release(&keeper, &looker, params, folder).await
    })
}

/// Writes the next release into `folder`.
///
/// # Errors
/// [`ReleaseError`]; what was written by then is removed by the next attempt.
pub async fn release(keeper: &Keeper, looker: &Looker, params: ReleaseParams, folder: &Path) -> Result<Made, ReleaseError> {
    while looker.form_opinion(keeper).await? {}
    let candidates = keeper.catalog.photos_to_release(params.public).await?;
    let (photos, faceless): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|photo| photo.face_side.is_some());
    let unfinished = Unfinished::new(folder)?;
    for photo in &photos {
        if let Some(jpeg) = keeper.store.get(&photo.id, Size::Full).await? {
            unfinished.write(&format!("images/{}.jpg", photo.id), &jpeg)?;
        }
    }
    let photos = unfinished.without_withdrawn(photos, &keeper.catalog.photos_to_release(params.public).await?)?;
    if photos.is_empty() {
        return Err(ReleaseError::Empty);
    }
    let manifest = manifest(&photos)?;
    unfinished.write("manifest.csv", &manifest)?;
    unfinished.write("tombstones.csv", &tombstones(&keeper.catalog.erasures().await?)?)?;
    unfinished.write_json("release.json", &description(&photos, params))?;
    unfinished.write_json("consent.json", &Consent::default())?;
    unfinished.write_json("statistics.json", &Stats::new(&Dataset::load(&unfinished.folder)?))?;
    unfinished.write_sums()?;

    let manifest_hash = sha256(&manifest);
    let number = keeper.catalog.add_release(params.public, photos.len(), &manifest_hash).await?;
    let folder = unfinished.finish(number)?;
    let created = rfc3339(now_ms());
    let release = Release { number, created, public: params.public, photos: photos.len() as i64, manifest: manifest_hash };
    Ok(Made { release, folder, without_face: faceless.len() })
}

/// The split of a group: four fifths of the people to learn from, a tenth to choose by, a tenth to measure with. It depends on the
/// pseudonym alone, so a person stays in the same split in all releases.
fn split(pseudonym: &str) -> Split {
    match Sha256::digest(pseudonym)[0] % 10 {
        0..=7 => Split::Train,
        8 => Split::Valid,
        _ => Split::Test,
    }
}

fn manifest(photos: &[ReleasePhoto]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for photo in photos {
        let (Some(x), Some(y), Some(side)) = (photo.face_x, photo.face_y, photo.face_side) else { continue };
        writer.serialize(SmileySample {
            file: format!("{}.jpg", photo.id),
            smiley: photo.smiley.clone(),
            group: photo.pseudonym.clone(),
            split: split(&photo.pseudonym),
            source: SOURCE.to_owned(),
            origin: ORIGIN.to_owned(),
            width: photo.width as u32,
            height: photo.height as u32,
            face: BoundingBox::new(x as f32, y as f32, side as f32),
        })?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn tombstones(erasures: &[Erasure]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["file", "withdrawn"])?;
    for erasure in erasures {
        writer.write_record([&format!("{}.jpg", erasure.photo), &erasure.erased])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn description(photos: &[ReleasePhoto], params: ReleaseParams) -> Description<'_> {
    let mut consents = BTreeMap::new();
    for photo in photos {
        *consents.entry(photo.consent_version.as_str()).or_default() += 1;
    }
    let people: HashSet<&str> = photos.iter().map(|photo| photo.pseudonym.as_str()).collect();
    let terms = if params.public { PUBLIC_TERMS } else { INNER_TERMS };
    Description { created: rfc3339(now_ms()), public: params.public, photos: photos.len(), people: people.len(), consents, terms }
}

/// A release that is being written.
struct Unfinished {
    parent: PathBuf,
    folder: PathBuf,
}

impl Unfinished {
    /// An empty one in `parent`; what an attempt before left is removed.
    fn new(parent: &Path) -> Result<Self, ReleaseError> {
        let folder = parent.join(UNFINISHED);
        let this = Self { parent: parent.to_owned(), folder };
        if this.folder.exists() {
            this.told(fs::remove_dir_all(&this.folder))?;
        }
        this.told(fs::create_dir_all(this.folder.join("images")))?;
        Ok(this)
    }

    fn write(&self, file: &str, bytes: &[u8]) -> Result<(), ReleaseError> {
        self.told(fs::write(self.folder.join(file), bytes))
    }

    fn write_json(&self, file: &str, value: &impl Serialize) -> Result<(), ReleaseError> {
        self.write(file, &serde_json::to_vec_pretty(value).expect("plain data has a JSON form"))
    }

    /// The photos that may still go out: those withdrawn while they were written are removed again.
    fn without_withdrawn(&self, photos: Vec<ReleasePhoto>, allowed: &[ReleasePhoto]) -> Result<Vec<ReleasePhoto>, ReleaseError> {
        let allowed: HashSet<&str> = allowed.iter().map(|photo| photo.id.as_str()).collect();
        let mut kept = Vec::new();
        for photo in photos {
            let file = self.folder.join("images").join(format!("{}.jpg", photo.id));
            match (allowed.contains(photo.id.as_str()), file.exists()) {
                (true, true) => kept.push(photo),
                (false, true) => self.told(fs::remove_file(file))?,
                (_, false) => {}
            }
        }
        Ok(kept)
    }

    /// Hashes of all files, in the format of `sha256sum`.
    fn write_sums(&self) -> Result<(), ReleaseError> {
        let mut files = Vec::new();
        for folder in ["", "images"] {
            for entry in self.told(fs::read_dir(self.folder.join(folder)))? {
                let path = self.told(entry)?.path();
                if path.is_file() {
                    files.push(path);
                }
            }
        }
        files.sort();
        let sum = |path: &PathBuf| {
            let name = path.strip_prefix(&self.folder).expect("it was found there").to_string_lossy().replace('\\', "/");
            Ok(format!("{}  {name}\n", sha256(&self.told(fs::read(path))?)))
        };
        let sums = files.iter().map(sum).collect::<Result<String, ReleaseError>>()?;
        self.write("SHA256SUMS", sums.as_bytes())
    }

    /// Gives the release its name and makes its files unchangeable.
    fn finish(self, number: i64) -> Result<PathBuf, ReleaseError> {
        let folder = self.parent.join(format!("release-{number:04}"));
        self.told(fs::rename(&self.folder, &folder))?;
        self.told(protect(&folder))?;
        Ok(folder)
    }

    fn told<T>(&self, result: io::Result<T>) -> Result<T, ReleaseError> {
        result.map_err(|source| ReleaseError::Write { path: self.parent.clone(), source })
    }
}

/// Makes all files in a folder read-only.
fn protect(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            protect(&path)?;
        } else {
            let mut permissions = fs::metadata(&path)?.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(&path, permissions)?;
        }
    }
    Ok(())
}
