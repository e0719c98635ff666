//! What the kit does not have: eyes, hair, hats, glasses, hands, a tongue to put out, clothes. Each gives bodies in head space.

mod eyes;
mod glasses;
mod hair;
mod hand;
mod hat;
mod shirt;
mod tongue;

pub(super) use eyes::{EyeLook, eyes};
pub(super) use glasses::{GlassesLook, glasses};
pub(super) use hair::{HairLook, hair};
pub(super) use hand::{HandLook, hand};
pub(super) use hat::{HatKind, HatLook, hat};
pub(super) use shirt::{ShirtLook, shirt};
pub(super) use tongue::tongue;

use glam::Vec3;

use super::{
    material::Material,
    mesh::{Body, sheet},
};

/// A tube of `radius` round a path; `path(0..=1)` gives its middle, `rows` are the pieces along it.
fn tube(path: impl Fn(f32) -> Vec3, radius: f32, rows: usize, material: Material<'_>) -> Body<'_> {
    const SIDES: usize = 6;
    const STEP: f32 = 1e-3;
    sheet(rows, SIDES, material, |u, v| {
        let tangent = (path(u + STEP) - path(u - STEP)).normalize_or_zero();
        let side = tangent.any_orthonormal_vector();
        let (sine, cosine) = (v * std::f32::consts::TAU).sin_cos();
        path(u) + (side * cosine + tangent.cross(side) * sine) * radius
    })
}
