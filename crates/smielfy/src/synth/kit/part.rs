//! Meshes built in code.

use std::f32::consts::PI;

use super::file::Offsets;

/// Vertices and triangles with their materials.
pub(super) struct Part {
    pub vertices: Offsets,
    pub triangles: Vec<([u32; 3], u8)>,
}

impl Part {
    /// A sphere with its poles at the top and the bottom, stretched; columns are closer in front if it `faces` there.
    pub fn sphere([columns, rows]: [usize; 2], center: [f32; 3], radii: [f32; 3], faces: bool, material: u8) -> Self {
        let place = |row: usize, column: usize| {
            let down = PI * row as f32 / rows as f32;
            // From -1 to 1 round the sphere, 0 in front: an odd function of it keeps the mirror image exact.
            let turn = 2.0 * column as f32 / columns as f32 - 1.0;
            let round = PI * if faces { 0.45 * turn + 0.55 * turn.powi(3) } else { turn };
            let unit = [down.sin() * round.sin(), down.cos(), down.sin() * round.cos()];
            std::array::from_fn(|axis| center[axis] + radii[axis] * unit[axis])
        };
        let rings = (1..rows).flat_map(|row| (0..columns).map(move |column| place(row, column)));
        let [top, bottom] = [1.0, -1.0].map(|sign| [center[0], center[1] + sign * radii[1], center[2]]);
        let vertices: Offsets = rings.chain([top, bottom]).collect();
        let at = |row: usize, column: usize| match row {
            0 => vertices.len() as u32 - 2,
            row if row == rows => vertices.len() as u32 - 1,
            row => ((row - 1) * columns + column % columns) as u32,
        };
        let quads = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let triangles = quads.flat_map(|(row, column)| {
            let [a, b] = [at(row, column), at(row, column + 1)];
            let [c, d] = [at(row + 1, column), at(row + 1, column + 1)];
            [[a, c, d], [a, d, b]]
        });
        let whole = |[a, b, c]: &[u32; 3]| a != b && b != c && a != c;
        Self { triangles: triangles.filter(whole).map(|corners| (corners, material)).collect(), vertices }
    }

    /// Adds the vertices and triangles of another part.
    pub fn append(&mut self, other: Self) {
        let start = self.vertices.len() as u32;
        self.vertices.extend(other.vertices);
        self.triangles
            .extend(other.triangles.iter().map(|(corners, material)| (corners.map(|vertex| start + vertex), *material)));
    }
}
