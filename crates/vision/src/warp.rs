//! Affine sampling: pictures turned, sheared, stretched, mirrored.
//!
//! A picture and a map from output pixels to source pixels go in, a square picture comes out.

use crate::{BoundingBox, crop_resize};
use image::RgbImage;

/// Most source pixels an output pixel may step over while bilinear sampling, which reads two a direction, still sees
/// nearly all of them. Beyond it [`warp`] shrinks the source first. A photo halved in size while it is turned is then 1.8 of
/// 256 (root mean square) away from 64 samples a pixel; turned alone it is 0.7 away.
const MAX_STEP: f32 = 1.25;

/// An affine map from output coordinates to source coordinates, both in pixels with (0, 0) the *corner* of the top left
/// pixel, so that the middle of that pixel is (0.5, 0.5): `source = [[a, b], [c, d]] * output + [e, f]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    /// The rows `[a, b, e]` and `[c, d, f]`.
    pub rows: [[f32; 3]; 2],
}

impl Affine {
    /// The map that leaves each point where it is.
    pub const IDENTITY: Self = Self::new(1.0, 0.0, 0.0, 0.0, 1.0, 0.0);

    /// The map with rows `[a, b, e]` and `[c, d, f]`.
    pub const fn new(a: f32, b: f32, e: f32, c: f32, d: f32, f: f32) -> Self {
        Self { rows: [[a, b, e], [c, d, f]] }
    }

    /// Moves by (`dx`, `dy`) pixels.
    pub const fn translation(dx: f32, dy: f32) -> Self {
        Self::new(1.0, 0.0, dx, 0.0, 1.0, dy)
    }

    /// Multiplies by `x` and `y` about the origin.
    pub const fn scaling(x: f32, y: f32) -> Self {
        Self::new(x, 0.0, 0.0, 0.0, y, 0.0)
    }

    /// Turns by `radians` about the origin, from the x axis towards the y axis: clockwise on a screen.
    pub fn rotation(radians: f32) -> Self {
        let (sine, cosine) = radians.sin_cos();
        Self::new(cosine, -sine, 0.0, sine, cosine, 0.0)
    }

    /// Moves each point along x by `factor` of its y.
    pub const fn shear(factor: f32) -> Self {
        Self::new(1.0, factor, 0.0, 0.0, 1.0, 0.0)
    }

    /// The map that does this one first and `next` after it.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let [[a, b, e], [c, d, f]] = self.rows;
        let row = |[p, q, r]: [f32; 3]| [p * a + q * c, p * b + q * d, p * e + q * f + r];
        Self { rows: next.rows.map(row) }
    }

    /// Where the point (`x`, `y`) goes.
    pub fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let [[a, b, e], [c, d, f]] = self.rows;
        (a * x + b * y + e, c * x + d * y + f)
    }

    /// The map the other way; `None` where the plane is squeezed to a line or a point.
    pub fn inverse(&self) -> Option<Self> {
        let [[a, b, e], [c, d, f]] = self.rows;
        let determinant = a * d - b * c;
        if determinant == 0.0 || !determinant.is_finite() {
            return None;
        }
        let [a, b, c, d] = [d / determinant, -b / determinant, -c / determinant, a / determinant];
        Some(Self::new(a, b, -(a * e + b * f), c, d, -(c * e + d * f)))
    }

    /// Source pixels an output pixel steps over, in the direction where that is most of the two axes.
    fn step(&self) -> f32 {
        let [[a, b, _], [c, d, _]] = self.rows;
        a.hypot(c).max(b.hypot(d))
    }
}

/// `image` seen through `map` as `size` x `size` pixels: bilinear, anti-aliased where it shrinks, with the border pixels
/// replicated outside the picture. Black if `image` has no pixels or `map` is not finite.
pub fn warp(image: &RgbImage, map: &Affine, size: u32) -> RgbImage {
    if image.is_empty() || !map.rows.as_flattened().iter().all(|value| value.is_finite()) {
        return RgbImage::new(size, size);
    }
    let step = map.step();
    if step <= MAX_STEP {
        return sample(image, map, size);
    }
    let bounds = footprint(map, size);
    let shrunken_size = (bounds.side * MAX_STEP / step).ceil().max(1.0);
    let shrunken = crop_resize(image, bounds, shrunken_size as u32);
    let factor = shrunken_size / bounds.side;
    let to_shrunken = Affine::translation(-bounds.x, -bounds.y).then(&Affine::scaling(factor, factor));
    sample(&shrunken, &map.then(&to_shrunken), size)
}

/// The smallest square that holds all that `map` shows in `size` x `size` pixels.
fn footprint(map: &Affine, size: u32) -> BoundingBox {
    let edge = size as f32;
    let corners = [(0.0, 0.0), (edge, 0.0), (0.0, edge), (edge, edge)].map(|(x, y)| map.apply(x, y));
    let (center_x, center_y) = map.apply(edge / 2.0, edge / 2.0);
    let reach = corners.iter().map(|(x, y)| (x - center_x).abs().max((y - center_y).abs())).fold(0.0, f32::max);
    BoundingBox::centered(center_x, center_y, 2.0 * reach)
}

/// Fractional bits of source coordinates: their error over a picture stays far below a weight's.
const FIXED_BITS: u32 = 24;

/// Bilinear sampling of each output pixel's middle, border replicated, without anti-aliasing.
fn sample(image: &RgbImage, map: &Affine, size: u32) -> RgbImage {
    let mut result = RgbImage::new(size, size);
    let fixed = |value: f32| (f64::from(value) * f64::from(1 << FIXED_BITS)) as i64;
    let [[a, _, _], [c, _, _]] = map.rows;
    let (step_x, step_y) = (fixed(a), fixed(c));
    let source = Source::new(image);
    let row_length = (size as usize * 3).max(1);
    for (line, row) in result.chunks_exact_mut(row_length).enumerate() {
        let (x, y) = map.apply(0.5, line as f32 + 0.5);
        let (mut x, mut y) = (fixed(x - 0.5), fixed(y - 0.5));
        for pixel in row.as_chunks_mut::<3>().0 {
            *pixel = source.bilinear(x, y);
            (x, y) = (x.saturating_add(step_x), y.saturating_add(step_y));
        }
    }
    result
}

/// A picture with what sampling needs at each pixel at hand.
struct Source<'a> {
    pixels: &'a [[u8; 3]],
    width: usize,
    last_x: i64,
    last_y: i64,
}

impl<'a> Source<'a> {
    fn new(image: &'a RgbImage) -> Self {
        let last = |length: u32| i64::from(length - 1) << FIXED_BITS;
        let (last_x, last_y) = (last(image.width()), last(image.height()));
        Self { pixels: image.as_raw().as_chunks().0, width: image.width() as usize, last_x, last_y }
    }

    /// The color at (`x`, `y`), fixed-point numbers whose whole values are middles of pixels.
    #[inline]
    fn bilinear(&self, x: i64, y: i64) -> [u8; 3] {
        let (x, y) = (x.clamp(0, self.last_x), y.clamp(0, self.last_y));
        let (right, below) = (weight(x), weight(y));
        let corner = (y >> FIXED_BITS) as usize * self.width + (x >> FIXED_BITS) as usize;
        let next = corner + usize::from(right > 0);
        let down = if below > 0 { self.width } else { 0 };
        let [p, q, r, s] = [corner, next, corner + down, next + down].map(|index| self.pixels[index]);
        std::array::from_fn(|i| {
            let [p, q, r, s] = [p[i], q[i], r[i], s[i]].map(u32::from);
            let upper = p * (256 - right) + q * right;
            let lower = r * (256 - right) + s * right;
            ((upper * (256 - below) + lower * below + (1 << 15)) >> 16) as u8
        })
    }
}

/// The weight, in 256ths, of the next pixel at a fixed-point coordinate.
fn weight(coordinate: i64) -> u32 {
    (coordinate >> (FIXED_BITS - 8)) as u32 & 255
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use proptest::prelude::*;

    /// A picture whose red grows by 2 a column and whose green grows by 3 a row.
    fn ramp(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([(2 * x) as u8, (3 * y) as u8, 7]))
    }

    #[test]
    fn maps_are_applied_in_order() {
        let quarter = Affine::rotation(90f32.to_radians());
        let cases = [
            (Affine::IDENTITY, (3.0, 4.0)),
            (Affine::translation(1.0, -1.0).then(&Affine::scaling(2.0, 3.0)), (8.0, 9.0)),
            (Affine::scaling(2.0, 3.0).then(&Affine::translation(1.0, -1.0)), (7.0, 11.0)),
            (quarter, (-4.0, 3.0)),
            (quarter.then(&quarter), (-3.0, -4.0)),
            (Affine::shear(0.5), (5.0, 4.0)),
            (Affine::shear(0.5).then(&quarter), (-4.0, 5.0)),
        ];
        for (map, (x, y)) in cases {
            let (got_x, got_y) = map.apply(3.0, 4.0);
            assert!((got_x - x).abs() < 1e-5 && (got_y - y).abs() < 1e-5, "{map:?}: ({got_x}, {got_y})");
            let (back_x, back_y) = map.inverse().unwrap().apply(x, y);
            assert!((back_x - 3.0).abs() < 1e-5 && (back_y - 4.0).abs() < 1e-5, "{map:?} back: ({back_x}, {back_y})");
        }
    }

    #[test]
    fn what_squeezes_the_plane_has_no_inverse() {
        assert_eq!(Affine::scaling(1.0, 0.0).inverse(), None);
        assert_eq!(Affine::scaling(f32::NAN, 1.0).inverse(), None);
    }

    #[test]
    fn whole_steps_copy_pixels() {
        let image = ramp(6, 5);
        let turned = Affine::rotation(90f32.to_radians()).then(&Affine::translation(5.0, 0.0));
        let cases = [
            ("as it is", Affine::IDENTITY, (1, 2), (1, 2)),
            ("shifted", Affine::translation(2.0, 1.0), (1, 2), (3, 3)),
            ("mirrored", Affine::scaling(-1.0, 1.0).then(&Affine::translation(6.0, 0.0)), (1, 2), (4, 2)),
            ("turned", turned, (1, 2), (2, 1)),
            ("left of the picture", Affine::translation(-9.0, 0.0), (1, 2), (0, 2)),
            ("below and right of it", Affine::translation(90.0, 90.0), (1, 2), (5, 4)),
        ];
        for (name, map, (x, y), (from_x, from_y)) in cases {
            assert_eq!(warp(&image, &map, 5).get_pixel(x, y), image.get_pixel(from_x, from_y), "{name}");
        }
    }

    #[test]
    fn a_gradient_shows_where_each_pixel_came_from() {
        let image = ramp(80, 80);
        let about = |map: Affine| Affine::translation(-8.0, -8.0).then(&map).then(&Affine::translation(40.25, 39.6));
        let maps = [
            about(Affine::IDENTITY),
            about(Affine::rotation(0.4)),
            about(Affine::rotation(-0.3).then(&Affine::scaling(1.2, 0.8))),
            about(Affine::scaling(2.5, 2.5).then(&Affine::rotation(0.5))),
            about(Affine::scaling(3.0, 2.0).then(&Affine::shear(0.2))),
        ];
        for map in maps {
            for (x, y, pixel) in warp(&image, &map, 16).enumerate_pixels() {
                let (from_x, from_y) = map.apply(x as f32 + 0.5, y as f32 + 0.5);
                let (red, green) = (2.0 * (from_x - 0.5), 3.0 * (from_y - 0.5));
                let error = (f32::from(pixel[0]) - red).abs().max((f32::from(pixel[1]) - green).abs());
                assert!(error <= 1.5, "{map:?} at ({x}, {y}): {pixel:?}, not {red}, {green}");
            }
        }
    }

    #[test]
    fn shrinking_averages_instead_of_picking() {
        let stripes = RgbImage::from_fn(200, 200, |x, _| Rgb([if x % 2 == 0 { 0 } else { 200 }; 3]));
        for step in [2.0, 3.3, 7.0] {
            let map = Affine::scaling(step, step).then(&Affine::rotation(0.1)).then(&Affine::translation(40.0, 20.0));
            let result = warp(&stripes, &map, 16);
            assert!(result.iter().all(|&value| value.abs_diff(100) <= 30), "{step}: {result:?}");
        }
    }

    #[test]
    fn nothing_to_see_is_black() {
        let image = RgbImage::from_pixel(4, 4, Rgb([255; 3]));
        assert_eq!(warp(&image, &Affine::translation(f32::NAN, 0.0), 2), RgbImage::new(2, 2));
        assert_eq!(warp(&RgbImage::new(0, 5), &Affine::IDENTITY, 2), RgbImage::new(2, 2));
        assert!(warp(&image, &Affine::IDENTITY, 0).is_empty());
    }

    proptest! {
        #[test]
        fn any_map_of_any_picture(width in 1u32..60, height in 1u32..60, size in 0u32..40,
                                  rows in prop::array::uniform2(prop::array::uniform3(-300f32..300.))) {
            let image = RgbImage::from_pixel(width, height, Rgb([50, 60, 70]));
            let result = warp(&image, &Affine { rows }, size);
            prop_assert_eq!(result.dimensions(), (size, size));
            prop_assert!(result.pixels().all(|pixel| *pixel == Rgb([50, 60, 70])));
        }
    }
}
