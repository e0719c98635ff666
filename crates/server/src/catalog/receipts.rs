//! Receipts: who consented to what. A person is a receipt and nothing more.

use sqlx::FromRow;

use super::{Catalog, Result, on};
use crate::{
    clock::now_ms,
    secrets::{SecretHash, random_name},
};

/// What a person allows beyond training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    /// Photos may be given to others in public releases.
    pub publish: bool,
    /// Photos may be shown to visitors as an example.
    pub example: bool,
}

/// A receipt that was not erased.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Receipt {
    /// Of its code.
    pub hash: String,
    /// When it was given, in milliseconds since 1970.
    pub created: i64,
    /// The text that was agreed to.
    pub consent_version: String,
    /// See [`Ticks::publish`].
    pub publish: bool,
    /// See [`Ticks::example`].
    pub example: bool,
}

impl Catalog {
    /// Keeps a new receipt.
    pub async fn add_receipt(&self, hash: &SecretHash, consent_version: &str, ticks: Ticks) -> Result<()> {
        let sql =
            "insert into receipts (hash, pseudonym, created, consent_version, publish, example) values ($1, $2, $3, $4, $5, $6)";
        on!(&self.pool, pool => {
            let query = sqlx::query(sql).bind(hash.as_str()).bind(random_name()).bind(now_ms()).bind(consent_version);
            query.bind(ticks.publish).bind(ticks.example).execute(pool).await.map(drop)
        })?;
        Ok(())
    }

    /// The receipt with this hash.
    pub async fn receipt(&self, hash: &SecretHash) -> Result<Option<Receipt>> {
        let sql = "select hash, created, consent_version, publish, example from receipts where hash = $1 and erased is null";
        let found: Option<Receipt> = on!(&self.pool, pool => sqlx::query_as(sql).bind(hash.as_str()).fetch_optional(pool).await)?;
        Ok(found.filter(|receipt| SecretHash::from_database(receipt.hash.clone()).matches(hash)))
    }

    /// Makes a receipt be gone for everybody, and with it all that hangs on it.
    pub async fn erase_receipt(&self, hash: &str) -> Result<()> {
        let sql = "update receipts set erased = $2 where hash = $1 and erased is null";
        on!(&self.pool, pool => sqlx::query(sql).bind(hash).bind(now_ms()).execute(pool).await.map(drop))?;
        Ok(())
    }

    /// Removes the erased receipts that have no photos any more.
    pub async fn remove_erased_receipts(&self) -> Result<()> {
        let sql = "delete from receipts where erased is not null \
            and not exists (select 1 from photos where photos.receipt = receipts.hash)";
        on!(&self.pool, pool => sqlx::query(sql).execute(pool).await.map(drop))?;
        Ok(())
    }
}
