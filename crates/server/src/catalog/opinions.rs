//! What the model says of photos.

use super::{Catalog, Result, on};

/// What the model sees in a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Name of the smile net.
    pub weights: String,
    /// What it sees in the surest face; absent where there is none.
    pub seen: Option<Seen>,
}

/// What it sees in a face.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Id of the smiley.
    pub smiley: String,
    /// Its share of the vote.
    pub share: f32,
    /// Left edge, top edge and side of the face square in pixels.
    pub square: [f32; 3],
}

impl Catalog {
    /// A photo that the model has not seen, any of them.
    pub async fn photo_without_opinion(&self) -> Result<Option<String>> {
        let sql = "select id from photos where state in ('waiting', 'accepted') \
            and not exists (select 1 from opinions where photo = photos.id) order by random() limit 1";
        Ok(on!(&self.pool, pool => sqlx::query_scalar(sql).fetch_optional(pool).await)?)
    }

    /// Keeps an opinion about a photo that can still be seen, unless there is one.
    pub async fn add_opinion(&self, photo: &str, opinion: &Opinion) -> Result<()> {
        let sql = "insert into opinions (photo, weights, smiley, share, face_x, face_y, face_side) \
            select id, $2, $3, $4, $5, $6, $7 from photos where id = $1 and state not in ('pending', 'erasing') \
            on conflict (photo) do nothing";
        let seen = opinion.seen.as_ref();
        let number = |index: usize| seen.map(|seen| f64::from(seen.square[index]));
        on!(&self.pool, pool => {
            let query = sqlx::query(sql).bind(photo).bind(&opinion.weights).bind(seen.map(|seen| seen.smiley.as_str()));
            let query = query.bind(seen.map(|seen| f64::from(seen.share))).bind(number(0)).bind(number(1)).bind(number(2));
            query.execute(pool).await.map(drop)
        })?;
        Ok(())
    }
}
