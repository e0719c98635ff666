//! Eyeballs that look somewhere.

use glam::{EulerRot, Mat3, Vec3};

use crate::synth::{
    head::Skull,
    material::Material,
    mesh::{Body, sheet},
    shapes::Expression,
};

/// Colors of somebody's eyes, in linear light.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::synth) struct EyeLook {
    pub iris: Vec3,
    pub sclera: Vec3,
    /// Angle of the pupil's rim, in radians.
    pub pupil: f32,
}

/// Gaze at weight 1, in radians.
const ASIDE: f32 = 0.52;
const UP: f32 = 0.44;
const CROSS: f32 = 0.35;

/// How far round from its middle an eyeball is drawn, in radians: lids hide the rest.
const CAP: f32 = 1.4;

/// Lids lie on the eyeball; a bit smaller, and it does not show through them.
const SHRINK: f32 = 0.985;

pub(in crate::synth) fn eyes<'a>(skull: &Skull, look: &EyeLook, expression: &Expression) -> Vec<Body<'a>> {
    let (aside, up, cross) = (expression.get("gazeAside"), expression.get("gazeUp"), expression.get("gazeCross"));
    let of_side = |(center, sign): (Vec3, f32)| {
        let yaw = aside * ASIDE - sign * cross * CROSS;
        let turn = Mat3::from_euler(EulerRot::YXZ, yaw, -up * UP, 0.0);
        eye(center, skull.eye_radius * SHRINK, &turn, look)
    };
    skull.eyes.into_iter().zip([1.0, -1.0]).map(of_side).collect()
}

fn eye<'a>(center: Vec3, radius: f32, turn: &Mat3, look: &EyeLook) -> Body<'a> {
    let direction = |u: f32, v: f32| {
        let (angle, around) = (u * CAP, v * std::f32::consts::TAU);
        Vec3::new(angle.sin() * around.cos(), angle.sin() * around.sin(), angle.cos())
    };
    let material = Material::Eye { iris: look.iris, sclera: look.sclera, pupil: look.pupil };
    let mut body = sheet(9, 18, material, |u, v| center + *turn * direction(u, v) * radius);
    body.normals = body.positions.iter().map(|place| (*place - center).normalize_or_zero()).collect();
    let directions = body.coords.iter().map(|coords| direction(coords.x, coords.y)).collect::<Vec<_>>();
    body.coords = directions.into();
    body
}
