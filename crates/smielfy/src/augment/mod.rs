//! On-line augmentation: endless variations of one labeled face.
//!
//! A picture, its face square and a seed go in; a square window of that face as another camera, light and moment might
//! have shown it comes out. Everything is a pure function of its arguments: same seed, same bytes.
//!
//! The stages run in this order, each on random numbers of its own, so that what one stage draws leaves the others as they
//! were: the window is cut (geometry), black surroundings are replaced, light changes, something covers a part, the picture
//! quality suffers.

mod backdrop;
mod geometry;
mod light;
mod params;
mod quality;
mod surroundings;

pub(crate) use backdrop::made_up;
pub use params::{AugmentParams, Effect};

use crate::draw::Draw;
use smielfy_vision::{Affine, BoundingBox, RgbImage};

/// The stages, each with a random stream of its own.
#[derive(Clone, Copy)]
enum Stage {
    Surroundings,
    Geometry,
    Light,
    Cover,
    Quality,
}

/// A window made by [`augment`].
#[derive(Debug, Clone, PartialEq)]
pub struct Augmented {
    /// The window, `size` x `size` pixels.
    pub image: RgbImage,
    /// Whether left and right are swapped; poses that have a side (a wink) swap it too.
    pub mirrored: bool,
    /// From pixels of the window to pixels of the picture that it was cut from.
    pub map: Affine,
}

/// Cuts the square `face` of `image`, scaled by `context` about its center, to `size` x `size` pixels and varies it.
///
/// `face` is in pixels of `image` and may leave it: border pixels are replicated. `context` is the side of the window in
/// sides of the face: 1.0 shows the square itself, 64/48 a 64-pixel patch round a 48-pixel face. With
/// [`AugmentParams::none`] this is exactly [`smielfy_vision::crop_resize`] of the window.
pub fn augment(image: &RgbImage, face: BoundingBox, size: u32, context: f32, params: &AugmentParams, seed: u64) -> Augmented {
    let draw = |stage| Draw::new(seed, stage as u64);
    let mut window = geometry::cut(image, face, size, context, params, &mut draw(Stage::Geometry));
    surroundings::replace_black(image, &mut window.image, params, &mut draw(Stage::Surroundings));
    light::vary(&mut window.image, params, &mut draw(Stage::Light));
    quality::cover(&mut window.image, params, &mut draw(Stage::Cover));
    window.image = quality::degrade(window.image, params, &mut draw(Stage::Quality));
    window
}

/// A picture of any size as another light and another camera would have shown it: the part of [`augment`] that moves nothing.
pub(crate) fn photograph(mut image: RgbImage, params: &AugmentParams, seed: u64) -> RgbImage {
    light::vary(&mut image, params, &mut Draw::new(seed, Stage::Light as u64));
    quality::degrade(image, params, &mut Draw::new(seed, Stage::Quality as u64))
}

/// The seed of sample `index` in `epoch` of a training with `seed`: three rounds of `SplitMix64`, one a number, so
/// that neighboring epochs and indices share nothing. Part of every recipe's meaning: it never changes.
pub fn sample_seed(seed: u64, epoch: u64, index: u64) -> u64 {
    [epoch, index].into_iter().fold(mix(seed), |state, number| mix(state.wrapping_add(number)))
}

/// `SplitMix64`: one step of its counter, then its finalizer (Steele, Lea and Flood 2014).
const fn mix(number: u64) -> u64 {
    let state = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use smielfy_vision::crop_resize;

    /// A picture of `width` x `height` pixels with texture everywhere.
    fn textured(width: u32, height: u32) -> RgbImage {
        let mut image = RgbImage::new(width, height);
        for (x, y, pixel) in image.enumerate_pixels_mut() {
            pixel.0 = [(60 + 3 * x + y) as u8, (7 * x + 11 * y) as u8, (90 + (x * y) % 97) as u8];
        }
        image
    }

    const FACE: BoundingBox = BoundingBox::new(14.2, 10.7, 40.5);

    #[test]
    fn the_same_arguments_give_the_same_bytes() {
        let (image, params) = (textured(70, 64), AugmentParams::default());
        let sample = |seed| augment(&image, FACE, 48, 1.2, &params, seed);
        for seed in 0..40 {
            assert_eq!(sample(seed), sample(seed), "seed {seed}");
            assert_ne!(sample(seed).image, sample(seed + 1).image, "seed {seed}");
        }
    }

    #[test]
    fn none_is_the_plain_crop() {
        let image = textured(70, 64);
        for context in [1.0, 64.0 / 48.0] {
            let side = FACE.side * context;
            let (x, y) = FACE.center();
            let expected = crop_resize(&image, BoundingBox::centered(x, y, side), 48);
            let sample = augment(&image, FACE, 48, context, &AugmentParams::none(), 7);
            assert_eq!((sample.image, sample.mirrored), (expected, false));
        }
    }

    #[test]
    fn every_transform_alone_changes_something() {
        let image = textured(70, 64);
        let plain = augment(&image, FACE, 48, 1.0, &AugmentParams::none(), 3).image;
        let (none, on) = (AugmentParams::none, Effect::new(1.0, 0.6));
        let cases = [
            ("scale", AugmentParams { scale: 0.2, ..none() }),
            ("shift", AugmentParams { shift: 0.1, ..none() }),
            ("rotation", AugmentParams { rotation_degrees: 20.0, ..none() }),
            ("aspect", AugmentParams { aspect: 0.1, ..none() }),
            ("shear", AugmentParams { shear: 0.1, ..none() }),
            ("mirror", AugmentParams { mirror: 1.0, ..none() }),
            ("gamma", AugmentParams { gamma: on, ..none() }),
            ("contrast", AugmentParams { contrast: on, ..none() }),
            ("brightness", AugmentParams { brightness: on, ..none() }),
            ("tint", AugmentParams { tint: on, ..none() }),
            ("saturation", AugmentParams { saturation: on, ..none() }),
            ("grey", AugmentParams { grey: 1.0, ..none() }),
            ("shading", AugmentParams { shading: on, ..none() }),
            ("vignette", AugmentParams { vignette: on, ..none() }),
            ("gaussian blur", AugmentParams { gaussian_blur: Effect::new(1.0, 3.0), ..none() }),
            ("motion blur", AugmentParams { motion_blur: Effect::new(1.0, 8.0), ..none() }),
            ("low resolution", AugmentParams { low_resolution: on, ..none() }),
            ("noise", AugmentParams { noise: Effect::new(1.0, 20.0), ..none() }),
            ("jpeg", AugmentParams { jpeg: on, ..none() }),
            ("cut-out", AugmentParams { cut_out: on, ..none() }),
        ];
        for (name, params) in cases {
            assert_ne!(augment(&image, FACE, 48, 1.0, &params, 3).image, plain, "{name}");
        }
    }

    #[test]
    fn switching_a_stage_off_leaves_the_others_as_they_were() {
        let image = textured(70, 64);
        let full = AugmentParams { jpeg: Effect::OFF, noise: Effect::OFF, cut_out: Effect::OFF, ..AugmentParams::default() };
        let lit = AugmentParams { gamma: Effect::new(1.0, 1.0), ..AugmentParams::none() };
        let unlit = AugmentParams { contrast: Effect::new(0.0, 9.0), ..lit.clone() };
        assert_eq!(augment(&image, FACE, 32, 1.0, &lit, 5), augment(&image, FACE, 32, 1.0, &unlit, 5));
        let mirrored: Vec<bool> = (0..20).map(|seed| augment(&image, FACE, 8, 1.0, &full, seed).mirrored).collect();
        let params = AugmentParams { mirror: full.mirror, ..AugmentParams::none() };
        let alone: Vec<bool> = (0..20).map(|seed| augment(&image, FACE, 8, 1.0, &params, seed).mirrored).collect();
        assert_eq!(mirrored, alone);
    }

    #[test]
    fn sample_seeds_are_fixed_and_all_different() {
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf, "the first output of SplitMix64 with seed 0");
        let mut seeds: Vec<u64> = Vec::new();
        for seed in 0..10 {
            for epoch in 0..30 {
                seeds.extend((0..30).map(|index| sample_seed(seed, epoch, index)));
            }
        }
        assert_eq!(sample_seed(4, 9, 2), 0x5144_2dba_a458_d4f1);
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 9000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_box_of_any_picture_gives_a_window(
            width in 1u32..300, height in 1u32..300, size in 0u32..70, x in -400f32..400., y in -400f32..400.,
            side in -1f32..500., context in 0.1f32..3., black: bool, seed: u64,
        ) {
            let image = if black { RgbImage::new(width, height) } else { textured(width, height) };
            let params = AugmentParams::default();
            let sample = augment(&image, BoundingBox::new(x, y, side), size, context, &params, seed);
            prop_assert_eq!(sample.image.dimensions(), (size, size));
        }
    }
}
