//! Glasses: two rims, a bridge, two temples and, where they are dark, the lenses.

use glam::Vec3;

use super::tube;
use crate::synth::{
    head::Skull,
    material::Material,
    mesh::{Body, sheet},
};

/// What somebody's glasses look like. Lengths in centimeters.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::synth) struct GlassesLook {
    pub color: Vec3,
    /// Half the width and half the height of a rim.
    pub half_width: f32,
    pub half_height: f32,
    /// Half the thickness of the frame.
    pub thickness: f32,
    /// Exponent of the superellipse: 2 is round, 4 nearly square.
    pub squareness: f32,
    /// How far they slid down the nose.
    pub slid: f32,
    /// Whether the lower half of the rims is there.
    pub full_rim: bool,
    /// Color of the lenses where nothing is seen through them.
    pub lenses: Option<Vec3>,
}

pub(in crate::synth) fn glasses<'a>(skull: &Skull, nose_bridge: Vec3, look: &GlassesLook) -> Vec<Body<'a>> {
    let material = || Material::Plain { color: look.color, gloss: 0.35 };
    let front = (skull.eyes[0].z + skull.eye_radius + 1.15).max(nose_bridge.z - 0.35) + 0.25 * look.slid;
    let height = skull.eyes[0].y - 0.25 - look.slid;
    let mut bodies = Vec::with_capacity(7);
    for (eye, sign) in skull.eyes.into_iter().zip([1.0, -1.0]) {
        let center = Vec3::new(eye.x + sign * 0.12, height, front);
        let rim = |angle: f32| {
            let (sine, cosine) = angle.sin_cos();
            let bent = |value: f32| value.signum() * value.abs().powf(2.0 / look.squareness);
            let x = look.half_width * bent(cosine);
            // Rims follow the face backwards at the temples.
            Vec3::new(center.x + x, center.y + look.half_height * bent(sine), front - 0.07 * (sign * x).max(0.0).powi(2))
        };
        let turn = if look.full_rim { 1.0 } else { 0.5 };
        bodies.push(tube(|u| rim(std::f32::consts::TAU * turn * u), look.thickness, 26, material()));
        bodies.extend(look.lenses.map(|color| {
            sheet(2, 26, Material::Plain { color, gloss: 0.6 }, |u, v| center.lerp(rim(std::f32::consts::TAU * v), u))
        }));
        let outer = rim(if sign > 0.0 { 0.25 } else { std::f32::consts::PI - 0.25 });
        let ear = Vec3::new(sign * (eye.x.abs() + 4.75), height + 0.5, 0.0);
        bodies.push(tube(|u| outer.lerp(ear, u), look.thickness * 0.8, 6, material()));
    }
    let inner = look.half_width - 0.12;
    let (left, right) = (skull.eyes[0].x - inner, skull.eyes[1].x + inner);
    let bridge = |u: f32| {
        let lift = 0.35 * (std::f32::consts::PI * u).sin();
        Vec3::new(left + (right - left) * u, height + 0.3 * look.half_height + lift, front + 0.3 * lift)
    };
    bodies.push(tube(bridge, look.thickness, 8, material()));
    bodies
}
