//! A shirt: collar, shoulders and chest.

use std::f32::consts::TAU;

use glam::Vec3;

use crate::synth::{
    curves::{mix, smoothstep},
    material::Material,
    mesh::{Body, sheet},
};

/// What somebody wears.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::synth) struct ShirtLook {
    pub color: Vec3,
    pub other: Vec3,
    pub stripes: f32,
    /// Height of the collar, in centimeters above the usual round neckline.
    pub collar: f32,
}

pub(in crate::synth) fn shirt<'a>(look: &ShirtLook) -> Body<'a> {
    let material = Material::Cloth { color: look.color, other: look.other, stripes: look.stripes };
    sheet(12, 30, material, |u, v| {
        let (sine, cosine) = (TAU * v).sin_cos();
        // The collar is lower in front; from it the cloth spreads to the shoulders and hangs down.
        let spread = smoothstep(0.0, 0.45, u);
        let front = cosine.max(0.0);
        let collar = -11.6 + look.collar - 2.6 * front * (1.0 - 0.25 * look.collar);
        let shoulder = mix(-15.2, -20.0, spread * spread);
        let y = mix(collar, shoulder, smoothstep(0.0, 0.3, u)) - 22.0 * (u - 0.35).max(0.0);
        let across = mix(8.0, 20.5, spread.powf(1.2));
        let deep = mix(7.6, 10.8, spread);
        Vec3::new(sine * across, y, -1.2 + cosine * deep)
    })
}
