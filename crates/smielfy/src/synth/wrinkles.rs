//! Folds that an expression lays into skin: blendshape weights in, darkness at a place out.

use glam::{Vec2, Vec3};

use super::{
    curves::{bell, smoothstep},
    shapes::Expression,
    skin::near_line,
};

/// Depth of each kind of fold, 0..=1 and beyond, left and right.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Wrinkles {
    /// From the nostril past the corner of the mouth.
    smile: [f32; 2],
    /// Across the forehead.
    forehead: f32,
    /// Upright between the brows.
    frown: f32,
    /// Fans beside the eyes, and the fold under them.
    eyes: [f32; 2],
    /// Across the bridge of the nose.
    nose: f32,
    /// Dimples of the chin.
    chin: f32,
    /// Marks of a sealed mouth: a line where lips were, and folds beside it.
    sealed: f32,
}

/// Fold from the side of the nose past the corner of the mouth, on the left half, in centimeters at rest.
const SMILE_FOLD: [Vec2; 4] = [Vec2::new(1.75, -0.3), Vec2::new(2.6, -1.6), Vec2::new(3.35, -3.0), Vec2::new(3.55, -4.3)];

/// Fold under the eye.
const EYE_FOLD: [Vec2; 4] = [Vec2::new(1.7, 2.5), Vec2::new(2.7, 1.9), Vec2::new(4.0, 1.9), Vec2::new(4.9, 2.5)];

impl Wrinkles {
    /// Folds of somebody with `age` (0 smooth, 1 old) in this expression.
    pub(super) fn new(expression: &Expression, age: f32) -> Self {
        let weight = |name: &str| expression.get(name).max(0.0);
        let sides = |name: &str| ["_L", "_R"].map(|side| weight(&format!("{name}{side}")));
        let [smile, squint, sneer, lift] = ["mouthSmile", "cheekSquint", "noseSneer", "mouthUpperUp"].map(sides);
        let [raise, blink_squint, down, angry] = ["cheekRaiser", "eyeSquint", "browDown", "browAngry"].map(sides);
        let [inner, outer] = ["browInnerUp", "browOuterUp"].map(sides);
        let both = |pair: [f32; 2]| f32::midpoint(pair[0], pair[1]);
        let depth = 0.55 + 0.75 * age;
        Self {
            smile: [0, 1].map(|i| depth * (0.25 * age + 0.55 * smile[i] + 0.2 * squint[i] + 0.5 * sneer[i] + 0.2 * lift[i])),
            forehead: depth * (0.15 * age + 0.45 * both(inner) + 0.4 * both(outer)),
            frown: depth * (0.1 * age + 0.45 * both(down) + 0.6 * both(angry)),
            eyes: [0, 1].map(|i| depth * (0.1 * age + 0.4 * raise[i] + 0.35 * blink_squint[i] + 0.3 * squint[i])),
            nose: depth * 0.7 * both(sneer),
            chin: depth * 0.6 * weight("mouthShrugLower"),
            sealed: 0.8 * weight("lipsIn").min(1.0),
        }
    }

    /// Share of the light that folds swallow at a place at rest, 0..=0.7.
    pub(super) fn shade(&self, rest: Vec3) -> f32 {
        let side = usize::from(rest.x < 0.0);
        let (x, y) = (rest.x.abs(), rest.y);
        let mut shade = 0.0;
        if y < 0.5 {
            if x > 1.2 && x < 5.0 && y > -5.5 {
                shade += 0.55 * self.smile[side] * near_line(rest, &SMILE_FOLD, 0.26);
            }
            shade += 0.4 * self.chin * bell(x, 1.3) * bell(y + 6.4, 0.8) * (1.0 + (x * 5.0).cos() * (y * 5.0).sin());
            shade += 0.85 * self.sealed * bell(y + 3.4, 0.16) * smoothstep(3.0, 2.3, x);
        } else if y < 4.8 {
            shade += 0.42 * self.eyes[side] * near_line(rest, &EYE_FOLD, 0.24);
            if x > 4.6 && x < 7.0 && y > 1.5 {
                let fan = ((y - 3.3) / (x - 3.6) * 7.5).cos().max(0.0);
                shade += 0.4 * self.eyes[side] * fan * bell(x - 5.6, 0.6);
            }
            shade += 0.5 * self.nose * bell(x, 0.8) * ((y - 2.2) * 5.0).cos().max(0.0) * bell(y - 3.2, 1.1);
        } else {
            shade += 0.5 * self.frown * bell(x - 0.55, 0.17) * bell(y - 5.5, 0.8);
            let wave = ((y - 0.12 * (x - 2.0).powi(2) * 0.2) * 5.2).cos().max(0.0);
            shade += 0.36 * self.forehead * wave * bell(y - 8.0, 1.2) * smoothstep(6.0, 3.5, x);
        }
        shade.clamp(0.0, 0.7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::shapes::shape_index;

    #[test]
    fn folds_follow_the_pose() {
        let with = |names: &[&str]| {
            let mut expression = Expression::default();
            names.iter().for_each(|name| expression.weights[shape_index(name).unwrap()] = 1.0);
            Wrinkles::new(&expression, 0.3)
        };
        let calm = with(&[]);
        let cases = [
            (["mouthSmile_L", "mouthSmile_R"], Vec3::new(3.35, -3.0, 10.0)),
            (["browInnerUp_L", "browInnerUp_R"], Vec3::new(0.5, 8.45, 10.0)),
            (["browAngry_L", "browAngry_R"], Vec3::new(-0.55, 5.5, 10.0)),
        ];
        for (names, place) in cases {
            assert!(with(&names).shade(place) > calm.shade(place) + 0.05, "{names:?}");
        }
        let one_sided = with(&["mouthSmile_L"]);
        assert!(one_sided.shade(Vec3::new(3.35, -3.0, 10.0)) > one_sided.shade(Vec3::new(-3.35, -3.0, 10.0)) + 0.05);
    }
}
