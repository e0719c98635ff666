//! Covered parts, blur, low resolution, sensor noise and JPEG artifacts.
//!
//! A window goes in, a worse one of the same size comes out.

use super::AugmentParams;
use crate::draw::Draw;
use smielfy_vision::{RgbImage, gaussian_blur, jpeg_artifacts, motion_blur, resize};
use std::f32::consts::PI;
use std::ops::Range;

/// The window side, in pixels, that blur strengths are given for.
const BLUR_REFERENCE_SIDE: f32 = 64.0;

/// The best JPEG quality that is drawn: above it artifacts are invisible.
const BEST_JPEG_QUALITY: f32 = 95.0;

/// Covers parts of `image` with one or two rectangles of a color or of noise, as hands, hair and microphones do.
pub(super) fn cover(image: &mut RgbImage, params: &AugmentParams, draw: &mut Draw) {
    let Some(strength) = params.cut_out.drawn(draw) else { return };
    for _ in 0..=draw.below(2) {
        let (columns, rows) = (stretch(image.width(), strength, draw), stretch(image.height(), strength, draw));
        let (color, noisy) = (draw.color(), draw.chance(0.5));
        cover_rectangle(image, columns, &rows, color, noisy.then_some(&mut *draw));
    }
}

/// A stretch of up to `strength` of `length`, somewhere in it.
fn stretch(length: u32, strength: f32, draw: &mut Draw) -> Range<usize> {
    let (length, share) = (length as f32, draw.between(strength / 4.0, strength).clamp(0.0, 1.0));
    let start = draw.unit() * (1.0 - share) * length;
    start as usize..(start + share * length) as usize
}

/// Fills a rectangle with `color`, or with noise from `noise`.
fn cover_rectangle(
    image: &mut RgbImage,
    columns: Range<usize>,
    rows: &Range<usize>,
    color: [u8; 3],
    mut noise: Option<&mut Draw>,
) {
    let row_length = image.width() as usize * 3;
    for row in image.chunks_exact_mut(row_length.max(1)).take(rows.end).skip(rows.start) {
        let covered = &mut row[columns.start * 3..columns.end * 3];
        match &mut noise {
            Some(draw) => draw.fill(covered),
            None => covered.as_chunks_mut::<3>().0.fill(color),
        }
    }
}

/// Sends `image` through a bad lens, a small sensor and a tight compression.
pub(super) fn degrade(image: RgbImage, params: &AugmentParams, draw: &mut Draw) -> RgbImage {
    let (width, height) = image.dimensions();
    let mut result = shrink(blur(image, params, draw), params, draw);
    if let Some(strength) = params.noise.drawn(draw) {
        let (brightness, color) = (draw.between(0.0, strength), draw.between(0.0, strength));
        add_noise(&mut result, brightness, color, draw);
    }
    if let Some(strength) = params.jpeg.drawn(draw) {
        let quality = BEST_JPEG_QUALITY * (1.0 - draw.between(0.0, strength));
        result = jpeg_artifacts(&result, quality as u8);
    }
    if result.dimensions() == (width, height) { result } else { resize(&result, width, height) }
}

/// Out of focus, moved, both or neither.
fn blur(mut image: RgbImage, params: &AugmentParams, draw: &mut Draw) -> RgbImage {
    let unit = image.width() as f32 / BLUR_REFERENCE_SIDE;
    if let Some(strength) = params.gaussian_blur.drawn(draw) {
        image = gaussian_blur(&image, unit * draw.between(0.0, strength));
    }
    if let Some(strength) = params.motion_blur.drawn(draw) {
        image = motion_blur(&image, unit * draw.between(0.0, strength), draw.between(0.0, PI));
    }
    image
}

/// `image` with fewer pixels, or as it is.
fn shrink(image: RgbImage, params: &AugmentParams, draw: &mut Draw) -> RgbImage {
    let Some(strength) = params.low_resolution.drawn(draw) else { return image };
    let share = 1.0 - draw.between(0.0, strength);
    let shrunken = |length: u32| ((length as f32 * share).round() as u32).max(1);
    resize(&image, shrunken(image.width()), shrunken(image.height()))
}

/// Adds nearly normal noise with standard deviations of `brightness` and `color` (steps of 256) to each pixel.
fn add_noise(image: &mut RgbImage, brightness: f32, color: f32, draw: &mut Draw) {
    let mut bytes = vec![0; image.len() / 3 * NOISE_BYTES];
    draw.fill(&mut bytes);
    let fixed = |deviation: f32| (deviation * FIXED_ONE) as i32;
    let (brightness, color) = (fixed(brightness / DEVIATION_OF_FOUR), fixed(color / DEVIATION_OF_DIFFERENCE));
    let pixels = image.as_chunks_mut::<3>().0.iter_mut();
    for (pixel, random) in pixels.zip(bytes.as_chunks::<NOISE_BYTES>().0) {
        let [a, b, c, d, red, green, blue, _] = random.map(i32::from);
        let light = (a + b + c + d - 4 * 255 / 2) * brightness + FIXED_ONE as i32 / 2;
        // The three differences add up to nothing: they change the color alone.
        let shifts = [red - green, green - blue, blue - red].map(|difference| light + difference * color);
        for (value, shift) in pixel.iter_mut().zip(shifts) {
            *value = (i32::from(*value) + (shift >> FIXED_BITS)).clamp(0, 255) as u8;
        }
    }
}

/// Fractional bits of the noise arithmetic: whole numbers are several times faster here than floats.
const FIXED_BITS: u32 = 12;

/// One in that arithmetic.
const FIXED_ONE: f32 = (1 << FIXED_BITS) as f32;

/// Random bytes a pixel of noise takes: seven, and one so that they lie evenly.
const NOISE_BYTES: usize = 8;

/// Standard deviation of the sum of four random bytes: the root of `4 * (256^2 - 1) / 12`. Such sums are nearly normal.
const DEVIATION_OF_FOUR: f32 = 147.8;

/// Standard deviation of the difference of two random bytes: the root of `2 * (256^2 - 1) / 12`.
const DEVIATION_OF_DIFFERENCE: f32 = 104.5;

#[cfg(test)]
mod tests {
    use super::super::Effect;
    use super::*;
    use crate::augment::Stage;

    fn flat(side: u32) -> RgbImage {
        let mut image = RgbImage::new(side, side);
        image.fill(128);
        image
    }

    /// Mean and standard deviation.
    fn moments(values: &[f32]) -> (f32, f32) {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / values.len() as f32;
        (mean, variance.sqrt())
    }

    #[test]
    fn noise_is_as_strong_as_asked() {
        for (brightness, color) in [(8.0, 0.0), (20.0, 0.0), (0.0, 10.0), (12.0, 6.0)] {
            let mut image = flat(100);
            add_noise(&mut image, brightness, color, &mut Draw::new(5, Stage::Quality as u64));
            let pixels = image.as_chunks::<3>().0;
            let light: Vec<f32> =
                pixels.iter().map(|pixel| pixel.iter().map(|&value| f32::from(value)).sum::<f32>() / 3.0).collect();
            let tint: Vec<f32> = pixels.iter().zip(&light).map(|(pixel, light)| f32::from(pixel[0]) - light).collect();
            let ((mean, deviation), (_, tint_deviation)) = (moments(&light), moments(&tint));
            assert!((mean - 128.0).abs() < 0.7, "{brightness}, {color}: mean {mean}");
            assert!((deviation - brightness).abs() < 0.6, "{brightness}, {color}: {deviation}");
            assert!((tint_deviation - color).abs() < 0.6, "{brightness}, {color}: {tint_deviation}");
        }
    }

    #[test]
    fn covers_stay_small() {
        let params = AugmentParams { cut_out: Effect::new(1.0, 0.25), ..AugmentParams::none() };
        for seed in 0..100 {
            let mut image = flat(64);
            cover(&mut image, &params, &mut Draw::new(seed, Stage::Cover as u64));
            let covered = image.pixels().filter(|pixel| pixel.0 != [128; 3]).count();
            assert!((1..=2 * 16 * 16).contains(&covered), "seed {seed}: {covered} pixels");
        }
    }

    #[test]
    fn low_resolution_loses_detail_but_no_pixels() {
        let mut stripes = flat(64);
        for (x, _, pixel) in stripes.enumerate_pixels_mut() {
            pixel.0 = [if x % 2 == 0 { 60 } else { 200 }; 3];
        }
        let contrast = |image: &RgbImage| moments(&image.iter().map(|&value| f32::from(value)).collect::<Vec<_>>()).1;
        let params = AugmentParams { low_resolution: Effect::new(1.0, 0.9), ..AugmentParams::none() };
        for seed in 0..20 {
            let result = degrade(stripes.clone(), &params, &mut Draw::new(seed, Stage::Quality as u64));
            assert_eq!(result.dimensions(), (64, 64));
            assert!(contrast(&result) < contrast(&stripes), "seed {seed}");
        }
    }
}
