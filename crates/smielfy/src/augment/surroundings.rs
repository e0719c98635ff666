//! Something else behind faces that were cut out on black.
//!
//! A picture and a window cut out of it go in; where the picture has clean black surroundings, the window gets others. A net
//! that saw the black would learn the mask instead of the face.

use super::AugmentParams;
use super::backdrop::backdrop;
use crate::draw::Draw;
use smielfy_vision::RgbImage;
use std::array;

/// Largest channel value of a pixel that counts as black: JPEG leaves a little noise in black. At 12 black hair went too.
const MAX_BLACK: u8 = 6;

/// Largest mean of the channel maxima along the border of a picture that was cut out: photographed darkness is brighter.
const MAX_MEAN_BLACK: f32 = 2.0;

/// Least share of a picture's border that is black round a face that was cut out; less is more likely hair or a dark corner.
const MIN_BORDER_SHARE: f32 = 0.6;

/// Least share of the window that is replaced: below it there is little to hide, and it may be hair at the window's edge.
const MIN_WINDOW_SHARE: f32 = 0.1;

/// Puts something else behind the face in `window`, a part of `picture`, if `picture` has black surroundings.
///
/// Replaced is what is black and connected to the window's border through black; dark hair inside the face stays.
pub(super) fn replace_black(picture: &RgbImage, window: &mut RgbImage, params: &AugmentParams, draw: &mut Draw) {
    if !draw.chance(params.surroundings) || window.is_empty() || !has_black_border(picture) {
        return;
    }
    let mask = connected_black(window);
    let count: u32 = mask.iter().map(|&value| u32::from(value)).sum();
    if count as f32 >= MIN_WINDOW_SHARE * mask.len() as f32 {
        let coverage = soften(&mask, window.width() as usize);
        let backdrop = backdrop(window, &mask, draw);
        blend(window, &backdrop, &coverage);
    }
}

/// Indices of the pixels along the border of a picture that has some.
fn border(image: &RgbImage) -> impl Iterator<Item = usize> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let horizontal = [0, (height - 1) * width].into_iter().flat_map(move |start| start..start + width);
    let vertical = (0..height).flat_map(move |y| [y * width, (y + 1) * width - 1]);
    horizontal.chain(vertical)
}

/// Whether most of the border is black, and cleanly so.
fn has_black_border(image: &RgbImage) -> bool {
    if image.is_empty() {
        return false;
    }
    let pixels = image.as_chunks::<3>().0;
    let (mut total, mut black, mut sum) = (0u32, 0u32, 0u32);
    for [red, green, blue] in border(image).map(|index| pixels[index]) {
        let brightest = red.max(green).max(blue);
        total += 1;
        if brightest <= MAX_BLACK {
            black += 1;
            sum += u32::from(brightest);
        }
    }
    black as f32 >= MIN_BORDER_SHARE * total as f32 && sum as f32 <= MAX_MEAN_BLACK * black as f32
}

/// 1 where a pixel is black and connected to the border through black pixels, else 0.
fn connected_black(image: &RgbImage) -> Vec<u8> {
    let width = image.width() as usize;
    let is_black = |pixel: &[u8; 3]| pixel.iter().all(|&value| value <= MAX_BLACK);
    let mut unseen: Vec<bool> = image.as_chunks::<3>().0.iter().map(is_black).collect();
    let mut mask = vec![0; unseen.len()];
    let mut open: Vec<usize> = border(image).collect();
    let mut next = 0;
    while let Some(&index) = open.get(next) {
        next += 1;
        // An index beyond the end of its row is a pixel of the border, which is in the list anyway.
        if unseen.get_mut(index).is_some_and(std::mem::take) {
            mask[index] = 1;
            open.extend([index.wrapping_sub(1), index + 1, index.wrapping_sub(width), index + width]);
        }
    }
    mask
}

/// Pixels either way that coverage is averaged over.
const SOFT_RADIUS: usize = 2;

/// How much of the average counts, in 256ths: all of the mask itself is covered, nearly all of the first pixel beyond it and
/// half of the second, as the edge of a cut-out that was resized is dark there.
const SOFT_GAIN: u32 = 600;

/// How far something else shows through, 0..=255 a pixel: `mask` (0 or 1, `width` pixels a row) with a wider, softer edge.
fn soften(mask: &[u8], width: usize) -> Vec<u8> {
    let window = 2 * SOFT_RADIUS + 1;
    let height = mask.len() / width;
    let mut rows = vec![0u8; mask.len()];
    for (source, target) in mask.chunks_exact(width).zip(rows.chunks_exact_mut(width)) {
        for (x, sum) in target.iter_mut().enumerate() {
            *sum = (0..window).map(|i| source[(x + i).saturating_sub(SOFT_RADIUS).min(width - 1)]).sum();
        }
    }
    let mut result = vec![0u8; mask.len()];
    for (y, target) in result.chunks_exact_mut(width).enumerate() {
        for i in 0..window {
            let line = (y + i).saturating_sub(SOFT_RADIUS).min(height - 1) * width;
            target.iter_mut().zip(&rows[line..line + width]).for_each(|(sum, value)| *sum += value);
        }
        for sum in target {
            *sum = (u32::from(*sum) * SOFT_GAIN / (window * window) as u32).min(255) as u8;
        }
    }
    result
}

/// Mixes `behind` into `image` where `coverage` (0..=255 a pixel) says.
fn blend(image: &mut RgbImage, behind: &RgbImage, coverage: &[u8]) {
    let behind = behind.as_chunks::<3>().0;
    for ((pixel, behind), &coverage) in image.as_chunks_mut::<3>().0.iter_mut().zip(behind).zip(coverage) {
        let coverage = u32::from(coverage);
        *pixel =
            array::from_fn(|i| ((u32::from(pixel[i]) * (255 - coverage) + u32::from(behind[i]) * coverage + 127) / 255) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::Stage;
    use smielfy_vision::jpeg_artifacts;

    const ALWAYS: AugmentParams = AugmentParams { surroundings: 1.0, ..AugmentParams::none() };

    /// A picture of 80 x 80 pixels with `color` at each place.
    fn picture(color: impl Fn(i32, i32) -> [u8; 3]) -> RgbImage {
        let mut image = RgbImage::new(80, 80);
        for (x, y, pixel) in image.enumerate_pixels_mut() {
            pixel.0 = color(x as i32 - 40, y as i32 - 40);
        }
        image
    }

    /// A face with a black mouth, cut out on black.
    fn cut_out_face() -> RgbImage {
        picture(|x, y| match (x * x + y * y <= 24 * 24, x * x + (y - 12) * (y - 12) <= 16) {
            (true, false) => [190, 140, 120],
            _ => [0; 3],
        })
    }

    fn replaced(picture: &RgbImage, seed: u64) -> RgbImage {
        let mut window = picture.clone();
        replace_black(picture, &mut window, &ALWAYS, &mut Draw::new(seed, Stage::Surroundings as u64));
        window
    }

    #[test]
    fn black_round_a_face_goes_and_the_face_stays() {
        for image in [cut_out_face(), jpeg_artifacts(&cut_out_face(), 80)] {
            for seed in 0..30 {
                let result = replaced(&image, seed);
                let kept = |x, y| result.get_pixel(x, y) == image.get_pixel(x, y);
                assert!(kept(40, 40) && kept(40, 25) && kept(52, 40), "the face, seed {seed}");
                assert!(kept(40, 52), "the mouth, seed {seed}");
                let changed = (0..80).filter(|&i| !kept(i, 2)).count();
                assert!(changed > 70, "the surroundings, seed {seed}: {changed} of 80 pixels changed");
            }
        }
    }

    #[test]
    fn no_dark_ring_is_left() {
        let image = cut_out_face();
        let own = |seed| {
            let result = replaced(&image, seed);
            (0..80).map(|x| result.get_pixel(x, 40)[0]).min().unwrap_or(0)
        };
        let light_backdrops = (0..200).filter(|&seed| replaced(&image, seed).get_pixel(2, 40)[0] > 150);
        assert!(light_backdrops.map(own).filter(|&darkest| darkest > 60).count() > 10);
    }

    #[test]
    fn photos_are_left_alone() {
        let noise = |x: i32, y: i32| ((x * 31 + y * 17).rem_euclid(11)) as u8;
        let dark = picture(|x, y| [noise(x, y), noise(x, y), noise(x, y)]);
        let dark_hair = picture(|x, y| if y < 0 && x.abs() < 36 { [0; 3] } else { [150, 120, 100] });
        let dark_corner = picture(|x, y| if x < 10 && y < 0 { [1; 3] } else { [90; 3] });
        let light = picture(|_, _| [200; 3]);
        for (name, image) in [("dark", dark), ("dark hair", dark_hair), ("dark corner", dark_corner), ("light", light)] {
            for seed in 0..5 {
                assert_eq!(replaced(&image, seed), image, "{name}, seed {seed}");
            }
        }
    }

    #[test]
    fn a_probability_of_zero_keeps_the_black() {
        let mut window = cut_out_face();
        let mut draw = Draw::new(1, Stage::Surroundings as u64);
        replace_black(&cut_out_face(), &mut window, &AugmentParams::none(), &mut draw);
        assert_eq!(window, cut_out_face());
    }

    #[test]
    fn black_is_followed_round_corners() {
        // A spiral wall: 1 is wall. The black inside is reached through the gap.
        let rows = ["0000000", "0111110", "0100010", "0101010", "0101110", "0100000", "0111111"];
        let mut image = RgbImage::new(7, 7);
        for (x, y, pixel) in image.enumerate_pixels_mut() {
            pixel.0 = [(rows[y as usize].as_bytes()[x as usize] - b'0') * 200; 3];
        }
        let expected: Vec<u8> = rows.concat().bytes().map(|byte| u8::from(byte == b'0')).collect();
        assert_eq!(connected_black(&image), expected);
        image.put_pixel(2, 5, *image.get_pixel(1, 1));
        let closed = connected_black(&image);
        assert_eq!((closed[2 * 7 + 3], closed[5 * 7 + 3]), (0, 1));
    }
}
