//! What cameras and networks do to pictures: blur and JPEG artifacts.
//!
//! A picture and a strength go in, a worse picture of the same size comes out. No chance: noise belongs to augmentation.

use crate::resize::pad;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageFormat};

/// `image` after one round through a JPEG encoder at `quality` (1..=100, the usual scale) and a decoder.
///
/// Unchanged if it has no pixels or a side of more than 65,535 pixels, which JPEG cannot hold.
pub fn jpeg_artifacts(image: &RgbImage, quality: u8) -> RgbImage {
    let mut bytes = Vec::with_capacity(image.len() / 4);
    let encoder = &mut JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100));
    if encoder.encode(image, image.width(), image.height(), ExtendedColorType::Rgb8).is_err() {
        return image.clone();
    }
    image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).map_or_else(|_| image.clone(), image::DynamicImage::into_rgb8)
}

/// `image` blurred by a Gaussian with a standard deviation of `sigma` pixels; borders are replicated.
pub fn gaussian_blur(image: &RgbImage, sigma: f32) -> RgbImage {
    let radius = (3.0 * sigma.max(0.0)).ceil().min(MAX_RADIUS) as i32;
    let offsets = -radius..=radius;
    let heights: Vec<f32> = offsets.clone().map(|offset| (-0.5 * (offset as f32 / sigma).powi(2)).exp()).collect();
    if radius == 0 {
        return image.clone();
    }
    let weights = normalized(&heights);
    let across: Vec<Tap> = offsets.clone().zip(&weights).map(|(dx, &weight)| Tap { dx, dy: 0, weight }).collect();
    let down: Vec<Tap> = offsets.zip(&weights).map(|(dy, &weight)| Tap { dx: 0, dy, weight }).collect();
    convolve(&convolve(image, &across), &down)
}

/// `image` blurred along a line of `length` pixels that is turned by `direction` radians from the x axis; borders are
/// replicated.
pub fn motion_blur(image: &RgbImage, length: f32, direction: f32) -> RgbImage {
    let reach = (length / 2.0).clamp(0.0, MAX_RADIUS);
    let steps = (2.0 * reach).ceil() as usize;
    if steps == 0 {
        return image.clone();
    }
    let weights = normalized(&vec![1.0; steps + 1]);
    let (sine, cosine) = direction.sin_cos();
    let taps = weights.iter().enumerate().map(|(step, &weight)| {
        let offset = (2.0 * step as f32 / steps as f32 - 1.0) * reach;
        Tap { dx: (offset * cosine).round() as i32, dy: (offset * sine).round() as i32, weight }
    });
    convolve(image, &taps.collect::<Vec<_>>())
}

/// Farthest that a blur reaches, in pixels: weights of more taps would fall below 1/256.
const MAX_RADIUS: f32 = 64.0;

/// One source pixel of a convolution: its offset in pixels, and its weight in 256ths.
struct Tap {
    dx: i32,
    dy: i32,
    weight: u16,
}

/// `heights` as weights in 256ths that add up to exactly 256, so that flat parts stay as they are: the middle one takes
/// what rounding leaves.
fn normalized(heights: &[f32]) -> Vec<u16> {
    let sum: f32 = heights.iter().sum();
    let mut weights: Vec<u16> = heights.iter().map(|height| (256.0 * height / sum) as u16).collect();
    weights[heights.len() / 2] += 256 - weights.iter().sum::<u16>();
    weights
}

/// Each pixel as the sum of the pixels at `taps`, whose weights add up to 256.
fn convolve(image: &RgbImage, taps: &[Tap]) -> RgbImage {
    let margin = taps.iter().map(|tap| tap.dx.abs().max(tap.dy.abs())).max().unwrap_or(0);
    let padded = pad(image, margin as u32);
    let (row_length, padded_length) = (image.width() as usize * 3, padded.width() as usize * 3);
    let mut result = RgbImage::new(image.width(), image.height());
    let mut sums = vec![0u16; row_length];
    for (y, row) in result.chunks_exact_mut(row_length.max(1)).enumerate() {
        sums.fill(128);
        for tap in taps {
            let line = (y as i32 + margin + tap.dy) as usize * padded_length;
            let start = line + (margin + tap.dx) as usize * 3;
            let source = &padded.as_raw()[start..start + row_length];
            sums.iter_mut().zip(source).for_each(|(sum, &value)| *sum += u16::from(value) * tap.weight);
        }
        row.iter_mut().zip(&sums).for_each(|(value, sum)| *value = (sum >> 8) as u8);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use proptest::prelude::*;

    /// A black picture of 41 x 41 pixels with a white square of 3 x 3 pixels in the middle.
    fn spot() -> RgbImage {
        let inside = 19..22;
        RgbImage::from_fn(41, 41, |x, y| Rgb([if inside.contains(&x) && inside.contains(&y) { 255 } else { 0 }; 3]))
    }

    /// Variances of the brightness of `image` along x and y about its middle, in square pixels.
    fn spread(image: &RgbImage) -> (f32, f32) {
        let (mut sum, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
        for (x, y, pixel) in image.enumerate_pixels() {
            let weight = f32::from(pixel[0]);
            sum += weight;
            sum_x += weight * (x as f32 - 20.0).powi(2);
            sum_y += weight * (y as f32 - 20.0).powi(2);
        }
        (sum_x / sum, sum_y / sum)
    }

    fn error(a: &RgbImage, b: &RgbImage) -> u32 {
        a.iter().zip(b.iter()).map(|(a, b)| u32::from(a.abs_diff(*b))).sum()
    }

    #[test]
    fn blur_spreads_as_far_as_asked() {
        let (before, _) = spread(&spot());
        for sigma in [0.6, 1.0, 1.8] {
            let (x, y) = spread(&gaussian_blur(&spot(), sigma));
            let expected = before + sigma * sigma;
            assert!((x - expected).abs() < 0.2 * expected && (y - expected).abs() < 0.2 * expected, "{sigma}: {x}, {y}");
        }
    }

    #[test]
    fn motion_blur_spreads_along_its_line() {
        let (before, _) = spread(&spot());
        let quarter = 90f32.to_radians();
        let (x, y) = spread(&motion_blur(&spot(), 8.0, 0.0));
        assert!(x > before + 5.0 && (y - before).abs() < 0.01, "{x}, {y}");
        let (x, y) = spread(&motion_blur(&spot(), 8.0, quarter));
        assert!((x - before).abs() < 0.01 && y > before + 5.0, "{x}, {y}");
        let (x, y) = spread(&motion_blur(&spot(), 8.0, quarter / 2.0));
        assert!((x - y).abs() < 0.5 && x > before + 2.0, "{x}, {y}");
    }

    #[test]
    fn no_strength_changes_nothing() {
        for strength in [0.0, -1.0, f32::NAN] {
            assert_eq!(gaussian_blur(&spot(), strength), spot(), "{strength}");
            assert_eq!(motion_blur(&spot(), strength, 1.0), spot(), "{strength}");
        }
    }

    #[test]
    fn lower_quality_is_worse() {
        let image = RgbImage::from_fn(40, 24, |x, y| Rgb([(x * 37 % 256) as u8, (y * 53 % 256) as u8, (x * y % 256) as u8]));
        let errors = [95, 60, 20, 1].map(|quality| error(&jpeg_artifacts(&image, quality), &image));
        assert!(errors.is_sorted() && errors[0] > 0 && errors[0] < errors[3], "{errors:?}");
        assert_eq!(jpeg_artifacts(&image, 0), jpeg_artifacts(&image, 1));
        assert_eq!(jpeg_artifacts(&RgbImage::new(0, 3), 50), RgbImage::new(0, 3));
    }

    proptest! {
        #[test]
        fn flat_pictures_stay_flat(width in 0u32..50, height in 0u32..50, strength in 0f32..90., value: u8) {
            let image = RgbImage::from_pixel(width, height, Rgb([value; 3]));
            prop_assert_eq!(&gaussian_blur(&image, strength), &image);
            prop_assert_eq!(&motion_blur(&image, strength, strength), &image);
            prop_assert!(jpeg_artifacts(&image, 50).iter().all(|result| result.abs_diff(value) <= 8));
        }
    }
}
