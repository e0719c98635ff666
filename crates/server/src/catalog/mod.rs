//! The catalog: everything but the photos' bytes, in SQLite or PostgreSQL. A module for each thing that is kept.
//!
//! Each function is one statement, the same in both databases, and each statement leaves the catalog sound: nothing needs a
//! transaction around several.

#![expect(clippy::missing_errors_doc, reason = "all fail alike, with `CatalogError::Statement`, when the database does")]

mod admin;
mod limits;
mod opinions;
mod photos;
mod receipts;
mod releases;
mod votes;

use std::{str::FromStr, time::Duration};

use sqlx::{
    PgPool, SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use admin::{Filter, Listed, Totals};
pub use limits::Bucket;
pub use opinions::{Opinion, Seen};
pub use photos::{Created, PhotoRow, State, UnknownState};
pub use receipts::{Receipt, Ticks};
pub use releases::{Erasure, Release, ReleasePhoto};
pub use votes::{Answer, Task, Vote, Voter};

/// The steps that make the tables, in order; one that was released is never changed.
const MIGRATIONS: [(&str, &str); 1] = [("start", include_str!("../../migrations/0001_start.sql"))];

/// How a PostgreSQL database is given on the command line.
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];
/// How long a statement waits for another process that writes to the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections to PostgreSQL at most, of one process.
const CONNECTIONS: u32 = 10;

/// A database that cannot be opened, or a statement that failed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// There is no such database.
    #[error("cannot open the database `{address}`: {source}")]
    Open {
        /// Where it should be, without a password.
        address: String,
        /// What the driver says.
        source: sqlx::Error,
    },
    /// Its tables cannot be brought up to date.
    #[error("cannot bring the database up to date: {0}; it may have been used by a newer smielfy")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A statement failed.
    #[error("the database failed: {0}")]
    Statement(#[from] sqlx::Error),
}

/// The result of a statement.
pub type Result<T> = std::result::Result<T, CatalogError>;

/// An open database.
#[derive(Debug, Clone)]
pub struct Catalog {
    pool: Pool,
    limits: Pool,
}

#[derive(Debug, Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Runs `$body` with the pool of whichever database it is; it is compiled for both.
macro_rules! on {
    ($of:expr, $pool:ident => $body:expr) => {
        match $of {
            $crate::catalog::Pool::Sqlite($pool) => $body,
            $crate::catalog::Pool::Postgres($pool) => $body,
        }
    };
}
use on;

impl Catalog {
    /// Opens the database at `address`, `postgres://...` or the path of an SQLite file, which is made if it is missing, and brings its
    /// tables up to date. Several processes may do so at once: PostgreSQL lets one after the other.
    ///
    /// # Errors
    /// [`CatalogError`] if it cannot be opened, or not be brought up to date.
    pub async fn open(address: &str) -> Result<Self> {
        let catalog = if POSTGRES.iter().any(|scheme| address.starts_with(scheme)) {
            let failed = |source| CatalogError::Open { address: without_password(address), source };
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(address).await.map_err(failed)?;
            Self { pool: Pool::Postgres(pool.clone()), limits: Pool::Postgres(pool) }
        } else {
            let failed = |source| CatalogError::Open { address: address.to_owned(), source };
            let options = SqliteConnectOptions::new().filename(address).create_if_missing(true);
            let pool = sqlite(options).await.map_err(failed)?;
            let limits = sqlite(SqliteConnectOptions::new().in_memory(true)).await.map_err(failed)?;
            migrator().run(&limits).await?;
            Self { pool: Pool::Sqlite(pool), limits: Pool::Sqlite(limits) }
        };
        on!(&catalog.pool, pool => migrator().run(pool).await)?;
        Ok(catalog)
    }

    /// Waits for what is going on and closes the database.
    pub async fn close(&self) {
        on!(&self.pool, pool => pool.close().await);
    }

    /// Asks the database whether it is there.
    pub async fn ping(&self) -> Result<()> {
        on!(&self.pool, pool => sqlx::query("select 1").execute(pool).await.map(drop))?;
        Ok(())
    }

    /// The value of a setting of the installation.
    pub async fn setting(&self, name: &str) -> Result<Option<String>> {
        let sql = "select value from settings where name = $1";
        Ok(on!(&self.pool, pool => sqlx::query_scalar(sql).bind(name).fetch_optional(pool).await)?)
    }

    /// Sets what has no value yet; false if it has one.
    pub async fn set_first(&self, name: &str, value: &str) -> Result<bool> {
        let sql = "insert into settings (name, value) values ($1, $2) on conflict (name) do nothing";
        Ok(on!(&self.pool, pool => sqlx::query(sql).bind(name).bind(value).execute(pool).await?.rows_affected()) == 1)
    }

    /// Changes a setting.
    pub async fn set(&self, name: &str, value: &str) -> Result<()> {
        let sql = "insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value";
        on!(&self.pool, pool => sqlx::query(sql).bind(name).bind(value).execute(pool).await.map(drop))?;
        Ok(())
    }
}

fn migrator() -> Migrator {
    let migration = |(index, (name, sql)): (usize, &(&'static str, &'static str))| {
        Migration::new(index as i64 + 1, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().enumerate().map(migration).collect())
}

/// An SQLite database with one connection, which is never given up: its writers would have to wait for each other anyway, and so they
/// do in the order in which they came. What is committed to a file is on the disk.
async fn sqlite(options: SqliteConnectOptions) -> std::result::Result<SqlitePool, sqlx::Error> {
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "on")
        .busy_timeout(BUSY_TIMEOUT);
    let one = SqlitePoolOptions::new().min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None);
    one.connect_with(options).await
}

/// The address of a database as it may be shown.
fn without_password(address: &str) -> String {
    match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://...@{place}"),
        _ => address.to_owned(),
    }
}

/// A value that the database has as text, read by [`FromStr`].
fn parsed<T: FromStr>(text: &str) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().map_err(|error| CatalogError::Statement(sqlx::Error::Decode(Box::new(error))))
}
