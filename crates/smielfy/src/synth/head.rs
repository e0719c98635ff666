//! A head of somebody in some expression: identity and blendshape weights in, places and normals of all vertices out.

use glam::Vec3;

use super::{
    anatomy::Anatomy,
    kit::Kit,
    mesh::normals,
    shapes::{Expression, KIT_SHAPES},
};

/// Floats that are blended at a time: they stay in the first-level cache while all modes pass.
const BLOCK: usize = 2048;

/// Somebody's head at rest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Skull {
    /// Places of all vertices.
    places: Vec<Vec3>,
    /// Middles of the left and the right eyeball.
    pub eyes: [Vec3; 2],
    pub eye_radius: f32,
}

impl Skull {
    /// The head of the identity with these coefficients, in standard deviations of the kit's modes.
    pub(super) fn new(kit: &Kit, identity: &[f32]) -> Self {
        let mut flat = kit.rest.as_flattened().to_vec();
        for (block, start) in flat.chunks_mut(BLOCK).zip((0..).step_by(BLOCK)) {
            for (mode, weight) in kit.identity.iter().zip(identity) {
                let offsets = &mode[start..start + block.len()];
                block.iter_mut().zip(offsets).for_each(|(value, offset)| *value += weight * offset);
            }
        }
        let places = flat.as_chunks::<3>().0.iter().map(|place| Vec3::from(*place)).collect();
        let eyes = [0, 1].map(|side: usize| {
            let eye = &kit.eyes[side];
            let offsets = eye.identity.iter().zip(identity).map(|(offset, weight)| Vec3::from(*offset) * *weight);
            Vec3::from(eye.center) + offsets.sum::<Vec3>()
        });
        Self { places, eyes, eye_radius: kit.eyes[0].radius }
    }
}

/// A head in an expression.
pub(super) struct Head {
    /// Places of all vertices of the kit.
    pub places: Vec<Vec3>,
    /// Normals of all vertices.
    pub normals: Vec<Vec3>,
}

impl Head {
    /// `skull` with its muscles at work.
    pub(super) fn new(kit: &Kit, anatomy: &Anatomy, skull: &Skull, expression: &Expression) -> Self {
        let mut places = skull.places.clone();
        let of_kit = kit.expression.iter().zip(&expression.weights[..KIT_SHAPES]);
        let own = anatomy.own_shapes.iter().map(|(index, shape)| (shape, &expression.weights[*index]));
        for (shape, weight) in of_kit.chain(own).filter(|(_, weight)| **weight != 0.0) {
            for (vertex, offset) in shape {
                places[*vertex as usize] += Vec3::from(*offset) * *weight;
            }
        }
        let normals = normals(&places, &[&kit.skin, &kit.mouth, &kit.gums, &kit.teeth]);
        Self { places, normals }
    }

    /// Where the landmarks are.
    pub(super) fn landmarks(&self, kit: &Kit) -> [Vec3; 68] {
        kit.landmarks.map(|vertex| self.places[vertex as usize])
    }
}
