//! Poses as data: the text of `poses.toml` goes in, expressions that people would call by the pose's name come out.
//!
//! [`Poses::default`] are the poses of the project's own `poses.toml`, which is embedded and tells what its keys mean;
//! [`Poses::parse`] reads a user's own table.

mod error;
mod file;
mod layer;
mod none;
mod target;
#[cfg(test)]
mod tests;

use super::shapes::{Expression, SHAPES};
use crate::{draw::Draw, smileys::NONE};
pub use error::PosesError;
use file::{MixTable, Part, PoseTable, PosesTable};
use layer::{Layer, known, share};
use none::NoneKinds;
use target::{Near, PerShape, limits, part};

/// The project's own table.
pub const EMBEDDED_POSES: &str = include_str!("../../../../../poses.toml");

/// What the faces of each smiley do, how they vary, and what faces without a name do.
#[derive(Debug, Clone, PartialEq)]
pub struct Poses {
    list: Vec<Pose>,
    nuisance: Vec<Layer>,
    none: Option<NoneKinds>,
}

#[derive(Debug, Clone, PartialEq)]
struct Pose {
    id: String,
    layers: Vec<Layer>,
    /// How much of the nuisance each shape gets, `0..=1`.
    nuisance: PerShape,
    mixes: Vec<Mix>,
}

/// Parts of the face that are, at times, those of another pose.
#[derive(Debug, Clone, PartialEq)]
struct Mix {
    pose: usize,
    parts: Vec<Part>,
    chance: f32,
}

/// What a pose drew, before the nuisance.
#[derive(Debug, Clone, PartialEq)]
struct Face {
    weights: PerShape,
    nuisance: PerShape,
}

impl Default for Poses {
    /// The poses of the 17 smileys of the project, and `none`.
    fn default() -> Self {
        Self::parse(EMBEDDED_POSES).expect("the embedded table is valid, as a test shows")
    }
}

impl Poses {
    /// Reads a table of poses: TOML with one `[[pose]]` a smiley at least, see `poses.toml` of the project.
    ///
    /// # Errors
    /// [`PosesError`]: text that is not such a table, a name that there is not, an empty range, a share that is not within
    /// `0..=1`, a mix with a pose that takes precedence.
    pub fn parse(text: &str) -> Result<Self, PosesError> {
        let table: PosesTable = toml::from_str(text)?;
        let ids = unique_ids(&table.pose)?;
        let ranks = ranks(&table.precedence, &ids)?;
        let list = table.pose.iter().map(|pose| Pose::new(pose, &ids, &ranks)).collect::<Result<_, _>>()?;
        let nuisance = Layer::all(&table.nuisance.layers, "nuisance")?;
        let none = table.none.as_ref().map(|none| NoneKinds::new(none, &ids)).transpose()?;
        Ok(Self { list, nuisance, none })
    }

    /// Ids of the smileys, in the order of the file; [`NONE`] is not among them.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|pose| pose.id.as_str())
    }

    /// Whether there is a pose for `id`, which may be [`NONE`].
    pub fn has(&self, id: &str) -> bool {
        if id == NONE { self.none.is_some() } else { self.ids().any(|known| known == id) }
    }

    /// An expression that is called `id`, which may be [`NONE`]; nothing if the table does not have it.
    pub(crate) fn draw(&self, id: &str, draw: &mut Draw) -> Option<Expression> {
        let near = Near::drawn(draw);
        let face = if id == NONE {
            self.none.as_ref()?.draw(self, near, draw)
        } else {
            self.face(self.ids().position(|known| known == id)?, near, draw)
        };
        Some(self.finished(&face, near, draw))
    }

    /// An expression of somebody who talks; nothing if the table has no `none`.
    pub(crate) fn talking(&self, draw: &mut Draw) -> Option<Expression> {
        let near = Near::drawn(draw);
        let face = self.none.as_ref()?.talk(near, draw);
        Some(self.finished(&face, near, draw))
    }

    /// A face of the pose at `index` with what it mixes in.
    fn face(&self, index: usize, near: Near, draw: &mut Draw) -> Face {
        let pose = &self.list[index];
        let mut face = pose.pure(near, draw);
        let mut left = draw.unit();
        for mix in &pose.mixes {
            if (0.0..mix.chance).contains(&left) {
                face.take(&self.list[mix.pose].pure(near, draw), &mix.parts);
            }
            left -= mix.chance;
        }
        face
    }

    /// `face` with the nuisance of every face, within what looks like one.
    fn finished(&self, face: &Face, near: Near, draw: &mut Draw) -> Expression {
        let mut nuisance = [0.0; SHAPES.len()];
        self.nuisance.iter().for_each(|layer| layer.apply(near, draw, &mut nuisance));
        let weight = |index: usize| {
            let (least, greatest) = limits(index);
            (face.weights[index] + face.nuisance[index] * nuisance[index]).clamp(least, greatest)
        };
        Expression { weights: std::array::from_fn(weight) }
    }
}

impl Pose {
    fn new(table: &PoseTable, ids: &[&str], ranks: &[usize]) -> Result<Self, PosesError> {
        let id = &table.id;
        let mut nuisance = [1.0; SHAPES.len()];
        for (shape, part) in &table.nuisance {
            let part = share(*part, &format!("nuisance.{shape}"), id)?;
            known(shape, id)?.indices().into_iter().for_each(|index| nuisance[index] = part);
        }
        let mixes = table.mixes.iter().map(|mix| Mix::new(mix, id, ids, ranks)).collect::<Result<Vec<_>, _>>()?;
        share(mixes.iter().map(|mix| mix.chance).sum(), "sum of the chances of mixes", id)?;
        Ok(Self { id: id.clone(), layers: Layer::all(&table.layers, id)?, nuisance, mixes })
    }

    /// A face of this pose that mixes nothing in.
    fn pure(&self, near: Near, draw: &mut Draw) -> Face {
        let mut face = Face { nuisance: self.nuisance, ..Face::default() };
        self.layers.iter().for_each(|layer| layer.apply(near, draw, &mut face.weights));
        face
    }
}

impl Mix {
    fn new(table: &MixTable, id: &str, ids: &[&str], ranks: &[usize]) -> Result<Self, PosesError> {
        let (own, other) = (place(id, ids, id)?, place(&table.pose, ids, id)?);
        if ranks[other] < ranks[own] {
            return Err(PosesError::Outranked { pose: id.into(), other: table.pose.clone() });
        }
        Ok(Self { pose: other, parts: table.parts.clone(), chance: share(table.chance, "chance", id)? })
    }
}

impl Default for Face {
    /// At rest, with all of the nuisance.
    fn default() -> Self {
        Self { weights: [0.0; SHAPES.len()], nuisance: [1.0; SHAPES.len()] }
    }
}

impl Face {
    /// Replaces `parts` by those of `other`.
    fn take(&mut self, other: &Self, parts: &[Part]) {
        for index in (0..SHAPES.len()).filter(|index| parts.contains(&part(*index))) {
            self.weights[index] = other.weights[index];
            self.nuisance[index] = other.nuisance[index];
        }
    }

    /// The face `share` of the way from this one to `other`.
    fn towards(&self, other: &Self, share: f32) -> Self {
        let blend = |from: &PerShape, to: &PerShape| std::array::from_fn(|index| from[index] + (to[index] - from[index]) * share);
        Self { weights: blend(&self.weights, &other.weights), nuisance: blend(&self.nuisance, &other.nuisance) }
    }
}

/// Ids of `poses`, if there are any and no two are alike.
fn unique_ids(poses: &[PoseTable]) -> Result<Vec<&str>, PosesError> {
    let mut ids = vec![];
    for pose in poses {
        if pose.id == NONE || ids.contains(&pose.id.as_str()) {
            return Err(PosesError::Taken(pose.id.clone()));
        }
        ids.push(&pose.id);
    }
    if ids.is_empty() { Err(PosesError::Empty) } else { Ok(ids) }
}

/// The row of `precedence` in which each of `ids` stands; poses in no row come last.
fn ranks(precedence: &[Vec<String>], ids: &[&str]) -> Result<Vec<usize>, PosesError> {
    let mut ranks = vec![precedence.len(); ids.len()];
    for (rank, row) in precedence.iter().enumerate() {
        for id in row {
            ranks[place(id, ids, "precedence")?] = rank;
        }
    }
    Ok(ranks)
}

/// The place of `id`, which `pose` names, in `ids`.
fn place(id: &str, ids: &[&str], pose: &str) -> Result<usize, PosesError> {
    let unknown = || PosesError::UnknownPose { pose: pose.into(), other: id.into() };
    ids.iter().position(|known| *known == id).ok_or_else(unknown)
}
