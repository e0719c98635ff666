//! A hand at the chin: four fingers curled under it, the thumb along the jaw, the back of the hand below.

use glam::{Mat3, Vec3};

use super::tube;
use crate::synth::{
    material::Material,
    mesh::{Body, sheet},
};

/// How somebody holds a hand at the chin.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::synth) struct HandLook {
    pub color: Vec3,
    /// Middle of the hand beside the chin and above it, in centimeters.
    pub aside: f32,
    pub up: f32,
    /// Turn about the direction of the gaze, in radians.
    pub tilt: f32,
}

/// Radius of a finger and the distance of one to the next, in centimeters.
const FINGER: f32 = 0.85;
const APART: f32 = 1.75;

/// The hand of `look` at a chin.
pub(in crate::synth) fn hand<'a>(look: &HandLook, chin: Vec3) -> Vec<Body<'a>> {
    let material = || Material::Plain { color: look.color, gloss: 0.08 };
    let middle = chin + Vec3::new(look.aside, look.up, 1.0);
    let turn = Mat3::from_rotation_z(look.tilt);
    let at = move |place: Vec3| middle + turn * place;
    let finger = |number: i32| {
        let across = (number as f32 - 1.5) * APART;
        // From the knuckle forward and up over the chin, bent back to the palm.
        tube(move |u| at(Vec3::new(across, -1.6 + 2.2 * (3.1 * u).sin(), -0.6 + 2.0 * u)), FINGER, 8, material())
    };
    let thumb = tube(move |u| at(Vec3::new(-2.9 - 0.9 * u, -1.4 + 4.2 * u, 0.5 - 0.8 * u)), FINGER * 1.05, 8, material());
    let back = sheet(10, 14, material(), move |u, v| {
        let ((sine, cosine), down) = ((v * std::f32::consts::TAU).sin_cos(), u * std::f32::consts::PI);
        at(Vec3::new(4.1 * cosine * down.sin(), -4.4 + 4.4 * down.cos(), 0.2 + 1.7 * sine * down.sin()))
    });
    (0..4).map(finger).chain([thumb, back]).collect()
}
