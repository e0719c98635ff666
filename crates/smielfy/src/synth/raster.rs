//! The rasterizer: triangles in, the nearest triangle at every sample of the picture out.
//!
//! Depth is kept as `1 / distance`, which is linear on the screen, so that interpolation needs no division. Barycentric
//! coordinates are taken on the screen: on triangles as small as theirs are where faces have detail, perspective bends them by less than a sample.

use glam::{Vec3, Vec4};

use super::mesh::Surface;

/// Samples a pixel along each axis: 2 x 2 at the places of a regular grid.
pub(super) const SAMPLES: usize = 2;

/// Samples side by side that are tested at a time.
const LANES: usize = 4;

/// Bits of a sample's id that number the triangle; the others number the surface.
const TRIANGLE_BITS: u32 = 20;

/// Most surfaces in a picture.
pub(super) const MAX_SURFACES: usize = (1 << (32 - TRIANGLE_BITS)) - 1;

/// The id of a sample that no triangle covers.
const NOTHING: u32 = u32::MAX;

/// A vertex on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ScreenVertex {
    /// Places in samples from the top left corner.
    pub x: f32,
    pub y: f32,
    /// 1 / distance, in 1/cm; what is not in front of the camera has 0 or less.
    pub depth: f32,
    /// The first sample whose middle lies to the right of the place, and the first below it.
    pub column: i32,
    pub row: i32,
}

impl ScreenVertex {
    /// A vertex at (x, y) samples.
    pub(super) fn new(x: f32, y: f32, depth: f32) -> Self {
        // Found once for each vertex and not for each triangle. Conversion cuts towards 0, a floor for what is in the picture.
        Self { x, y, depth, column: (x + 0.5) as i32, row: (y + 0.5) as i32 }
    }
}

/// What is nearest at each sample.
pub(super) struct Raster {
    /// Samples a row.
    pub width: usize,
    /// From a sample to the one below it: rows end with room for lanes that reach out of the picture.
    pub stride: usize,
    /// Rows of samples.
    pub height: usize,
    /// 1 / distance; 0 where there is nothing.
    pub depth: Vec<f32>,
    ids: Vec<u32>,
}

/// A triangle of a surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub surface: usize,
    pub triangle: usize,
}

impl Raster {
    /// An empty picture of `width` x `height` pixels.
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize * SAMPLES, height as usize * SAMPLES);
        let stride = width + LANES - 1;
        Self { width, stride, height, depth: vec![0.0; stride * height], ids: vec![NOTHING; stride * height] }
    }

    /// What is seen at the sample `index`, counted by [`stride`](Self::stride).
    pub(super) fn hit(&self, index: usize) -> Option<Hit> {
        let id = self.ids[index];
        let triangle = (id & ((1 << TRIANGLE_BITS) - 1)) as usize;
        (id != NOTHING).then_some(Hit { surface: (id >> TRIANGLE_BITS) as usize, triangle })
    }

    /// Draws a surface with the number `surface`.
    pub(super) fn draw(&mut self, vertices: &[ScreenVertex], surface: &Surface<'_>, number: usize) {
        let first = (number as u32) << TRIANGLE_BITS;
        for (triangle, id) in surface.triangles.iter().zip(first..) {
            let corners = triangle.map(|vertex| vertices[vertex as usize]);
            self.fill(corners, surface.two_sided, id);
        }
    }

    /// Draws one triangle: of samples on an edge of two triangles, each belongs to one of them or to both, never to none.
    fn fill(&mut self, [a, b, c]: [ScreenVertex; 3], two_sided: bool, id: u32) {
        let area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
        // With y downwards, a negative area is counterclockwise on the screen: the front.
        let is_back = area > 0.0 && !two_sided;
        if area == 0.0 || is_back || a.depth.min(b.depth).min(c.depth) <= 0.0 {
            return;
        }
        let columns = span([a.column, b.column, c.column], self.width);
        let rows = span([a.row, b.row, c.row], self.height);
        if columns.is_empty() || rows.is_empty() {
            return;
        }
        // Shares of a and b and the depth grow evenly along rows and columns.
        let scale = 1.0 / area;
        let (x, y) = (columns.start as f32 + 0.5, rows.start as f32 + 0.5);
        let share = |p: ScreenVertex, q: ScreenVertex| {
            let start = (p.x - x) * (q.y - y) - (q.x - x) * (p.y - y);
            Vec3::new(start, p.y - q.y, q.x - p.x) * scale
        };
        let (of_a, of_b) = (share(b, c), share(c, a));
        let depth = of_a * (a.depth - c.depth) + of_b * (b.depth - c.depth) + Vec3::new(c.depth, 0.0, 0.0);
        let (of_a, of_b, depth) = (Lanes::new(of_a), Lanes::new(of_b), Lanes::new(depth));
        for (down, row) in rows.enumerate() {
            for (right, column) in columns.clone().step_by(LANES).enumerate() {
                let first = row * self.stride + column;
                let at = |lanes: &Lanes| lanes.at((right * LANES) as f32, down as f32);
                let (of_a, of_b, depth) = (at(&of_a), at(&of_b), at(&depth));
                let nearest = Vec4::from_slice(&self.depth[first..]);
                let is_inside = of_a.cmpge(Vec4::ZERO) & of_b.cmpge(Vec4::ZERO) & (of_a + of_b).cmple(Vec4::ONE);
                let mut seen = (is_inside & depth.cmpgt(nearest)).bitmask();
                while seen != 0 {
                    let lane = seen.trailing_zeros() as usize;
                    self.depth[first + lane] = depth[lane];
                    self.ids[first + lane] = id;
                    seen &= seen - 1;
                }
            }
        }
    }
}

/// What grows evenly over the screen, at some samples side by side.
struct Lanes {
    /// At the first samples of a triangle's bounding box.
    start: Vec4,
    /// From a sample to the next.
    right: f32,
    /// From a sample to the one below it.
    down: f32,
}

impl Lanes {
    /// What has these values at the first sample, and from one to the next to the right and downwards.
    fn new(Vec3 { x: start, y: right, z: down }: Vec3) -> Self {
        Self { start: Vec4::splat(start) + Vec4::new(0.0, 1.0, 2.0, 3.0) * right, right, down }
    }

    fn at(&self, right: f32, down: f32) -> Vec4 {
        self.start + Vec4::splat(right * self.right + down * self.down)
    }
}

/// The samples, of `count`, whose middles lie between three vertices, from the first ones behind each.
fn span([a, b, c]: [i32; 3], count: usize) -> std::ops::Range<usize> {
    let (first, end) = (a.min(b).min(c).max(0) as usize, a.max(b).max(c).max(0) as usize);
    first..end.min(count)
}

/// Barycentric coordinates of the point (x, y) in a triangle on the screen; they add up to 1.
pub(super) fn barycentric([a, b, c]: [ScreenVertex; 3], x: f32, y: f32) -> [f32; 3] {
    let area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
    let of_a = ((b.x - x) * (c.y - y) - (c.x - x) * (b.y - y)) / area;
    let of_b = ((c.x - x) * (a.y - y) - (a.x - x) * (c.y - y)) / area;
    [of_a, of_b, 1.0 - of_a - of_b]
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::synth::material::Material;

    fn vertex(x: f32, y: f32, depth: f32) -> ScreenVertex {
        ScreenVertex::new(x, y, depth)
    }

    fn draw(raster: &mut Raster, corners: [ScreenVertex; 3], two_sided: bool, number: usize) {
        let triangles = Cow::Owned(vec![[0, 1, 2]]);
        raster.draw(&corners, &Surface { triangles, material: Material::plain([0.0; 3]), two_sided }, number);
    }

    /// The raster as text: the surface's number, or `.`.
    fn grid(raster: &Raster) -> Vec<String> {
        let letter = |index| raster.hit(index).map_or('.', |hit| char::from(b'0' + hit.surface as u8));
        (0..raster.height).map(|row| (0..raster.width).map(|column| letter(row * raster.stride + column)).collect()).collect()
    }

    fn front() -> [ScreenVertex; 3] {
        [vertex(0.0, 0.0, 0.1), vertex(0.0, 6.2, 0.2), vertex(6.2, 0.0, 0.4)]
    }

    #[test]
    fn a_known_triangle_covers_known_samples_at_known_depths() {
        let mut raster = Raster::new(3, 3);
        draw(&mut raster, front(), false, 7);
        assert_eq!(grid(&raster), ["777777", "77777.", "7777..", "777...", "77....", "7....."]);
        // Depth is 0.1 + 0.3 x / 6.2 + 0.1 y / 6.2.
        for (column, row) in [(0, 0), (3, 1), (0, 5)] {
            let expected = 0.1 + 0.3 * (column as f32 + 0.5) / 6.2 + 0.1 * (row as f32 + 0.5) / 6.2;
            assert!((raster.depth[row * raster.stride + column] - expected).abs() < 1e-6, "{column}, {row}");
        }
        let [of_a, of_b, of_c] = barycentric(front(), 1.0, 2.0);
        assert!((of_a - 3.2 / 6.2).abs() < 1e-6 && (of_b - 2.0 / 6.2).abs() < 1e-6 && (of_c - 1.0 / 6.2).abs() < 1e-6);
    }

    #[test]
    fn the_nearer_one_is_seen_whatever_the_order() {
        let far = front().map(|corner| vertex(corner.x, corner.y, 0.05));
        for order in [[1, 2], [2, 1]] {
            let mut raster = Raster::new(3, 3);
            for number in order {
                draw(&mut raster, if number == 1 { front() } else { far }, false, number);
            }
            assert_eq!(raster.hit(0), Some(Hit { surface: 1, triangle: 0 }));
        }
    }

    #[test]
    fn backs_are_seen_of_two_sided_surfaces_only() {
        let [a, b, c] = front();
        let mut raster = Raster::new(3, 3);
        draw(&mut raster, [a, c, b], false, 1);
        assert_eq!(raster.hit(0), None);
        draw(&mut raster, [a, c, b], true, 1);
        assert_eq!(raster.hit(0), Some(Hit { surface: 1, triangle: 0 }));
        let mut raster = Raster::new(3, 3);
        draw(&mut raster, [a, b, vertex(6.0, 0.0, -0.1)], true, 1);
        assert_eq!(raster.hit(0), None, "what reaches behind the camera is left out");
    }

    proptest! {
        #[test]
        fn any_triangle_stays_in_the_picture_and_two_halves_leave_no_gap(x in -20f32..30.0, y in -20f32..30.0, t in 0.05f32..0.95) {
            let (a, b, c) = (vertex(-3.0, -4.0, 0.1), vertex(x, y + 25.0, 0.1), vertex(x + 30.0, y, 0.1));
            let middle = vertex(b.x + (c.x - b.x) * t, b.y + (c.y - b.y) * t, 0.1);
            let (mut whole, mut halves) = (Raster::new(8, 8), Raster::new(8, 8));
            draw(&mut whole, [a, b, c], true, 1);
            draw(&mut halves, [a, b, middle], true, 1);
            draw(&mut halves, [a, middle, c], true, 1);
            let count = |raster: &Raster| grid(raster).concat().chars().filter(|letter| *letter == '1').count() as i32;
            prop_assert!((count(&whole) - count(&halves)).abs() <= 2, "{} and {}", count(&whole), count(&halves));
        }
    }
}
