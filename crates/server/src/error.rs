//! What can go wrong while the site runs, apart from what visitors do wrong.

use crate::{catalog::CatalogError, looker::LookError, store::StoreError};

/// Something that the site needs failed.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The database.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The store of photos.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model could not look at a photo.
    #[error(transparent)]
    Look(#[from] LookError),
    /// Work on another thread came to no end.
    #[error("work was cut off: {0}")]
    CutOff(#[from] tokio::task::JoinError),
}
