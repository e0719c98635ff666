//! Rate limits: token buckets. In PostgreSQL they hold for all replicas together; with SQLite there is one process, and they are in
//! its memory, where they cost no writing to the disk.

use std::time::Duration;

use super::{Catalog, Result, on};
use crate::clock::{ms, now_ms};

/// How much may be done, and how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// What may be done at once.
    pub capacity: f64,
    /// What may be done a minute in the long run.
    pub per_minute: f64,
}

impl Bucket {
    /// Tokens that come in a millisecond.
    fn per_ms(self) -> f64 {
        self.per_minute / 60_000.0
    }

    /// After how long an empty bucket has a token again.
    pub fn pause(self) -> Duration {
        Duration::from_secs_f64((60.0 / self.per_minute).ceil())
    }
}

impl Catalog {
    /// Takes a token out of a bucket; false if there is none. A bucket that nobody used is full.
    pub async fn take(&self, name: &str, bucket: Bucket) -> Result<bool> {
        let sql = "insert into limits (name, tokens, updated) values ($1, $2 - 1.0, $3) \
            on conflict (name) do update set updated = excluded.updated, tokens = \
            case when limits.tokens + ($3 - limits.updated) * $4 > $2 then $2 else limits.tokens + ($3 - limits.updated) * $4 end - 1.0 \
            where limits.tokens + ($3 - limits.updated) * $4 >= 1.0";
        let taken = on!(&self.limits, pool => {
            let query = sqlx::query(sql).bind(name).bind(bucket.capacity).bind(now_ms()).bind(bucket.per_ms());
            query.execute(pool).await?.rows_affected()
        });
        Ok(taken == 1)
    }

    /// Whether a bucket has a token; none is taken.
    pub async fn has_token(&self, name: &str, bucket: Bucket) -> Result<bool> {
        let sql = "select count(*) from limits where name = $1 and tokens + ($2 - updated) * $3 < 1.0";
        let empty: i64 = on!(&self.limits, pool => {
            sqlx::query_scalar(sql).bind(name).bind(now_ms()).bind(bucket.per_ms()).fetch_one(pool).await
        })?;
        Ok(empty == 0)
    }

    /// Forgets the buckets that were not used for so long that they are full.
    pub async fn forget_limits(&self, age: Duration) -> Result<()> {
        let sql = "delete from limits where updated < $1";
        on!(&self.limits, pool => sqlx::query(sql).bind(now_ms() - ms(age)).execute(pool).await.map(drop))?;
        Ok(())
    }
}
