//! The keeper of photos: what goes into the store and out of it, together with its row in the catalog.
//!
//! Rows are the log of what is being done: a row comes before its files and goes after them, and is seen by nobody meanwhile. So
//! whatever a kill interrupts is found again by the [`Keeper::sweep`], which needs no list of the store.

use std::{path::PathBuf, time::Duration};

use crate::{
    catalog::{Catalog, Created},
    error::SiteError,
    pictures::Photo,
    secrets::random_name,
    store::Store,
};

/// How long a photo may take to be written, as uploads that take longer are given up; after it, the photo is swept away.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The database in the data folder.
const DATABASE_FILE: &str = "smielfy.sqlite";
/// The store of photos in the data folder.
const PHOTOS_FOLDER: &str = "photos";

/// Where catalog and store are.
#[derive(Debug, Clone)]
pub struct KeeperParams {
    /// The folder for whatever has no place of its own.
    pub data: PathBuf,
    /// A database elsewhere, see [`Catalog::open`].
    pub database: Option<String>,
    /// A store of photos elsewhere, see [`Store::open`].
    pub store: Option<String>,
}

/// Catalog and store together.
#[derive(Debug, Clone)]
pub struct Keeper {
    /// The rows.
    pub catalog: Catalog,
    /// The files.
    pub store: Store,
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is stored, now or since it was sent the first time, under this name.
    Stored(String),
    /// It is being stored by another request right now.
    InProgress,
    /// The receipt was erased meanwhile, and so is the photo.
    Erased,
}

impl KeeperParams {
    /// Whether somebody collected photos here before.
    pub fn is_known(&self) -> bool {
        self.database.is_some() || self.data.join(DATABASE_FILE).exists()
    }

    fn or_in_data(&self, given: Option<&String>, name: &str) -> String {
        given.map_or_else(|| self.data.join(name).display().to_string(), String::clone)
    }
}

impl Keeper {
    /// Opens catalog and store; they are made where there are none.
    ///
    /// # Errors
    /// [`SiteError`] if one of them cannot be opened.
    pub async fn open(params: &KeeperParams) -> Result<Self, SiteError> {
        let catalog = Catalog::open(&params.or_in_data(params.database.as_ref(), DATABASE_FILE)).await?;
        let store = Store::open(&params.or_in_data(params.store.as_ref(), PHOTOS_FOLDER))?;
        Ok(Self { catalog, store })
    }

    /// Stores a photo; when this returns, it outlives a kill. The same `key` of the same receipt is stored once.
    ///
    /// # Errors
    /// [`SiteError`] if catalog or store fail; then the photo is not kept, and the sweep removes what is left of it.
    pub async fn keep(&self, receipt: &str, key: &str, smiley: &str, photo: Photo) -> Result<Kept, SiteError> {
        let id = random_name();
        match self.catalog.add_photo(&id, receipt, key, smiley).await? {
            Created::Pending => {}
            Created::Stored(id) => return Ok(Kept::Stored(id)),
            Created::InProgress => return Ok(Kept::InProgress),
        }
        self.store.put(&id, photo.jpeg, photo.thumbnail).await?;
        if self.catalog.finish_photo(&id, photo.width, photo.height).await? {
            return Ok(Kept::Stored(id));
        }
        self.remove(&id).await?;
        Ok(Kept::Erased)
    }

    /// Erases a photo with its votes; false if there is none that can be seen.
    ///
    /// # Errors
    /// [`SiteError`]; the photo is hidden from then on, and the sweep removes it.
    pub async fn erase(&self, id: &str) -> Result<bool, SiteError> {
        let is_there = self.catalog.begin_erasing(id).await?;
        if is_there {
            self.remove(id).await?;
        }
        Ok(is_there)
    }

    /// Erases a receipt with all of its photos. Gives the number of photos.
    ///
    /// # Errors
    /// [`SiteError`]; receipt and photos are hidden from then on, and the sweep removes them.
    pub async fn erase_receipt(&self, receipt: &str) -> Result<usize, SiteError> {
        let photos = self.catalog.photos_of(receipt).await?;
        self.catalog.erase_receipt(receipt).await?;
        for photo in &photos {
            self.erase(&photo.id).await?;
        }
        self.catalog.remove_erased_receipts().await?;
        Ok(photos.len())
    }

    /// Ends what was begun and not ended, by a kill or by a store that could not be reached. Photos that have been written for longer
    /// than `patience` are given up. Gives the number of photos removed.
    ///
    /// # Errors
    /// [`SiteError`] if catalog or store fail; the rest is left to the next sweep.
    pub async fn sweep(&self, patience: Duration) -> Result<usize, SiteError> {
        let doomed = self.catalog.doomed_photos(patience).await?;
        for id in &doomed {
            self.remove(id).await?;
        }
        self.catalog.remove_erased_receipts().await?;
        self.store.remove_cut_off(patience)?;
        Ok(doomed.len())
    }

    /// Removes files and row of a photo that nobody sees. The tombstone comes first, so that no release can miss it.
    async fn remove(&self, id: &str) -> Result<(), SiteError> {
        self.catalog.add_tombstone(id).await?;
        self.store.delete(id).await?;
        Ok(self.catalog.remove_photo(id).await?)
    }
}
