//! Things to put behind a face that was cut out.
//!
//! A window and the mask of what is to be replaced go in, a picture of the same size comes out.

use crate::draw::Draw;
use smielfy_vision::{RgbImage, resize};
use std::array;
use std::f32::consts::TAU;

/// Something as large as `window`: what [`made_up`] gives, or the colors of the face running out. `mask` is 1 where a pixel of
/// `window` is to be replaced, else 0.
pub(super) fn backdrop(window: &RgbImage, mask: &[u8], draw: &mut Draw) -> RgbImage {
    let (width, height) = window.dimensions();
    let kind = draw.below(KINDS + 1);
    if kind < KINDS {
        of_kind(kind, width, height, draw)
    } else {
        resize(&own_colors(window, mask, 2 + draw.below(7)), width, height)
    }
}

/// Something of `width` x `height` pixels that nobody photographed: a flat color, a gradient, soft blobs or stripes.
pub(crate) fn made_up(width: u32, height: u32, draw: &mut Draw) -> RgbImage {
    of_kind(draw.below(KINDS), width, height, draw)
}

/// Kinds of made-up backdrops.
const KINDS: u32 = 4;

fn of_kind(kind: u32, width: u32, height: u32, draw: &mut Draw) -> RgbImage {
    let small = match kind {
        0 => blobs(1, draw),
        1 => blobs(2, draw),
        2 => blobs(3 + draw.below(10), draw),
        _ => stripes(width.div_ceil(2), height.div_ceil(2), draw),
    };
    resize(&small, width, height)
}

/// `count` x `count` random variations of one color: once grown a flat color (1), a gradient (2) or blobs.
fn blobs(count: u32, draw: &mut Draw) -> RgbImage {
    let (base, spread) = (draw.color(), draw.unit());
    let mut image = RgbImage::new(count, count);
    draw.fill(&mut image);
    for pixel in image.as_chunks_mut::<3>().0 {
        *pixel = array::from_fn(|i| {
            let base = f32::from(base[i]);
            (base + (f32::from(pixel[i]) - base) * spread) as u8
        });
    }
    image
}

/// Stripes of two colors in any direction, 4 to 60 pixels a pair, with soft to hard edges.
fn stripes(width: u32, height: u32, draw: &mut Draw) -> RgbImage {
    let (low, high) = (draw.color().map(f32::from), draw.color().map(f32::from));
    let (frequency, phase) = (draw.between(0.1, 1.5), draw.between(0.0, TAU));
    let (sine, cosine) = draw.between(0.0, TAU).sin_cos();
    let hardness = draw.between(0.5, 3.0);
    let mut image = RgbImage::new(width, height);
    for (y, row) in image.chunks_exact_mut(width as usize * 3).enumerate() {
        for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let wave = (frequency * (x as f32 * cosine + y as f32 * sine) + phase).sin();
            let mix = (hardness * wave / 2.0 + 0.5).clamp(0.0, 1.0);
            *pixel = array::from_fn(|i| (low[i] + (high[i] - low[i]) * mix) as u8);
        }
    }
    image
}

/// The colors of what stays of `window`, averaged over `count` x `count` places; where nothing stays, over all of it.
fn own_colors(window: &RgbImage, mask: &[u8], count: u32) -> RgbImage {
    let mut kept = window.clone();
    let mut share = RgbImage::new(window.width(), window.height());
    for ((kept, share), &replaced) in kept.as_chunks_mut().0.iter_mut().zip(share.as_chunks_mut().0).zip(mask) {
        let keep = replaced == 0;
        *share = [if keep { u8::MAX } else { 0 }; 3];
        if !keep {
            *kept = [0; 3];
        }
    }
    let overall = colors(&resize(&kept, 1, 1), &resize(&share, 1, 1), [127; 3]);
    colors(&resize(&kept, count, count), &resize(&share, count, count), overall.as_chunks().0[0])
}

/// Least share, in 255ths, of a place that its own color is told from.
const MIN_SHARE: u8 = 16;

/// `sums` divided by `shares`, and `otherwise` where there is no share to speak of.
fn colors(sums: &RgbImage, shares: &RgbImage, otherwise: [u8; 3]) -> RgbImage {
    let mut result = sums.clone();
    for (pixel, [share, ..]) in result.as_chunks_mut::<3>().0.iter_mut().zip(shares.as_chunks::<3>().0) {
        *pixel = if *share < MIN_SHARE {
            otherwise
        } else {
            pixel.map(|sum| (u32::from(sum) * 255 / u32::from(*share)).min(255) as u8)
        };
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::Stage;

    #[test]
    fn backdrops_fit_and_vary() {
        let window = RgbImage::new(40, 40);
        let all: Vec<RgbImage> =
            (0..50).map(|seed| backdrop(&window, &[0; 1600], &mut Draw::new(seed, Stage::Surroundings as u64))).collect();
        assert!(all.iter().all(|image| image.dimensions() == (40, 40)));
        let is_flat = |image: &&RgbImage| image.pixels().all(|pixel| pixel == image.get_pixel(0, 0));
        let flat = all.iter().filter(is_flat).count();
        assert!((10..40).contains(&flat), "{flat} of 50 flat");
    }

    #[test]
    fn own_colors_come_from_what_stays() {
        let mut window = RgbImage::new(20, 20);
        let mut mask = vec![1; 400];
        for (index, pixel) in window.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            if index % 20 < 10 {
                (*pixel, mask[index]) = ([200, 100, 50], 0);
            }
        }
        for count in 1..9 {
            let colors = own_colors(&window, &mask, count);
            let is_close = |pixel: &[u8; 3]| (0..3).all(|i| pixel[i].abs_diff([200, 100, 50][i]) <= 12);
            assert!(colors.as_chunks().0.iter().all(is_close), "{count}: {colors:?}");
        }
        assert!(own_colors(&window, &vec![1; 400], 2).iter().all(|&value| value == 127), "nothing stays");
    }
}
