//! A head of somebody in some expression: identity and blendshape weights in, places and normals of all vertices out.

use glam::Vec3;

use super::{
    anatomy::Anatomy,
    kit::Kit,
    mesh::normals,
    shapes::{Expression, SHAPES},
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
    /// Size of the eyes, 1 is the kit's.
    eye_size: f32,
}

/// Modes that teeth and gums follow, those with the most variance: nobody sees the rest there.
const INSIDE_MODES: usize = 20;

/// Modes that are added at a time: sums stay in registers meanwhile.
const AT_A_TIME: usize = 4;

impl Skull {
    /// The head of the identity with these coefficients, in standard deviations of the kit's modes, with eyes `eye_size` times
    /// as large as the kit's; of the vertices, the first `len` are found, the others stay away.
    pub(super) fn new(kit: &Kit, anatomy: &Anatomy, identity: &[f32], eye_size: f32, len: usize) -> Self {
        let mut flat = kit.rest[..len].as_flattened().to_vec();
        let (skin, inside) = flat.split_at_mut(3 * kit.skin_len.min(len));
        bend(skin, 0, &kit.identity, identity);
        bend(inside, 3 * kit.skin_len, &kit.identity[..kit.modes().min(INSIDE_MODES)], identity);
        let mut places: Vec<Vec3> = flat.as_chunks::<3>().0.iter().map(|place| Vec3::from(*place)).collect();
        let eyes = [0, 1].map(|side: usize| {
            let eye = &kit.eyes[side];
            let offsets = eye.identity.iter().zip(identity).map(|(offset, weight)| Vec3::from(*offset) * *weight);
            Vec3::from(eye.center) + offsets.sum::<Vec3>()
        });
        for (center, region) in eyes.iter().zip(&anatomy.eyes) {
            for (vertex, share) in region {
                let place = &mut places[*vertex as usize];
                *place += (*place - center) * ((eye_size - 1.0) * share);
            }
        }
        Self { places, eyes, eye_radius: kit.eyes[0].radius * eye_size, eye_size }
    }
}

/// Adds all modes, weighted, to the floats from `start` on.
fn bend(floats: &mut [f32], start: usize, modes: &[Vec<f32>], weights: &[f32]) {
    for (block, start) in floats.chunks_mut(BLOCK).zip((start..).step_by(BLOCK)) {
        let groups = modes.chunks(AT_A_TIME).zip(weights.chunks(AT_A_TIME));
        groups.for_each(|(modes, weights)| add(block, start, modes, weights));
    }
}

/// Adds some modes, weighted, to the floats from `start` on.
fn add(block: &mut [f32], start: usize, modes: &[Vec<f32>], weights: &[f32]) {
    let end = start + block.len();
    if let ([a, b, c, d], [of_a, of_b, of_c, of_d]) = (modes, &weights[..modes.len()]) {
        let (a, b, c, d) = (&a[start..end], &b[start..end], &c[start..end], &d[start..end]);
        for (((value, a), b), (c, d)) in block.iter_mut().zip(a).zip(b).zip(c.iter().zip(d)) {
            *value += (of_a * a + of_b * b) + (of_c * c + of_d * d);
        }
        return;
    }
    for (mode, weight) in modes.iter().zip(weights) {
        block.iter_mut().zip(&mode[start..]).for_each(|(value, offset)| *value += weight * offset);
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
        let len = places.len();
        let weights = |index: usize| {
            // Lids have a longer way over larger eyes.
            let size = if SHAPES[index].starts_with("eye") { skull.eye_size } else { 1.0 };
            expression.weights[index] * size
        };
        let of_kit = kit.expression.iter().zip(0..).map(|(shape, index)| (shape, weights(index)));
        let own = anatomy.own_shapes.iter().map(|(index, shape)| (shape, weights(*index)));
        for (shape, weight) in of_kit.chain(own).filter(|(_, weight)| *weight != 0.0) {
            // Vertices are in rising order: those that were not asked for come last.
            for (vertex, offset) in shape.iter().take_while(|(vertex, _)| (*vertex as usize) < len) {
                places[*vertex as usize] += Vec3::from(*offset) * weight;
            }
        }
        let all: [(&[[u32; 3]], usize); 4] =
            [(&kit.skin, kit.skin_len), (&kit.mouth, kit.lined_len), (&kit.gums, kit.rest.len()), (&kit.teeth, kit.rest.len())];
        let found: Vec<&[[u32; 3]]> = all.into_iter().filter(|(_, end)| *end <= len).map(|(triangles, _)| triangles).collect();
        let normals = normals(&places, &found);
        Self { places, normals }
    }

    /// Where the landmarks are.
    pub(super) fn landmarks(&self, kit: &Kit) -> [Vec3; 68] {
        kit.landmarks.map(|vertex| self.places[vertex as usize])
    }
}
