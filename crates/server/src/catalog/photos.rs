//! Photos: rows that say what is or will be in the store.
//!
//! A row comes before its files, as `pending`, and goes after them, as `erasing`; in both states nobody sees it. So a file without
//! a row cannot be, and a row without a file is never seen; what a kill leaves behind is found by its state.

use std::{fmt, str::FromStr, time::Duration};

use sqlx::FromRow;

use super::{Catalog, Result, on, parsed};
use crate::clock::{ms, now_ms};

/// What became of a photo that can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody decided yet.
    Waiting,
    /// It shows what it should.
    Accepted,
    /// It does not.
    Rejected,
}

impl State {
    /// As in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that is not one of a state.
#[derive(Debug, thiserror::Error)]
#[error("unknown state `{0}`; use `waiting`, `accepted` or `rejected`")]
pub struct UnknownState(String);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(name: &str) -> std::result::Result<Self, Self::Err> {
        let states = [Self::Waiting, Self::Accepted, Self::Rejected];
        states.into_iter().find(|state| state.name() == name).ok_or_else(|| UnknownState(name.to_owned()))
    }
}

/// A photo that can be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoRow {
    /// Its name.
    pub id: String,
    /// What it should show.
    pub smiley: String,
    /// What became of it.
    pub state: State,
    /// When it came, in milliseconds since 1970.
    pub created: i64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// What became of the attempt to add a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// The row is there; files may be written.
    Pending,
    /// This upload came before and is stored, under this name.
    Stored(String),
    /// This upload came before and is being stored right now.
    InProgress,
}

#[derive(FromRow)]
struct RawPhoto {
    id: String,
    smiley: String,
    state: String,
    created: i64,
    width: i64,
    height: i64,
}

impl Catalog {
    /// Adds a row for a photo whose files are about to be written. The `key` of the upload is one for each photo of a receipt.
    pub async fn add_photo(&self, id: &str, receipt: &str, key: &str, smiley: &str) -> Result<Created> {
        let sql = "insert into photos (id, receipt, key, smiley, state, created, width, height, known) \
            values ($1, $2, $3, $4, 'pending', $5, 0, 0, false) on conflict (receipt, key) do nothing";
        let added = on!(&self.pool, pool => {
            let query = sqlx::query(sql).bind(id).bind(receipt).bind(key).bind(smiley).bind(now_ms());
            query.execute(pool).await?.rows_affected()
        });
        if added == 1 {
            return Ok(Created::Pending);
        }
        let sql = "select id, state from photos where receipt = $1 and key = $2";
        let found: Option<(String, String)> =
            on!(&self.pool, pool => sqlx::query_as(sql).bind(receipt).bind(key).fetch_optional(pool).await)?;
        Ok(match found {
            Some((id, state)) if State::from_str(&state).is_ok() => Created::Stored(id),
            _ => Created::InProgress,
        })
    }

    /// Lets a photo be seen whose files are written; false if its receipt was erased meanwhile, or the row was swept away.
    pub async fn finish_photo(&self, id: &str, width: u32, height: u32) -> Result<bool> {
        let sql = "update photos set state = 'waiting', width = $2, height = $3 where id = $1 and state = 'pending' \
            and exists (select 1 from receipts where hash = photos.receipt and erased is null)";
        let finished = on!(&self.pool, pool => {
            let query = sqlx::query(sql).bind(id).bind(i64::from(width)).bind(i64::from(height));
            query.execute(pool).await?.rows_affected()
        });
        Ok(finished == 1)
    }

    /// How many photos of a receipt can be seen.
    pub async fn count_photos(&self, receipt: &str) -> Result<u64> {
        let sql = "select count(*) from photos where receipt = $1 and state not in ('pending', 'erasing')";
        let count: i64 = on!(&self.pool, pool => sqlx::query_scalar(sql).bind(receipt).fetch_one(pool).await)?;
        Ok(count as u64)
    }

    /// The photos of a receipt, the first one first.
    pub async fn photos_of(&self, receipt: &str) -> Result<Vec<PhotoRow>> {
        let sql = "select id, smiley, state, created, width, height from photos \
            where receipt = $1 and state not in ('pending', 'erasing') order by created, id";
        let rows: Vec<RawPhoto> = on!(&self.pool, pool => sqlx::query_as(sql).bind(receipt).fetch_all(pool).await)?;
        rows.into_iter().map(PhotoRow::try_from).collect()
    }

    /// Whether a receipt has this photo and it can be seen.
    pub async fn owns(&self, receipt: &str, id: &str) -> Result<bool> {
        let sql = "select count(*) from photos where id = $1 and receipt = $2 and state not in ('pending', 'erasing')";
        let count: i64 = on!(&self.pool, pool => sqlx::query_scalar(sql).bind(id).bind(receipt).fetch_one(pool).await)?;
        Ok(count == 1)
    }

    /// Whether there is such a photo and it can be seen.
    pub async fn has_photo(&self, id: &str) -> Result<bool> {
        let sql = "select count(*) from photos where id = $1 and state not in ('pending', 'erasing')";
        let count: i64 = on!(&self.pool, pool => sqlx::query_scalar(sql).bind(id).fetch_one(pool).await)?;
        Ok(count == 1)
    }

    /// How many photos of each smiley wait or are accepted; those that have none are left out.
    pub async fn kept_by_smiley(&self) -> Result<Vec<(String, i64)>> {
        let sql = "select smiley, count(*) from photos where state in ('waiting', 'accepted') group by smiley";
        Ok(on!(&self.pool, pool => sqlx::query_as(sql).fetch_all(pool).await)?)
    }

    /// A photo of a smiley that was accepted and that its owner lets be shown as an example, any of them.
    pub async fn example(&self, smiley: &str) -> Result<Option<String>> {
        let sql = "select photos.id from photos join receipts on receipts.hash = photos.receipt \
            where smiley = $1 and state = 'accepted' and example and erased is null order by random() limit 1";
        Ok(on!(&self.pool, pool => sqlx::query_scalar(sql).bind(smiley).fetch_optional(pool).await)?)
    }

    /// Decides what a photo shows and what becomes of it. False if there is no such photo.
    pub async fn decide(&self, id: &str, smiley: Option<&str>, state: State, known: bool) -> Result<bool> {
        let sql = "update photos set state = $2, smiley = coalesce($3, smiley), known = $4 \
            where id = $1 and state not in ('pending', 'erasing')";
        let decided = on!(&self.pool, pool => {
            let query = sqlx::query(sql).bind(id).bind(state.name()).bind(smiley).bind(known);
            query.execute(pool).await?.rows_affected()
        });
        Ok(decided == 1)
    }

    /// Takes a photo that can be seen from everybody's eyes; false if it could not be seen.
    pub async fn begin_erasing(&self, id: &str) -> Result<bool> {
        let sql = "update photos set state = 'erasing' where id = $1 and state not in ('pending', 'erasing')";
        Ok(on!(&self.pool, pool => sqlx::query(sql).bind(id).execute(pool).await?.rows_affected()) == 1)
    }

    /// The photos whose files are to be removed: those of erased receipts, those that are being erased, and those that have been
    /// pending for longer than `patience`, as nobody writes them any more.
    pub async fn doomed_photos(&self, patience: Duration) -> Result<Vec<String>> {
        let sql = "select photos.id from photos join receipts on receipts.hash = photos.receipt \
            where state = 'erasing' or (state = 'pending' and photos.created < $1) or (state <> 'pending' and erased is not null)";
        Ok(on!(&self.pool, pool => sqlx::query_scalar(sql).bind(now_ms() - ms(patience)).fetch_all(pool).await)?)
    }

    /// Keeps the name of a photo that is withdrawn, unless it never came to be seen.
    pub async fn add_tombstone(&self, id: &str) -> Result<()> {
        let sql = "insert into tombstones (photo, erased) select id, $2 from photos where id = $1 and state <> 'pending' \
            on conflict (photo) do nothing";
        on!(&self.pool, pool => sqlx::query(sql).bind(id).bind(now_ms()).execute(pool).await.map(drop))?;
        Ok(())
    }

    /// Removes the row of a photo, and with it votes and opinions.
    pub async fn remove_photo(&self, id: &str) -> Result<()> {
        on!(&self.pool, pool => sqlx::query("delete from photos where id = $1").bind(id).execute(pool).await.map(drop))?;
        Ok(())
    }
}

impl TryFrom<RawPhoto> for PhotoRow {
    type Error = super::CatalogError;

    fn try_from(raw: RawPhoto) -> Result<Self> {
        let RawPhoto { id, smiley, state, created, width, height } = raw;
        Ok(Self { id, smiley, state: parsed(&state)?, created, width: width as u32, height: height as u32 })
    }
}
