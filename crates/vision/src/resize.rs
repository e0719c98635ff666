//! Resizing pictures, and cutting squares out of them.
//!
//! A picture and a target size go in, a new picture comes out. Both functions shrink with an anti-aliasing triangle filter
//! and grow bilinearly. [`crop_resize`] is the hot path of recognition.

use crate::BoundingBox;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

/// Longest side, in pixels, of a box that is padded at full resolution (a patch of 12 MB). A box that leaves the picture
/// and is larger is cut from a shrunken picture, so that memory does not grow with the box.
const MAX_PADDED_SIDE: f64 = 2048.0;

/// `image` resized to `width` x `height` pixels; black if `image` has no pixels.
pub fn resize(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    resample(image, &Region::whole(image), width, height)
}

/// The square `bounds` of `image`, resized to `size` x `size` pixels.
///
/// `bounds` may be fractional and may leave the picture, even altogether: there the border pixels are replicated. The
/// result is exact to a fraction of a pixel: a box moved by half a pixel shows the picture moved by half a pixel. It is
/// black where there is nothing to see: a picture without pixels, a box without area or one that is not finite. Of a box
/// that leaves the picture and is larger than 2,048 pixels, the picture is shrunk in two steps, which costs exactness.
pub fn crop_resize(image: &RgbImage, bounds: BoundingBox, size: u32) -> RgbImage {
    let region = Region::of_box(bounds);
    if image.is_empty() || !region.is_drawable() {
        return RgbImage::new(size, size);
    }
    let region = region.near(image);
    let margin = region.filter_radius(size);
    if region.grown(margin).is_inside(image) {
        return resample(image, &region, size, size);
    }
    let (shrunken, region) = region.limited(image);
    let margin = region.filter_radius(size);
    let (patch, left, top) = replicate_border(shrunken.as_ref().unwrap_or(image), &region.grown(margin));
    resample(&patch, &region.moved(-left as f64, -top as f64), size, size)
}

/// A rectangle of a picture, in pixels; `f64`, as the resizer works in it.
#[derive(Clone, Copy)]
struct Region {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Region {
    fn whole(image: &RgbImage) -> Self {
        Self { x: 0.0, y: 0.0, width: f64::from(image.width()), height: f64::from(image.height()) }
    }

    fn of_box(bounds: BoundingBox) -> Self {
        let side = f64::from(bounds.side);
        Self { x: f64::from(bounds.x), y: f64::from(bounds.y), width: side, height: side }
    }

    fn is_drawable(&self) -> bool {
        self.width > 0.0 && self.width.is_finite() && self.x.is_finite() && self.y.is_finite()
    }

    /// This region moved so near to the picture that the way between them costs no memory; replicated borders look the same.
    fn near(self, image: &RgbImage) -> Self {
        let (right, bottom) = (f64::from(image.width()), f64::from(image.height()));
        Self { x: self.x.clamp(-self.width, right), y: self.y.clamp(-self.height, bottom), ..self }
    }

    /// How far beyond an edge of this region the filter reads when the region becomes `size` pixels wide.
    fn filter_radius(&self, size: u32) -> f64 {
        (self.width.max(self.height) / f64::from(size.max(1))).max(1.0)
    }

    fn grown(self, margin: f64) -> Self {
        let (width, height) = (self.width + 2.0 * margin, self.height + 2.0 * margin);
        Self { x: self.x - margin, y: self.y - margin, width, height }
    }

    fn moved(self, dx: f64, dy: f64) -> Self {
        Self { x: self.x + dx, y: self.y + dy, ..self }
    }

    fn is_inside(&self, image: &RgbImage) -> bool {
        let fits = |start: f64, length: f64, limit: u32| start >= 0.0 && start + length <= f64::from(limit);
        fits(self.x, self.width, image.width()) && fits(self.y, self.height, image.height())
    }

    /// This region with sides of at most [`MAX_PADDED_SIDE`], and the picture shrunk alike where that was needed.
    fn limited(self, image: &RgbImage) -> (Option<RgbImage>, Self) {
        let factor = MAX_PADDED_SIDE / self.width.max(self.height);
        if factor >= 1.0 {
            return (None, self);
        }
        let shrink = |length: u32| ((f64::from(length) * factor).round() as u32).max(1);
        let shrunken = resize(image, shrink(image.width()), shrink(image.height()));
        let (x, y) = (self.x * factor, self.y * factor);
        (Some(shrunken), Self { x, y, width: self.width * factor, height: self.height * factor })
    }
}

/// `image` with `margin` more pixels on each side, the border pixels replicated; a picture without pixels stays as it is.
pub(crate) fn pad(image: &RgbImage, margin: u32) -> RgbImage {
    if image.is_empty() {
        return image.clone();
    }
    replicate_border(image, &Region::whole(image).grown(f64::from(margin))).0
}

/// The whole pixels that `region` touches, with the picture's border pixels replicated, and their left and top edges.
fn replicate_border(image: &RgbImage, region: &Region) -> (RgbImage, i64, i64) {
    let (left, top) = (region.x.floor() as i64, region.y.floor() as i64);
    let width = (region.x + region.width).ceil() as i64 - left;
    let height = (region.y + region.height).ceil() as i64 - top;
    let (row_length, source_length) = (width as usize * 3, image.width() as usize * 3);
    let last_row = i64::from(image.height()) - 1;
    let mut patch = RgbImage::new(width as u32, height as u32);
    for (row, y) in patch.chunks_exact_mut(row_length).zip(top..) {
        let start = y.clamp(0, last_row) as usize * source_length;
        replicate_row(&image.as_raw()[start..start + source_length], row, left);
    }
    (patch, left, top)
}

/// Fills `row` with the pixels of `source` from column `left` on, repeating the first and the last one outside.
fn replicate_row(source: &[u8], row: &mut [u8], left: i64) {
    let (source_width, width) = ((source.len() / 3) as i64, (row.len() / 3) as i64);
    let inside_start = (-left).clamp(0, width);
    let inside_end = (source_width - left).clamp(inside_start, width);
    let (before, rest) = row.split_at_mut(inside_start as usize * 3);
    let (inside, after) = rest.split_at_mut((inside_end - inside_start) as usize * 3);
    before.as_chunks_mut::<3>().0.fill([source[0], source[1], source[2]]);
    let first = (left + inside_start).clamp(0, source_width) as usize * 3;
    inside.copy_from_slice(&source[first..first + inside.len()]);
    let last = source.len() - 3;
    after.as_chunks_mut::<3>().0.fill([source[last], source[last + 1], source[last + 2]]);
}

/// The filter itself: `region`, which lies inside `image`, as a picture of `width` x `height` pixels.
fn resample(image: &RgbImage, region: &Region, width: u32, height: u32) -> RgbImage {
    let mut result = RgbImage::new(width, height);
    if image.is_empty() || result.is_empty() {
        return result;
    }
    let source = TypedImageRef::<U8x3>::from_buffer(image.width(), image.height(), image.as_raw())
        .expect("an RgbImage holds three bytes a pixel");
    let mut target = TypedImage::<U8x3>::from_buffer(width, height, &mut result).expect("an RgbImage holds three bytes a pixel");
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).crop(
        region.x,
        region.y,
        region.width,
        region.height,
    );
    Resizer::new().resize_typed(&source, &mut target, &options).expect("the region lies inside the picture");
    result
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

    /// What a perfect crop of [`ramp`] would hold at pixel (`column`, `row`) of the result, before clamping to bytes.
    fn expected(bounds: BoundingBox, size: u32, column: u32, row: u32) -> (f32, f32) {
        let step = bounds.side / size as f32;
        let x = bounds.x + (column as f32 + 0.5) * step - 0.5;
        let y = bounds.y + (row as f32 + 0.5) * step - 0.5;
        (2.0 * x, 3.0 * y)
    }

    #[test]
    fn a_gradient_moves_with_the_box() {
        let image = ramp(80, 80);
        let cases = [
            BoundingBox::new(20.0, 20.0, 16.0),
            BoundingBox::new(20.5, 20.25, 16.0),
            BoundingBox::new(20.3, 20.8, 33.4),
            BoundingBox::new(10.0, 12.5, 50.0),
            BoundingBox::new(30.75, 30.0, 7.0),
            BoundingBox::new(0.5, 1.5, 77.0),
        ];
        for bounds in cases {
            let patch = crop_resize(&image, bounds, 16);
            for (column, row, pixel) in patch.enumerate_pixels() {
                if (3..13).contains(&column) && (3..13).contains(&row) {
                    let (red, green) = expected(bounds, 16, column, row);
                    assert!((f32::from(pixel[0]) - red).abs() <= 1.0, "{bounds:?} ({column}, {row}): {pixel:?}, {red}");
                    assert!((f32::from(pixel[1]) - green).abs() <= 1.0, "{bounds:?} ({column}, {row}): {pixel:?}, {green}");
                }
            }
        }
    }

    #[test]
    fn an_integer_box_of_the_same_size_is_a_copy() {
        let patch = crop_resize(&ramp(40, 40), BoundingBox::new(5.0, 7.0, 12.0), 12);
        assert!(patch.enumerate_pixels().all(|(x, y, pixel)| *pixel == Rgb([(2 * (x + 5)) as u8, (3 * (y + 7)) as u8, 7])));
    }

    #[test]
    fn the_border_is_replicated_outside() {
        let image = ramp(10, 10);
        let cases = [((-20.0, -20.0), (0, 0)), ((500.0, 3.0), (9, 3)), ((-4.0, 1e9), (0, 9)), ((-6.0, 9.0), (0, 9))];
        for ((x, y), (column, row)) in cases {
            let patch = crop_resize(&image, BoundingBox::new(x, y, 4.0), 4);
            assert_eq!(patch.get_pixel(0, 0), image.get_pixel(column, row), "a box at ({x}, {y})");
        }
        let half = crop_resize(&image, BoundingBox::new(-5.0, 0.0, 10.0), 10);
        let columns: Vec<u8> = (0..10).map(|x| half.get_pixel(x, 0)[0]).collect();
        assert_eq!(columns, [0, 0, 0, 0, 0, 0, 2, 4, 6, 8]);
    }

    #[test]
    fn leaving_the_picture_by_a_hair_changes_little() {
        let image = ramp(64, 64);
        let inside = crop_resize(&image, BoundingBox::new(2.0, 2.0, 48.0), 24);
        let patch = crop_resize(&image, BoundingBox::new(-0.01, -0.01, 48.0), 24);
        let touching = crop_resize(&image, BoundingBox::new(0.0, 0.0, 48.0), 24);
        assert!(patch.iter().zip(touching.iter()).all(|(a, b)| a.abs_diff(*b) <= 1));
        assert!(inside.iter().zip(touching.iter()).any(|(a, b)| a.abs_diff(*b) > 1));
    }

    #[test]
    fn shrinking_averages_instead_of_picking() {
        let stripes = RgbImage::from_fn(128, 128, |x, _| Rgb([if x % 2 == 0 { 0 } else { 200 }; 3]));
        let patch = crop_resize(&stripes, BoundingBox::new(8.0, 8.0, 96.0), 12);
        assert!(patch.iter().all(|&value| value.abs_diff(100) <= 2), "{patch:?}");
        assert!(resize(&stripes, 16, 16).iter().all(|&value| value.abs_diff(100) <= 15));
    }

    #[test]
    fn a_huge_box_is_cut_in_two_steps() {
        let image = RgbImage::from_pixel(30, 30, Rgb([9, 8, 7]));
        let patch = crop_resize(&image, BoundingBox::new(-1e8, -1e8, 3e8), 8);
        assert!(patch.pixels().all(|pixel| *pixel == Rgb([9, 8, 7])));
        let halves = RgbImage::from_fn(3000, 10, |x, _| Rgb([if x < 1500 { 0 } else { 200 }; 3]));
        let patch = crop_resize(&halves, BoundingBox::new(-500.0, -1000.0, 4000.0), 4);
        let columns: Vec<u8> = (0..4).map(|x| patch.get_pixel(x, 1)[0]).collect();
        assert!(columns[0] == 0 && columns[1] < 60 && columns[2] > 140 && columns[3] == 200, "{columns:?}");
    }

    #[test]
    fn nothing_to_see_is_black() {
        let image = RgbImage::from_pixel(4, 4, Rgb([255; 3]));
        for side in [0.0, -3.0, f32::NAN, f32::INFINITY] {
            assert_eq!(crop_resize(&image, BoundingBox::new(0.0, 0.0, side), 2), RgbImage::new(2, 2), "side {side}");
        }
        let nowhere = BoundingBox::new(f32::NAN, 0.0, 2.0);
        assert_eq!(crop_resize(&image, nowhere, 2), RgbImage::new(2, 2));
        assert_eq!(crop_resize(&RgbImage::new(0, 5), BoundingBox::new(0.0, 0.0, 2.0), 2), RgbImage::new(2, 2));
        assert_eq!(resize(&RgbImage::new(0, 5), 3, 2), RgbImage::new(3, 2));
        assert!(resize(&image, 0, 2).is_empty());
    }

    proptest! {
        #[test]
        fn any_box_of_any_picture(width in 1u32..60, height in 1u32..60, size in 0u32..40,
                                  x in -200f32..200., y in -200f32..200., side in 0.001f32..300.) {
            let patch = crop_resize(&RgbImage::from_pixel(width, height, Rgb([50, 60, 70])), BoundingBox::new(x, y, side), size);
            prop_assert_eq!(patch.dimensions(), (size, size));
            prop_assert!(patch.pixels().all(|pixel| *pixel == Rgb([50, 60, 70])));
        }
    }
}
