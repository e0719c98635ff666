//! From light to pixels: exposure, the curve of a camera, sRGB, and the background behind.

use std::sync::LazyLock;

use glam::Vec3;
use smielfy_vision::RgbImage;

use super::{curves::mix, render::Exposure};

/// Steps of the table of the camera's curve.
const STEPS: usize = 4096;

/// Light, relative to exposure, that the table reaches: beyond it everything is white.
const BRIGHTEST: f32 = 4.0;

/// Light from which highlights are compressed.
const SHOULDER: f32 = 0.7;

/// How far the curve bends into an S, 0..=1: the contrast that cameras add, fitted to the contrast of photographed faces.
const BEND: f32 = 0.55;

/// sRGB value, 0..=255, of linear light from 0 to [`BRIGHTEST`].
static CURVE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let value = |step: usize| {
        let light = step as f32 / (STEPS - 1) as f32 * BRIGHTEST;
        // Above the shoulder a hyperbola that starts with the same slope and ends at 1.
        let over = (light - SHOULDER).max(0.0);
        let soft = light.min(SHOULDER) + over / (1.0 + over / (1.0 - SHOULDER));
        let value = if soft <= 0.003_130_8 { soft * 12.92 } else { 1.055 * soft.powf(1.0 / 2.4) - 0.055 };
        255.0 * mix(value, value * value * (3.0 - 2.0 * value), BEND)
    };
    (0..STEPS).map(value).collect()
});

/// The factor of light that gives skin the brightness `skin` (linear light, 0..=1).
pub(super) fn gain(exposure: &Exposure, skin: f32) -> f32 {
    if exposure.skin_brightness > 0.0 { skin / exposure.skin_brightness } else { 1.0 }
}

/// The picture of `exposure`, its light multiplied by `gain`, over `background`, which is as large.
pub(super) fn develop(exposure: &Exposure, mut background: RgbImage, gain: f32) -> RgbImage {
    let pixels = background.as_chunks_mut::<3>().0.iter_mut();
    for ((pixel, light), coverage) in pixels.zip(&exposure.light).zip(&exposure.coverage) {
        if *coverage > 0.0 {
            let seen = tone(*light * (gain / coverage));
            let behind = Vec3::from(pixel.map(f32::from));
            *pixel = behind.lerp(seen, *coverage).to_array().map(|value| (value + 0.5) as u8);
        }
    }
    background
}

/// sRGB values, 0..=255, of linear light.
fn tone(light: Vec3) -> Vec3 {
    let scale = (STEPS - 1) as f32 / BRIGHTEST;
    Vec3::from(light.to_array().map(|value| CURVE[((value.max(0.0) * scale) as usize).min(STEPS - 1)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skin_gets_its_brightness_and_the_background_stays() {
        let light = vec![Vec3::splat(3.0), Vec3::splat(1.5), Vec3::ZERO];
        let exposure = Exposure { light, coverage: vec![1.0, 0.5, 0.0], skin_brightness: 3.0 };
        let image = develop(&exposure, RgbImage::from_pixel(3, 1, [10, 10, 10].into()), gain(&exposure, 0.214));
        let values: Vec<u8> = image.pixels().map(|pixel| pixel[0]).collect();
        assert!(values[0].abs_diff(127) <= 2 && values[1].abs_diff(69) <= 2, "{values:?}: 0.214 is half of sRGB");
        assert_eq!(values[2], 10);
    }

    #[test]
    fn the_curve_rises_to_white() {
        assert!(CURVE.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!(CURVE[0] == 0.0 && CURVE[STEPS - 1] <= 255.0 && CURVE[STEPS - 1] > 240.0);
    }
}
