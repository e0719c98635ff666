//! Faces that pull no smiley in particular: half-strength, between two poses, talking.

use super::{
    Face, Poses, PosesError,
    file::{NoneTable, Range},
    layer::{Layer, checked, pick, share},
    place,
    target::Near,
};
use crate::draw::Draw;

/// The kinds of such faces, with their shares.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NoneKinds {
    half: Blend,
    between: Blend,
    talking: Vec<Layer>,
    /// Shares of the three, in this order.
    chances: [f32; 3],
}

/// One pose or two, weakened.
#[derive(Debug, Clone, PartialEq)]
struct Blend {
    /// Places of the poses that take part.
    poses: Vec<usize>,
    /// Share of the second pose.
    share: [f32; 2],
    strength: [f32; 2],
}

impl NoneKinds {
    /// The kinds of `table` for poses with these `ids`.
    pub fn new(table: &NoneTable, ids: &[&str]) -> Result<Self, PosesError> {
        let chances = [
            share(table.half.chance, "half.chance", "none")?,
            share(table.between.chance, "between.chance", "none")?,
            share(table.talking.chance, "talking.chance", "none")?,
        ];
        Ok(Self {
            half: Blend {
                poses: all_but(&table.half.except, ids)?,
                share: [0.0; 2],
                strength: ordered(table.half.strength, "half.strength")?,
            },
            between: Blend {
                poses: all_but(&table.between.except, ids)?,
                share: ordered(table.between.share, "between.share")?,
                strength: ordered(table.between.strength, "between.strength")?,
            },
            talking: Layer::all(&table.talking.layers, "none")?,
            chances,
        })
    }

    /// A face of one of the kinds.
    pub fn draw(&self, poses: &Poses, near: Near, draw: &mut Draw) -> Face {
        match pick(self.chances.into_iter(), draw) {
            0 => self.half.draw(poses, near, draw),
            1 => self.between.draw(poses, near, draw),
            _ => self.talk(near, draw),
        }
    }

    /// A face that is talking.
    pub fn talk(&self, near: Near, draw: &mut Draw) -> Face {
        let mut face = Face::default();
        self.talking.iter().for_each(|layer| layer.apply(near, draw, &mut face.weights));
        face
    }
}

impl Blend {
    fn draw(&self, poses: &Poses, near: Near, draw: &mut Draw) -> Face {
        let Some(count) = u32::try_from(self.poses.len()).ok().filter(|count| *count > 0) else {
            return Face::default();
        };
        let first = draw.below(count);
        // Another one than the first, if there is another.
        let second = (first + 1 + draw.below(count.saturating_sub(1).max(1))) % count;
        let [first, second] = [first, second].map(|place| poses.face(self.poses[place as usize], near, draw));
        let [share, strength] = [self.share, self.strength].map(|[low, high]| draw.between(low, high));
        let mut face = first.towards(&second, share);
        face.weights.iter_mut().for_each(|weight| *weight *= strength);
        face
    }
}

/// Places of all `ids` but those in `except`.
fn all_but(except: &[String], ids: &[&str]) -> Result<Vec<usize>, PosesError> {
    let except = except.iter().map(|id| place(id, ids, "none")).collect::<Result<Vec<_>, _>>()?;
    Ok((0..ids.len()).filter(|index| !except.contains(index)).collect())
}

/// `range`, if its ends are in order and within `0..=1`.
fn ordered(range: [f32; 2], key: &str) -> Result<[f32; 2], PosesError> {
    for end in range {
        share(end, key, "none")?;
    }
    checked(Range::Even(range), key, "none")?;
    Ok(range)
}
