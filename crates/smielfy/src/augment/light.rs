//! Light and color: gamma, contrast, brightness, white balance, saturation, grey, shading, vignette.
//!
//! A window goes in and is changed in place.

use super::AugmentParams;
use crate::draw::Draw;
use smielfy_vision::RgbImage;
use std::array;
use std::f32::consts::TAU;

/// Weights of red, green and blue in brightness, in 256ths (ITU-R BT.601, as JPEG uses them).
const LUMA: [i32; 3] = [77, 150, 29];

/// Changes the light on `image` as `params` says.
pub(super) fn vary(image: &mut RgbImage, params: &AugmentParams, draw: &mut Draw) {
    let tone = Tone::drawn(params, draw);
    let saturation = draw_saturation(params, draw);
    let gain = Gain::drawn(params, draw);
    if tone != Tone::AS_IS {
        tone.apply(image);
    }
    if let Some(saturation) = saturation {
        saturate(image, saturation);
    }
    if gain != Gain::EVEN {
        gain.apply(image);
    }
}

/// What happens to each channel of each pixel alike.
#[derive(PartialEq)]
struct Tone {
    gamma: f32,
    contrast: f32,
    brightness: f32,
    tint: [f32; 3],
}

impl Tone {
    const AS_IS: Self = Self { gamma: 1.0, contrast: 1.0, brightness: 0.0, tint: [1.0; 3] };

    fn drawn(params: &AugmentParams, draw: &mut Draw) -> Self {
        let gamma = params.gamma.drawn(draw).unwrap_or(0.0);
        let gamma = draw.factor(gamma);
        let contrast = params.contrast.drawn(draw).unwrap_or(0.0);
        let contrast = draw.factor(contrast);
        let brightness = params.brightness.drawn(draw).unwrap_or(0.0);
        let brightness = draw.signed(brightness);
        let tint = params.tint.drawn(draw).unwrap_or(0.0);
        Self { gamma, contrast, brightness, tint: array::from_fn(|_| draw.factor(tint)) }
    }

    fn apply(&self, image: &mut RgbImage) {
        let curves = self.curves(mean(image) / 255.0);
        for pixel in image.as_chunks_mut::<3>().0 {
            for (value, curve) in pixel.iter_mut().zip(&curves) {
                *value = curve[usize::from(*value)];
            }
        }
    }

    /// What becomes of each value of each channel in a picture with a mean brightness of `pivot` (0..=1).
    fn curves(&self, pivot: f32) -> [[u8; 256]; 3] {
        let plain: [f32; 256] = array::from_fn(|value| {
            let value = pivot + (value as f32 / 255.0 - pivot) * self.contrast;
            255.0 * (value.max(0.0).powf(self.gamma) + self.brightness)
        });
        self.tint.map(|factor| plain.map(|value| (value * factor + 0.5) as u8))
    }
}

/// Mean of all values of all channels, 0..=255.
fn mean(image: &RgbImage) -> f32 {
    let sum: u64 = image.iter().map(|&value| u64::from(value)).sum();
    sum as f32 / image.len().max(1) as f32
}

/// The factor on the distances from grey, if they change at all.
fn draw_saturation(params: &AugmentParams, draw: &mut Draw) -> Option<f32> {
    let strength = params.saturation.drawn(draw);
    let factor = 1.0 + draw.signed(strength.unwrap_or(0.0));
    if draw.chance(params.grey) { Some(0.0) } else { strength.map(|_| factor.max(0.0)) }
}

/// Multiplies the distance of each pixel from its grey by `factor`.
fn saturate(image: &mut RgbImage, factor: f32) {
    // 256ths: whole numbers are several times faster here than floats.
    let factor = (factor * 256.0) as i32;
    for pixel in image.as_chunks_mut::<3>().0 {
        let [red, green, blue] = pixel.map(i32::from);
        let grey = (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue + 128) >> 8;
        *pixel = [red, green, blue].map(|value| (grey + (((value - grey) * factor + 128) >> 8)).clamp(0, 255) as u8);
    }
}

/// Light that differs from place to place. Places are in half sides from the middle: -1..=1 on both axes.
#[derive(PartialEq)]
struct Gain {
    slope_x: f32,
    slope_y: f32,
    /// Loss at a distance of 1.
    falloff: f32,
}

impl Gain {
    const EVEN: Self = Self { slope_x: 0.0, slope_y: 0.0, falloff: 0.0 };

    fn drawn(params: &AugmentParams, draw: &mut Draw) -> Self {
        let shading = params.shading.drawn(draw).unwrap_or(0.0);
        let (direction, shading) = (draw.between(0.0, TAU), draw.between(0.0, shading));
        let vignette = params.vignette.drawn(draw).unwrap_or(0.0);
        let (sine, cosine) = direction.sin_cos();
        // The corners lie at a distance of the root of 2, so a square of 2.
        Self { slope_x: shading * cosine, slope_y: shading * sine, falloff: draw.between(0.0, vignette) / 2.0 }
    }

    fn apply(&self, image: &mut RgbImage) {
        let (width, half) = (image.width() as usize, image.width() as f32 / 2.0);
        for (y, row) in image.chunks_exact_mut((width * 3).max(1)).enumerate() {
            let y = (y as f32 + 0.5) / half - 1.0;
            for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                let x = (x as f32 + 0.5) / half - 1.0;
                let gain = (1.0 + self.slope_x * x + self.slope_y * y) * (1.0 - self.falloff * (x * x + y * y));
                let gain = (gain * 256.0) as i32;
                *pixel = pixel.map(|value| ((i32::from(value) * gain + 128) >> 8).clamp(0, 255) as u8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::Stage;

    fn flat(color: [u8; 3]) -> RgbImage {
        let mut image = RgbImage::new(16, 16);
        image.as_chunks_mut::<3>().0.fill(color);
        image
    }

    #[test]
    fn tones_table() {
        let cases = [
            ("as it is", Tone::AS_IS, [51, 102, 204]),
            ("darker", Tone { brightness: -0.2, ..Tone::AS_IS }, [0, 51, 153]),
            ("brighter", Tone { brightness: 0.4, ..Tone::AS_IS }, [153, 204, 255]),
            // The mean is 119.
            ("flatter", Tone { contrast: 0.5, ..Tone::AS_IS }, [85, 111, 162]),
            ("gamma 2", Tone { gamma: 2.0, ..Tone::AS_IS }, [10, 41, 163]),
            ("tinted", Tone { tint: [2.0, 1.0, 0.5], ..Tone::AS_IS }, [102, 102, 102]),
        ];
        for (name, tone, expected) in cases {
            let mut image = flat([51, 102, 204]);
            tone.apply(&mut image);
            let pixel = image.get_pixel(3, 3).0;
            assert!((0..3).all(|i| pixel[i].abs_diff(expected[i]) <= 1), "{name}: {pixel:?}, not {expected:?}");
        }
    }

    #[test]
    fn saturation_table() {
        let cases = [(1.0, [51, 102, 204]), (0.0, [98, 98, 98]), (0.5, [75, 100, 151]), (2.0, [4, 106, 255])];
        for (factor, expected) in cases {
            let mut image = flat([51, 102, 204]);
            saturate(&mut image, factor);
            let pixel = image.get_pixel(0, 0).0;
            assert!((0..3).all(|i| pixel[i].abs_diff(expected[i]) <= 1), "{factor}: {pixel:?}, not {expected:?}");
        }
    }

    #[test]
    fn shading_falls_off_to_one_side_and_a_vignette_to_the_corners() {
        let mut image = flat([100; 3]);
        Gain { slope_x: 0.5, ..Gain::EVEN }.apply(&mut image);
        let [left, middle, right] = [0, 8, 15].map(|x| image.get_pixel(x, 5)[0]);
        assert!(
            (52..56).contains(&left) && (100..106).contains(&middle) && (145..149).contains(&right),
            "{left} {middle} {right}"
        );
        let mut image = flat([100; 3]);
        Gain { falloff: 0.25, ..Gain::EVEN }.apply(&mut image);
        let [corner, edge, middle] = [(0, 0), (0, 8), (8, 8)].map(|(x, y)| image.get_pixel(x, y)[0]);
        assert!(corner < 60 && (75..80).contains(&edge) && middle >= 99, "{corner} {edge} {middle}");
    }

    #[test]
    fn grey_takes_all_color() {
        let params = AugmentParams { grey: 1.0, ..AugmentParams::none() };
        let mut image = flat([200, 30, 90]);
        vary(&mut image, &params, &mut Draw::new(1, Stage::Light as u64));
        assert!(image.pixels().all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]));
    }
}
