//! Hats: a knitted cap, a cap with a peak, a hat with a brim, a headscarf of cloth.

use std::f32::consts::TAU;

use glam::Vec3;

use crate::synth::{
    curves::mix,
    material::Material,
    mesh::{Body, sheet},
};

/// Kinds of hats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::synth) enum HatKind {
    Knitted,
    Peaked,
    Brimmed,
}

/// What somebody's hat looks like.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::synth) struct HatLook {
    pub kind: HatKind,
    pub color: Vec3,
    pub other: Vec3,
    /// How far it is drawn into the forehead, in centimeters.
    pub low: f32,
    pub stripes: f32,
}

/// Half width and half depth of a hat at its rim, and where its middle is: of the mean head with a finger's breadth of room.
const HALF_WIDTH: f32 = 8.7;
const HALF_DEPTH: f32 = 10.7;
const MIDDLE: f32 = 0.7;
/// Height of the rim over the ears and how much higher it is in front than there.
const RIM: f32 = 6.2;
const RISE: f32 = 2.3;

pub(in crate::synth) fn hat<'a>(look: &HatLook) -> Vec<Body<'a>> {
    let cloth = |stripes: f32| Material::Cloth { color: look.color, other: look.other, stripes };
    let rim = |around: f32, grown: f32| {
        let (sine, cosine) = around.sin_cos();
        let height = RIM - look.low + RISE * cosine;
        Vec3::new(sine * (HALF_WIDTH + grown), height, MIDDLE + cosine * (HALF_DEPTH + grown))
    };
    let top = match look.kind {
        HatKind::Knitted => 9.8,
        HatKind::Peaked => 8.4,
        HatKind::Brimmed => 9.2,
    };
    let flatness = if look.kind == HatKind::Brimmed { 0.32 } else { 0.62 };
    let dome = sheet(10, 28, cloth(look.stripes), |u, v| {
        let rise = (1.0 - u) * TAU / 4.0;
        let at_rim = rim(TAU * v, 0.0);
        let inwards = rise.cos().max(0.0).powf(flatness);
        Vec3::new(at_rim.x * inwards, at_rim.y + top * rise.sin(), MIDDLE + (at_rim.z - MIDDLE) * inwards)
    });
    let extra = match look.kind {
        HatKind::Knitted => sheet(3, 28, Material::Cloth { color: look.other, other: look.color, stripes: 0.0 }, |u, v| {
            rim(TAU * v, 0.35) + Vec3::new(0.0, 2.1 - 2.4 * u, 0.0)
        }),
        HatKind::Peaked => sheet(5, 14, cloth(0.0), |u, v| {
            let around = mix(-1.1, 1.1, v);
            let at_rim = rim(around, 0.0);
            let forward = 5.8 * u * (around * 0.9).cos().max(0.0);
            at_rim + Vec3::new(at_rim.x * 0.06 * u, -0.25 * forward, forward)
        }),
        HatKind::Brimmed => sheet(4, 30, cloth(0.0), |u, v| {
            let around = TAU * v;
            rim(around, 5.2 * u) + Vec3::new(0.0, 0.5 * u * (around * 2.0).cos() - 0.25 * u, 0.0)
        }),
    };
    vec![dome, extra]
}
