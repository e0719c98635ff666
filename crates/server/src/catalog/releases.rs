//! Releases, the photos that go into them, and the tombstones of those that must not.

use serde::Serialize;
use sqlx::FromRow;

use super::{Catalog, Result, on};
use crate::clock::{now_ms, rfc3339};

/// A release that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Release {
    /// Its number, from 1.
    pub number: i64,
    /// When it was made.
    pub created: String,
    /// Whether it has only photos that may be given to others.
    pub public: bool,
    /// How many photos are in it.
    pub photos: i64,
    /// SHA-256 of its `manifest.csv`.
    pub manifest: String,
}

/// A photo that was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// Its name.
    pub photo: String,
    /// When it was withdrawn.
    pub erased: String,
}

/// A photo that may go into a release.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct ReleasePhoto {
    /// Its name.
    pub id: String,
    /// What it shows.
    pub smiley: String,
    /// Of its receipt.
    pub pseudonym: String,
    /// The text that its owner agreed to.
    pub consent_version: String,
    /// Width in pixels.
    pub width: i64,
    /// Height in pixels.
    pub height: i64,
    /// The face square; absent where the model found no face, or did not look.
    pub face_x: Option<f64>,
    /// See [`ReleasePhoto::face_x`].
    pub face_y: Option<f64>,
    /// See [`ReleasePhoto::face_x`].
    pub face_side: Option<f64>,
}

impl Catalog {
    /// The accepted photos, or those alone that may be given to others, by name.
    pub async fn photos_to_release(&self, public: bool) -> Result<Vec<ReleasePhoto>> {
        let sql = "select id, photos.smiley, pseudonym, consent_version, width, height, face_x, face_y, face_side \
            from photos join receipts on receipts.hash = photos.receipt left join opinions on opinions.photo = photos.id \
            where state = 'accepted' and erased is null and (publish or not $1) order by id";
        Ok(on!(&self.pool, pool => sqlx::query_as(sql).bind(public).fetch_all(pool).await)?)
    }

    /// Takes the next number for a release.
    pub async fn add_release(&self, public: bool, photos: usize, manifest: &str) -> Result<i64> {
        let sql = "insert into releases (number, created, public, photos, manifest) \
            select coalesce(max(number), 0) + 1, $1, $2, $3, $4 from releases returning number";
        Ok(on!(&self.pool, pool => {
            let query = sqlx::query_scalar(sql).bind(now_ms()).bind(public).bind(photos as i64).bind(manifest);
            query.fetch_one(pool).await
        })?)
    }

    /// All releases, the last one first.
    pub async fn releases(&self) -> Result<Vec<Release>> {
        let sql = "select number, created, public, photos, manifest from releases order by number desc";
        let rows: Vec<(i64, i64, bool, i64, String)> = on!(&self.pool, pool => sqlx::query_as(sql).fetch_all(pool).await)?;
        let release =
            |(number, created, public, photos, manifest)| Release { number, created: rfc3339(created), public, photos, manifest };
        Ok(rows.into_iter().map(release).collect())
    }

    /// All photos that were withdrawn, the last one first.
    pub async fn erasures(&self) -> Result<Vec<Erasure>> {
        let sql = "select photo, erased from tombstones order by erased desc, photo";
        let rows: Vec<(String, i64)> = on!(&self.pool, pool => sqlx::query_as(sql).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(|(photo, erased)| Erasure { photo, erased: rfc3339(erased) }).collect())
    }
}
