//! The site: everything that handlers of requests share.

use std::{collections::HashMap, path::PathBuf, sync::Arc, thread::available_parallelism, time::Duration};

use axum::extract::ws::Utf8Bytes;
use smielfy::smileys::Smileys;
use tokio::sync::{Mutex, Semaphore, broadcast};

use crate::{
    catalog::{Bucket, Catalog},
    error::SiteError,
    keeper::Keeper,
    looker::Looker,
    metrics::Metrics,
    secrets::{Secret, SecretHash, random_name, sha256},
    words::Consent,
};

/// Setting that holds the hash of the admin's secret.
const ADMIN_HASH: &str = "admin hash";
/// Setting that is mixed into hashes of addresses, so that these cannot be found by trying all addresses.
const ADDRESS_SALT: &str = "address salt";
/// Live sessions at once: each holds two frames in memory, and more would each get too few frames a second to be live.
const MAX_SESSIONS: usize = 32;
/// Uploads at once: each holds its bytes in memory.
const MAX_UPLOADS: usize = 64;

/// What visitors may do how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Uploads from one address and for one receipt.
    pub uploads: Bucket,
    /// New receipts and voters from one address.
    pub tokens: Bucket,
    /// Wrong secrets from one address.
    pub guesses: Bucket,
    /// Photos of one receipt.
    pub photos_per_receipt: u64,
    /// How long the bytes of a photo may take to arrive, less than half of the keeper's patience.
    pub upload_time: Duration,
}

impl Default for Limits {
    /// Room for a family behind one address that pulls all smileys in bursts of five; far from what a flood needs.
    fn default() -> Self {
        Self {
            uploads: Bucket { capacity: 120.0, per_minute: 120.0 },
            tokens: Bucket { capacity: 30.0, per_minute: 10.0 },
            guesses: Bucket { capacity: 20.0, per_minute: 6.0 },
            photos_per_receipt: 1000,
            upload_time: Duration::from_secs(25),
        }
    }
}

/// How a site is made.
pub struct SiteParams {
    /// Its photos and all that is known of them.
    pub keeper: Keeper,
    /// What looks at photos.
    pub looker: Looker,
    /// What is collected.
    pub smileys: Smileys,
    /// What visitors may do.
    pub limits: Limits,
    /// Whether the last address in `X-Forwarded-For` is the visitor's, as behind a balancer.
    pub behind_proxy: bool,
    /// Where releases that the admin asks for are written.
    pub releases: PathBuf,
}

/// Everything that handlers share.
pub struct Site {
    /// Photos and all that is known of them.
    pub keeper: Keeper,
    /// What looks at photos.
    pub looker: Looker,
    /// What is collected.
    pub smileys: Smileys,
    /// What visitors may do.
    pub limits: Limits,
    /// See [`SiteParams::behind_proxy`].
    pub behind_proxy: bool,
    /// See [`SiteParams::releases`].
    pub releases: PathBuf,
    /// What contributors agree to.
    pub consent: Consent,
    /// What happened.
    pub metrics: Metrics,
    /// One for each upload whose bytes are in memory.
    pub uploads: Semaphore,
    /// One for each picture that is being decoded.
    pub decoders: Arc<Semaphore>,
    /// One for each live session.
    pub session_permits: Arc<Semaphore>,
    /// Who listens to which live session.
    pub sessions: Mutex<HashMap<String, broadcast::Sender<Utf8Bytes>>>,
    address_salt: String,
}

impl Site {
    /// A site.
    ///
    /// # Errors
    /// [`SiteError`] if its settings cannot be read.
    pub async fn new(params: SiteParams) -> Result<Self, SiteError> {
        let SiteParams { keeper, looker, smileys, limits, behind_proxy, releases } = params;
        keeper.catalog.set_first(ADDRESS_SALT, &random_name()).await?;
        let address_salt = keeper.catalog.setting(ADDRESS_SALT).await?.unwrap_or_default();
        Ok(Self {
            keeper,
            looker,
            smileys,
            limits,
            behind_proxy,
            releases,
            consent: Consent::default(),
            metrics: Metrics::default(),
            uploads: Semaphore::new(MAX_UPLOADS),
            decoders: Arc::new(Semaphore::new(cores())),
            session_permits: Arc::new(Semaphore::new(MAX_SESSIONS)),
            sessions: Mutex::default(),
            address_salt,
        })
    }

    /// The rows.
    pub fn catalog(&self) -> &Catalog {
        &self.keeper.catalog
    }

    /// Whether so many photos come in that whatever can wait should.
    pub fn is_busy(&self) -> bool {
        MAX_UPLOADS - self.uploads.available_permits() >= cores()
    }

    /// The admin's secret, if it is new: because there was none, or because it shall be `renewed`.
    ///
    /// # Errors
    /// [`SiteError`] if the database fails.
    pub async fn new_admin_secret(&self, renewed: bool) -> Result<Option<Secret>, SiteError> {
        let secret = Secret::random();
        let is_new = self.catalog().set_first(ADMIN_HASH, secret.hash().as_str()).await?;
        if renewed && !is_new {
            self.catalog().set(ADMIN_HASH, secret.hash().as_str()).await?;
        }
        Ok((is_new || renewed).then_some(secret))
    }

    /// Whether this is the admin's secret.
    ///
    /// # Errors
    /// [`SiteError`] if the database fails.
    pub async fn is_admin(&self, secret: &Secret) -> Result<bool, SiteError> {
        let hash = self.catalog().setting(ADMIN_HASH).await?.map(SecretHash::from_database);
        Ok(hash.is_some_and(|hash| hash.matches(&secret.hash())))
    }

    /// The name of the bucket of something that `who` does; nobody can tell from it who it is.
    pub fn bucket(&self, what: &str, who: &str) -> String {
        format!("{what} {}", sha256(format!("{} {who}", self.address_salt).as_bytes()))
    }
}

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}
