//! What the admin sees: counts, and photos by what one looks for.

use serde::Serialize;
use sqlx::FromRow;

use super::{Catalog, Result, State, on};
use crate::clock::rfc3339;

/// Photos on a page.
const PAGE: i64 = 60;

/// Which photos are looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Those in this state alone.
    pub state: Option<State>,
    /// Those of this smiley alone.
    pub smiley: Option<String>,
    /// Those whose name, or the pseudonym of whose receipt, begins so.
    pub text: String,
    /// Number of the page, from 0.
    pub page: i64,
}

/// A photo as the admin sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// Its name.
    pub id: String,
    /// What it should show.
    pub smiley: String,
    /// What became of it.
    pub state: String,
    /// When it came.
    pub created: String,
    /// Whether voters are weighed by it.
    pub known: bool,
    /// How many voters said what.
    pub votes: VoteCounts,
    /// What the model saw, if it has looked and seen a face.
    pub model: Option<ModelOpinion>,
}

/// How many voters said what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct VoteCounts {
    /// It is that smiley.
    pub yes: i64,
    /// It is another one.
    pub no: i64,
    /// There is no face.
    pub not_a_face: i64,
    /// Nobody should have to see it.
    #[serde(rename = "unsafe")]
    pub unfit: i64,
}

/// What the model saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelOpinion {
    /// Id of the smiley.
    pub smiley: String,
    /// Its share of the vote.
    pub share: f64,
    /// Name of the smile net.
    pub weights: String,
}

#[derive(FromRow)]
struct RawListed {
    id: String,
    smiley: String,
    state: String,
    created: i64,
    known: bool,
    yes: i64,
    no: i64,
    not_a_face: i64,
    unfit: i64,
    model_smiley: Option<String>,
    model_share: Option<f64>,
    weights: Option<String>,
}

/// Counts for the admin's first look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow, Serialize)]
pub struct Totals {
    /// Receipts that were not erased.
    pub receipts: i64,
    /// Photos that were withdrawn.
    pub erasures: i64,
    /// Answers of voters.
    pub votes: i64,
}

impl Catalog {
    /// How many photos there are of each smiley in each state.
    pub async fn counts(&self) -> Result<Vec<(String, String, i64)>> {
        let sql = "select smiley, state, count(*) from photos where state not in ('pending', 'erasing') group by smiley, state";
        Ok(on!(&self.pool, pool => sqlx::query_as(sql).fetch_all(pool).await)?)
    }

    /// What else there is.
    pub async fn totals(&self) -> Result<Totals> {
        let sql = "select (select count(*) from receipts where erased is null) as receipts, \
            (select count(*) from tombstones) as erasures, (select count(*) from votes where answer is not null) as votes";
        Ok(on!(&self.pool, pool => sqlx::query_as(sql).fetch_one(pool).await)?)
    }

    /// A page of photos, the newest first, and the number of pages.
    pub async fn search(&self, filter: &Filter) -> Result<(Vec<Listed>, i64)> {
        let sql = "select photos.id, photos.smiley, state, photos.created, known, \
            (select count(*) from votes where photo = photos.id and answer = 'yes') as yes, \
            (select count(*) from votes where photo = photos.id and answer = 'no') as no, \
            (select count(*) from votes where photo = photos.id and answer = 'not_a_face') as not_a_face, \
            (select count(*) from votes where photo = photos.id and answer = 'unsafe') as unfit, \
            opinions.smiley as model_smiley, share as model_share, weights \
            from photos join receipts on receipts.hash = photos.receipt left join opinions on opinions.photo = photos.id \
            where state not in ('pending', 'erasing') and ($1 = '' or state = $1) and ($2 = '' or photos.smiley = $2) \
            and (id like $3 or pseudonym like $3) order by photos.created desc, photos.id limit $4 offset $5";
        let (state, smiley, pattern) = filter.bindings();
        let rows: Vec<RawListed> = on!(&self.pool, pool => {
            let query = sqlx::query_as(sql).bind(state).bind(smiley).bind(&pattern).bind(PAGE).bind(filter.page * PAGE);
            query.fetch_all(pool).await
        })?;
        let sql = "select count(*) from photos join receipts on receipts.hash = photos.receipt \
            where state not in ('pending', 'erasing') and ($1 = '' or state = $1) and ($2 = '' or photos.smiley = $2) \
            and (id like $3 or pseudonym like $3)";
        let count: i64 = on!(&self.pool, pool => {
            sqlx::query_scalar(sql).bind(state).bind(smiley).bind(&pattern).fetch_one(pool).await
        })?;
        Ok((rows.into_iter().map(Listed::from).collect(), (count + PAGE - 1) / PAGE))
    }
}

impl Filter {
    /// State and smiley, empty for any, and the pattern that names match.
    fn bindings(&self) -> (&str, &str, String) {
        let begin: String = self.text.chars().filter(char::is_ascii_hexdigit).collect();
        let state = self.state.map_or("", State::name);
        (state, self.smiley.as_deref().unwrap_or_default(), begin.to_ascii_lowercase() + "%")
    }
}

impl From<RawListed> for Listed {
    fn from(raw: RawListed) -> Self {
        let model = match (raw.model_smiley, raw.model_share, raw.weights) {
            (Some(smiley), Some(share), Some(weights)) => Some(ModelOpinion { smiley, share, weights }),
            _ => None,
        };
        let votes = VoteCounts { yes: raw.yes, no: raw.no, not_a_face: raw.not_a_face, unfit: raw.unfit };
        Self { id: raw.id, smiley: raw.smiley, state: raw.state, created: rfc3339(raw.created), known: raw.known, votes, model }
    }
}
