//! The site that collects photos of smileys from a crowd, and the page that recognizes them live.
//!
//! [`serve`] opens a [`Catalog`] (what is known, in SQLite or PostgreSQL) and a [`Store`] (the photos' bytes, in a folder or an S3
//! bucket), makes a certificate and answers requests; [`release_from`] writes the accepted photos as a dataset. Photos go in and out by
//! the `keeper` alone, which holds the rows of the one and the files of the other together.
//!
//! Beside it, [`label()`] serves the page on which a person labels clips, and [`fix()`] the one on which they fix doubtful labels.

mod archive;
mod catalog;
mod certificate;
mod clock;
mod doubts;
mod error;
mod http;
mod judging;
mod keeper;
mod label;
mod local;
mod looker;
mod metrics;
mod pictures;
mod release;
mod secrets;
mod serve;
mod site;
mod store;
mod words;

pub use catalog::{Bucket, Catalog, CatalogError, Release};
pub use certificate::{CertificateError, CertificateFiles};
pub use doubts::fix;
pub use error::SiteError;
pub use http::router;
pub use keeper::{Keeper, KeeperParams, Kept};
pub use label::{LabelParams, label};
pub use local::PageStarted;
pub use looker::{LookError, Looker};
pub use release::{Made, ReleaseError, ReleaseParams, release_from};
pub use secrets::Secret;
pub use serve::{ServeError, ServeParams, Started, serve};
pub use site::{Limits, Site, SiteParams};
pub use store::{Size, Store, StoreError};
