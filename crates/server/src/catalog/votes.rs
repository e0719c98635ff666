//! Voters, the tasks that they are given, and their answers.

use std::{fmt, str::FromStr};

use serde::Deserialize;
use sqlx::FromRow;

use super::{Catalog, Result, on, parsed};
use crate::{
    clock::now_ms,
    secrets::{SecretHash, random_name},
};

/// An answer to "is this a photo of that smiley?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is.
    Yes,
    /// It is a face and shows something else.
    No,
    /// There is no face, or not one alone.
    NotAFace,
    /// Nobody should have to see it.
    Unsafe,
}

impl Answer {
    /// As in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotAFace => "not_a_face",
            Self::Unsafe => "unsafe",
        }
    }
}

/// A name that is not one of an answer.
#[derive(Debug, thiserror::Error)]
#[error("unknown answer `{0}`")]
pub struct UnknownAnswer(String);

impl FromStr for Answer {
    type Err = UnknownAnswer;

    fn from_str(name: &str) -> std::result::Result<Self, Self::Err> {
        let answers = [Self::Yes, Self::No, Self::NotAFace, Self::Unsafe];
        answers.into_iter().find(|answer| answer.name() == name).ok_or_else(|| UnknownAnswer(name.to_owned()))
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Somebody who judges photos.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Voter {
    /// Of the token.
    pub hash: String,
    /// Answers that were as known.
    pub agreed: i64,
    /// Answers that were otherwise.
    pub erred: i64,
}

/// A photo that a voter is to judge.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Task {
    /// Its name, one for each voter and photo.
    #[sqlx(rename = "task")]
    pub id: String,
    /// The photo, whose name the voter does not learn.
    pub photo: String,
    /// The smiley that is asked about.
    pub smiley: String,
}

/// The answer of a voter of some merit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vote {
    /// What was answered.
    pub answer: Answer,
    /// See [`Voter::agreed`].
    pub agreed: i64,
    /// See [`Voter::erred`].
    pub erred: i64,
}

#[derive(FromRow)]
struct RawVote {
    answer: String,
    agreed: i64,
    erred: i64,
}

impl Catalog {
    /// Keeps a new voter; `receipt` is the voter's own, if there is one.
    pub async fn add_voter(&self, hash: &SecretHash, receipt: Option<&str>) -> Result<()> {
        let sql = "insert into voters (hash, receipt, created, agreed, erred) values ($1, $2, $3, 0, 0)";
        on!(&self.pool, pool => {
            sqlx::query(sql).bind(hash.as_str()).bind(receipt).bind(now_ms()).execute(pool).await.map(drop)
        })?;
        Ok(())
    }

    /// The voter with this hash.
    pub async fn voter(&self, hash: &SecretHash) -> Result<Option<Voter>> {
        let sql = "select hash, agreed, erred from voters where hash = $1";
        let found: Option<Voter> = on!(&self.pool, pool => sqlx::query_as(sql).bind(hash.as_str()).fetch_optional(pool).await)?;
        Ok(found.filter(|voter| SecretHash::from_database(voter.hash.clone()).matches(hash)))
    }

    /// The task that a voter was given and has not answered, if its photo still is to be judged.
    pub async fn open_task(&self, voter: &str) -> Result<Option<Task>> {
        let sql = "select task, photo, votes.smiley from votes join photos on photos.id = votes.photo \
            where voter = $1 and answer is null and (state = 'waiting' or (known and state = 'accepted')) limit 1";
        Ok(on!(&self.pool, pool => sqlx::query_as(sql).bind(voter).fetch_optional(pool).await)?)
    }

    /// A photo, with its smiley, that this voter has not been given yet and did not send: one whose answer is known, or one that
    /// waits and has fewer than `max_votes` answers.
    pub async fn photo_to_judge(&self, voter: &str, known: bool, max_votes: i64) -> Result<Option<(String, String)>> {
        let sql = "select id, smiley from photos where known = $2 and state = case when $2 then 'accepted' else 'waiting' end \
            and receipt <> coalesce((select receipt from voters where hash = $1), '') \
            and not exists (select 1 from votes where photo = photos.id and voter = $1) \
            and (known or (select count(*) from votes where photo = photos.id and answer is not null) < $3) \
            order by random() limit 1";
        Ok(on!(&self.pool, pool => sqlx::query_as(sql).bind(voter).bind(known).bind(max_votes).fetch_optional(pool).await)?)
    }

    /// Gives a voter a task; nothing if the voter has one for this photo already.
    pub async fn add_task(&self, voter: &str, photo: &str, smiley: &str) -> Result<Option<Task>> {
        let task = Task { id: random_name(), photo: photo.to_owned(), smiley: smiley.to_owned() };
        let sql = "insert into votes (task, photo, voter, smiley, created) values ($1, $2, $3, $4, $5) on conflict do nothing";
        let added = on!(&self.pool, pool => {
            let query = sqlx::query(sql).bind(&task.id).bind(photo).bind(voter).bind(smiley).bind(now_ms());
            query.execute(pool).await?.rows_affected()
        });
        Ok((added == 1).then_some(task))
    }

    /// A task that was given to this voter, answered or not, whose photo can be seen.
    pub async fn task(&self, voter: &str, task: &str) -> Result<Option<Task>> {
        let sql = "select task, photo, votes.smiley from votes join photos on photos.id = votes.photo \
            where voter = $1 and task = $2 and state not in ('pending', 'erasing')";
        Ok(on!(&self.pool, pool => sqlx::query_as(sql).bind(voter).bind(task).fetch_optional(pool).await)?)
    }

    /// Keeps an answer; false if the task is answered already.
    pub async fn answer(&self, task: &str, answer: Answer) -> Result<bool> {
        let sql = "update votes set answer = $2 where task = $1 and answer is null";
        Ok(on!(&self.pool, pool => sqlx::query(sql).bind(task).bind(answer.name()).execute(pool).await?.rows_affected()) == 1)
    }

    /// The smiley of a photo whose answer is known, or nothing of others.
    pub async fn known_smiley(&self, photo: &str) -> Result<Option<String>> {
        let sql = "select smiley from photos where id = $1 and known and state = 'accepted'";
        Ok(on!(&self.pool, pool => sqlx::query_scalar(sql).bind(photo).fetch_optional(pool).await)?)
    }

    /// Counts an answer of a voter to a photo whose answer is known.
    pub async fn weigh(&self, voter: &str, has_agreed: bool) -> Result<()> {
        let sql = "update voters set agreed = agreed + $2, erred = erred + $3 where hash = $1";
        let (agreed, erred) = (i64::from(has_agreed), i64::from(!has_agreed));
        on!(&self.pool, pool => sqlx::query(sql).bind(voter).bind(agreed).bind(erred).execute(pool).await.map(drop))?;
        Ok(())
    }

    /// All answers about a photo and the smiley that it has now.
    pub async fn votes_on(&self, photo: &str) -> Result<Vec<Vote>> {
        let sql = "select answer, agreed, erred from votes join voters on voters.hash = votes.voter \
            join photos on photos.id = votes.photo and photos.smiley = votes.smiley where photo = $1 and answer is not null";
        let rows: Vec<RawVote> = on!(&self.pool, pool => sqlx::query_as(sql).bind(photo).fetch_all(pool).await)?;
        rows.into_iter().map(|raw| Ok(Vote { answer: parsed(&raw.answer)?, agreed: raw.agreed, erred: raw.erred })).collect()
    }

    /// Lets voters decide about a photo that waits; one that the admin decided about stays as it is.
    pub async fn decide_by_votes(&self, photo: &str, state: super::State) -> Result<()> {
        let sql = "update photos set state = $2 where id = $1 and state = 'waiting'";
        on!(&self.pool, pool => sqlx::query(sql).bind(photo).bind(state.name()).execute(pool).await.map(drop))?;
        Ok(())
    }
}
