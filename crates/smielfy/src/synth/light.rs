//! Light: up to three lamps and the light of the surroundings.
//!
//! What a surface is made of and how it lies go in, the light that reaches the camera comes out, in linear units.

use glam::Vec3;

use super::material::Paint;

/// A lamp far away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lamp {
    /// Towards the lamp, in camera space, of length 1.
    pub direction: Vec3,
    pub color: Vec3,
}

/// All the light there is. The first lamp throws shadows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lighting {
    pub lamps: Vec<Lamp>,
    /// Light from above and from below.
    pub sky: Vec3,
    pub ground: Vec3,
}

/// How a point lies to light and camera.
pub(super) struct Aspect {
    pub normal: Vec3,
    /// Towards the camera, of length 1.
    pub view: Vec3,
    /// Share of the surroundings that are seen from there, 0..=1.
    pub openness: f32,
    /// Share of the first lamp that reaches it, 0..=1.
    pub lit: f32,
}

impl Lighting {
    /// Light that goes from a surface into the camera.
    pub(super) fn reflected(&self, paint: &Paint, aspect: &Aspect) -> Vec3 {
        let up = 0.5 + 0.5 * aspect.normal.y;
        let surroundings = self.ground.lerp(self.sky, up) * aspect.openness;
        let mut light = paint.albedo * surroundings;
        let facing = aspect.normal.dot(aspect.view).clamp(0.0, 1.0);
        // Schlick's approximation of Fresnel's law for skin (4 % head on), cut off at grazing angles.
        let fresnel = 0.04 + 0.5 * (1.0 - facing).powi(5);
        light += self.sky * (paint.gloss * fresnel * aspect.openness);
        for (number, lamp) in self.lamps.iter().enumerate() {
            let lit = if number == 0 { aspect.lit } else { 1.0 } * (0.4 + 0.6 * aspect.openness);
            let cosine = aspect.normal.dot(lamp.direction);
            let diffuse = ((Vec3::splat(cosine) + paint.wrap) / (Vec3::ONE + paint.wrap)).max(Vec3::ZERO);
            light += paint.albedo * lamp.color * diffuse * lit;
            if paint.gloss > 0.0 && cosine > 0.0 {
                let half = (lamp.direction + aspect.view).normalize_or_zero();
                let spark = power(aspect.normal.dot(half).max(0.0), paint.sharpness);
                light += lamp.color * (paint.gloss * spark * (0.25 + fresnel) * lit);
            }
        }
        light
    }
}

/// Nearly `base` (0..=1) to the power of `exponent`: Schlick's rational form (Graphics Gems IV, 1994), which needs no logarithm.
fn power(base: f32, exponent: f32) -> f32 {
    base / (exponent - exponent * base + base)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAINT: Paint = Paint { albedo: Vec3::splat(0.5), gloss: 0.0, sharpness: 10.0, wrap: Vec3::ZERO };

    #[test]
    fn light_falls_with_the_cosine_and_shadow_takes_it() {
        let lamp = Lamp { direction: Vec3::Y, color: Vec3::ONE };
        let lighting = Lighting { lamps: vec![lamp], sky: Vec3::ZERO, ground: Vec3::ZERO };
        let of = |normal: Vec3, lit: f32| {
            lighting.reflected(&PAINT, &Aspect { normal: normal.normalize(), view: Vec3::Z, openness: 1.0, lit }).x
        };
        assert!((of(Vec3::Y, 1.0) - 0.5).abs() < 1e-6);
        assert!((of(Vec3::new(1.0, 1.0, 0.0), 1.0) - 0.5 * 0.5f32.sqrt()).abs() < 1e-6);
        assert_eq!((of(Vec3::Y, 0.0), of(-Vec3::Y, 1.0)), (0.0, 0.0));
    }
}
