//! The store of photos: a folder, an S3 bucket, or memory. Only this module knows how files are named there.

use std::{
    fs, io,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, aws::AmazonS3Builder, local::LocalFileSystem, memory::InMemory, path::Path,
    prefix::PrefixStore,
};

/// How an S3 store is given on the command line.
const S3: &str = "s3://";

/// A store that cannot be reached, or does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made or read.
    #[error("cannot use the folder `{path}` for photos: {source}", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The address is none of a store.
    #[error("`{0}` is no store for photos; give a folder or `s3://BUCKET/PREFIX`")]
    Address(String),
    /// The store refuses or fails.
    #[error("the store of photos failed: {0}")]
    Failed(#[from] object_store::Error),
}

/// Which of a photo's two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The photo as it is kept.
    Full,
    /// The small one.
    Thumbnail,
}

/// Where photos are kept.
#[derive(Debug, Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    /// The folder, if it is one.
    folder: Option<PathBuf>,
}

impl Store {
    /// Opens the store at `address`: `s3://BUCKET/PREFIX` with the rest of its settings in the `AWS_*` variables of the environment,
    /// or a folder, which is made if it is missing.
    ///
    /// # Errors
    /// [`StoreError`] if there can be no store.
    pub fn open(address: &str) -> Result<Self, StoreError> {
        match address.strip_prefix(S3) {
            Some(bucket) => Self::s3(address, bucket),
            None if address.contains("://") => Err(StoreError::Address(address.to_owned())),
            None => Self::folder(FilePath::new(address)),
        }
    }

    /// A store that is gone with the program, for tests.
    pub fn in_memory() -> Self {
        Self { objects: Arc::new(InMemory::new()), folder: None }
    }

    fn folder(path: &FilePath) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Folder { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(failed)?;
        let objects = LocalFileSystem::new_with_prefix(path)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects), folder: Some(path.to_owned()) })
    }

    fn s3(address: &str, bucket: &str) -> Result<Self, StoreError> {
        let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
        if bucket.is_empty() {
            return Err(StoreError::Address(address.to_owned()));
        }
        let _ = rustls::crypto::ring::default_provider().install_default(); // for the client's TLS; fails where there is one already
        let objects = AmazonS3Builder::from_env().with_bucket_name(bucket).build()?;
        Ok(Self { objects: Arc::new(PrefixStore::new(objects, Path::from(prefix))), folder: None })
    }

    /// Writes both files of a photo.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; one of the files may then be there.
    pub async fn put(&self, id: &str, full: Vec<u8>, thumbnail: Vec<u8>) -> Result<(), StoreError> {
        self.objects.put(&key(id, Size::Thumbnail), PutPayload::from(thumbnail)).await?;
        self.objects.put(&key(id, Size::Full), PutPayload::from(full)).await?;
        Ok(())
    }

    /// A file of a photo, or nothing where there is none.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn get(&self, id: &str, size: Size) -> Result<Option<Vec<u8>>, StoreError> {
        match self.objects.get(&key(id, size)).await {
            Ok(found) => Ok(Some(found.bytes().await?.into())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes both files of a photo, those of them that are there.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; then the files may still be there.
    pub async fn delete(&self, id: &str) -> Result<(), StoreError> {
        for size in [Size::Full, Size::Thumbnail] {
            match self.objects.delete(&key(id, size)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Removes what writes that were cut off left in a folder: files are written under a name with `#` and renamed when they are
    /// whole. Those younger than `age` may still be renamed. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Folder`].
    pub fn remove_cut_off(&self, age: Duration) -> Result<usize, StoreError> {
        let Some(folder) = &self.folder else { return Ok(0) };
        remove_cut_off(folder, SystemTime::now() - age).map_err(|source| StoreError::Folder { path: folder.clone(), source })
    }
}

/// Removes the files with `#` in their names that were last written before `time`, in `folder` and all below.
fn remove_cut_off(folder: &FilePath, time: SystemTime) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            removed += remove_cut_off(&entry.path(), time)?;
        } else if entry.file_name().to_string_lossy().contains('#') && entry.metadata()?.modified()? < time {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Where a file of a photo is: in one of 256 folders, so that none grows too large.
fn key(id: &str, size: Size) -> Path {
    let kind = match size {
        Size::Full => "photos",
        Size::Thumbnail => "thumbnails",
    };
    Path::from(format!("{kind}/{}/{id}.jpg", &id[..2]))
}
