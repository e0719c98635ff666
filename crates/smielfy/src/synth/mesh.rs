//! Meshes in parts: vertices shared by surfaces of different materials, and sheets bent into shape by a function.

use std::borrow::Cow;

use glam::Vec3;

use super::material::Material;

/// Vertices and the surfaces spanned between them.
pub(super) struct Body<'a> {
    /// Places in centimeters.
    pub positions: Vec<Vec3>,
    /// Outward directions of length 1.
    pub normals: Vec<Vec3>,
    /// What the material of a surface paints by: places on the head at rest, or coordinates on a sheet.
    pub coords: Cow<'a, [Vec3]>,
    pub surfaces: Vec<Surface<'a>>,
}

/// Triangles of one material.
pub(super) struct Surface<'a> {
    pub triangles: Cow<'a, [[u32; 3]]>,
    pub material: Material<'a>,
    /// Whether the back is seen too; otherwise triangles that turn clockwise on the screen are left out.
    pub two_sided: bool,
}

impl Body<'_> {
    /// This body with every place and direction mapped.
    pub(super) fn moved(mut self, position: impl Fn(Vec3) -> Vec3, direction: impl Fn(Vec3) -> Vec3) -> Self {
        self.positions.iter_mut().for_each(|place| *place = position(*place));
        self.normals.iter_mut().for_each(|normal| *normal = direction(*normal));
        self
    }
}

/// A sheet of `rows` x `columns` cells whose point at (u, v), both 0..=1, is `place(u, v)`; u runs along the rows' stack.
///
/// Seen from the side that its normals point to, v runs to the left where u runs down. Coordinates are (u, v, 0).
pub(super) fn sheet(rows: usize, columns: usize, material: Material<'_>, place: impl Fn(f32, f32) -> Vec3) -> Body<'_> {
    let mut positions = Vec::with_capacity((rows + 1) * (columns + 1));
    let mut coords = Vec::with_capacity(positions.capacity());
    for row in 0..=rows {
        for column in 0..=columns {
            let (u, v) = (row as f32 / rows as f32, column as f32 / columns as f32);
            positions.push(place(u, v));
            coords.push(Vec3::new(u, v, 0.0));
        }
    }
    let triangles = grid(rows as u32, columns as u32);
    let normals = normals(&positions, &[&triangles]);
    Body {
        positions,
        normals,
        coords: Cow::Owned(coords),
        surfaces: vec![Surface { triangles: Cow::Owned(triangles), material, two_sided: true }],
    }
}

/// Two triangles for each of `rows` x `columns` cells.
fn grid(rows: u32, columns: u32) -> Vec<[u32; 3]> {
    let cell = |row: u32, column: u32| {
        let corner = row * (columns + 1) + column;
        let below = corner + columns + 1;
        [[corner, below, corner + 1], [corner + 1, below, below + 1]]
    };
    (0..rows).flat_map(|row| (0..columns).flat_map(move |column| cell(row, column))).collect()
}

/// Normals of vertices: the sum of the normals of their triangles, weighted by area, at length 1.
pub(super) fn normals(positions: &[Vec3], surfaces: &[&[[u32; 3]]]) -> Vec<Vec3> {
    let mut sums = vec![Vec3::ZERO; positions.len()];
    for &[a, b, c] in surfaces.iter().copied().flatten() {
        let corner = positions[a as usize];
        let normal = (positions[b as usize] - corner).cross(positions[c as usize] - corner);
        [a, b, c].into_iter().for_each(|vertex| sums[vertex as usize] += normal);
    }
    sums.into_iter().map(Vec3::normalize_or_zero).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_sheet_has_one_normal() {
        let body = sheet(2, 3, Material::plain([0.5; 3]), |u, v| Vec3::new(-v, -u, 0.0));
        assert_eq!((body.positions.len(), body.surfaces[0].triangles.len()), (12, 12));
        assert!(body.normals.iter().all(|normal| (normal.z.abs() - 1.0).abs() < 1e-6), "{:?}", body.normals);
    }

    #[test]
    fn triangles_without_area_have_no_direction() {
        assert_eq!(normals(&[Vec3::ONE; 3], &[&[[0, 1, 2]]]), [Vec3::ZERO; 3]);
    }
}
