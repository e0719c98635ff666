//! What augmentation does, how often and how strongly: the `[augment]` table of a recipe.

use crate::draw::Draw;
use serde::{Deserialize, Serialize};

/// A transform that happens to some of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Share of the samples that it happens to, in `0..=1`; 0 turns it off.
    pub probability: f32,
    /// The most it does, in the unit that its field in [`AugmentParams`] names; 0 turns it off.
    pub strength: f32,
}

impl Effect {
    /// An effect of up to `strength` on a share of `probability` (0..=1) of the samples.
    pub const fn new(probability: f32, strength: f32) -> Self {
        Self { probability, strength }
    }

    /// An effect that never happens.
    pub const OFF: Self = Self::new(0.0, 0.0);

    /// The strength where it happens.
    pub(super) fn drawn(self, draw: &mut Draw) -> Option<f32> {
        let happens = draw.chance(self.probability);
        (happens && self.strength > 0.0).then_some(self.strength)
    }
}

/// Parameters of [`augment`](super::augment). A strength or probability of 0 turns a transform off; amounts are drawn
/// evenly up to the strength. Defaults suit windows round faces of 48 pixels and leave the pose recognizable to a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AugmentParams {
    /// Side of the window: multiplied by `1 / (1 + scale)` to `1 + scale`; 0 or more.
    pub scale: f32,
    /// Shift of the window along each axis, up to this fraction of the face's side; 0..=1.
    pub shift: f32,
    /// Rotation either way, in degrees; 0..=180.
    pub rotation_degrees: f32,
    /// Width to height: multiplied by `1 / (1 + aspect)` to `1 + aspect`; 0 or more.
    pub aspect: f32,
    /// Sideways slant either way, in pixels a pixel of height; 0..=1.
    pub shear: f32,
    /// Probability that left and right are swapped; 0..=1.
    pub mirror: f32,
    /// Probability that black surroundings, where there are some, get something else; 0..=1.
    pub surroundings: f32,
    /// Gamma curve: exponents `1 / (1 + strength)` to `1 + strength`.
    pub gamma: Effect,
    /// Distances from the mean brightness: multiplied by `1 / (1 + strength)` to `1 + strength`.
    pub contrast: Effect,
    /// Brightness either way, as a fraction of the full range; 0..=1.
    pub brightness: Effect,
    /// White balance: each channel multiplied by `1 / (1 + strength)` to `1 + strength`.
    pub tint: Effect,
    /// Distances from grey: multiplied by `1 - strength` to `1 + strength`; 0..=1.
    pub saturation: Effect,
    /// Probability that all color goes; 0..=1.
    pub grey: f32,
    /// Light from one side: multiplied by `1 - strength` on one side to `1 + strength` on the other; 0..=1.
    pub shading: Effect,
    /// Darkening towards the corners: multiplied by `1 - strength` in the very corners; 0..=1.
    pub vignette: Effect,
    /// Gaussian blur: standard deviation, in sixty-fourths of the window's side.
    pub gaussian_blur: Effect,
    /// Blur along a line: its length, in sixty-fourths of the window's side.
    pub motion_blur: Effect,
    /// Loss of resolution: the picture is shrunk to a fraction of its side of at least `1 - strength`, worsened by noise and
    /// JPEG there, and grown again; 0..=0.9.
    pub low_resolution: Effect,
    /// Sensor noise: standard deviation of its brightness and, drawn apart, its color, in steps of 256.
    pub noise: Effect,
    /// JPEG compression: quality from 95 down to `95 * (1 - strength)`; 0..=0.95.
    pub jpeg: Effect,
    /// Covered parts: one or two rectangles with sides up to this fraction of the window's side; 0..=1.
    pub cut_out: Effect,
}

impl AugmentParams {
    /// Everything off, as for validation.
    pub const fn none() -> Self {
        Self {
            scale: 0.0,
            shift: 0.0,
            rotation_degrees: 0.0,
            aspect: 0.0,
            shear: 0.0,
            mirror: 0.0,
            surroundings: 0.0,
            gamma: Effect::OFF,
            contrast: Effect::OFF,
            brightness: Effect::OFF,
            tint: Effect::OFF,
            saturation: Effect::OFF,
            grey: 0.0,
            shading: Effect::OFF,
            vignette: Effect::OFF,
            gaussian_blur: Effect::OFF,
            motion_blur: Effect::OFF,
            low_resolution: Effect::OFF,
            noise: Effect::OFF,
            jpeg: Effect::OFF,
            cut_out: Effect::OFF,
        }
    }
}

impl Default for AugmentParams {
    fn default() -> Self {
        Self {
            scale: 0.2,
            shift: 0.1,
            rotation_degrees: 20.0,
            aspect: 0.1,
            shear: 0.08,
            mirror: 0.5,
            surroundings: 0.9,
            gamma: Effect::new(0.6, 0.5),
            contrast: Effect::new(0.6, 0.4),
            brightness: Effect::new(0.5, 0.15),
            tint: Effect::new(0.4, 0.2),
            saturation: Effect::new(0.4, 0.7),
            grey: 0.15,
            shading: Effect::new(0.4, 0.5),
            vignette: Effect::new(0.2, 0.5),
            gaussian_blur: Effect::new(0.25, 1.1),
            motion_blur: Effect::new(0.1, 4.0),
            low_resolution: Effect::new(0.25, 0.5),
            noise: Effect::new(0.35, 10.0),
            jpeg: Effect::new(0.35, 0.7),
            cut_out: Effect::new(0.12, 0.22),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_changes_what_it_names() {
        let params: AugmentParams = toml::from_str("shift = 0.05\njpeg = { probability = 1.0, strength = 0.5 }").unwrap();
        assert_eq!(params, AugmentParams { shift: 0.05, jpeg: Effect::new(1.0, 0.5), ..AugmentParams::default() });
        let none = AugmentParams::none();
        assert_eq!(toml::from_str::<AugmentParams>(&toml::to_string(&none).unwrap()).unwrap(), none);
    }

    #[test]
    fn effects_happen_as_often_as_they_should() {
        let mut draw = Draw::new(4, 0);
        let cases = [(0.0, 1.0, 0..=0), (1.0, 1.0, 4000..=4000), (0.25, 1.0, 880..=1120), (1.0, 0.0, 0..=0)];
        for (probability, strength, expected) in cases {
            let effect = Effect::new(probability, strength);
            let count = (0..4000).filter(|_| effect.drawn(&mut draw).is_some()).count();
            assert!(expected.contains(&count), "{effect:?}: {count} of 4000");
        }
    }

    #[test]
    fn unknown_and_half_given_keys_are_errors() {
        for text in ["shfit = 0.05", "jpeg = { probability = 1.0 }", "jpeg = { probability = 1, strength = 1, unit = 2 }"] {
            assert!(toml::from_str::<AugmentParams>(text).is_err(), "{text}");
        }
    }
}
