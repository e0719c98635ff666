//! A tongue put out over the lower lip.

use glam::Vec3;

use crate::synth::{
    curves::smoothstep,
    material::Material,
    mesh::{Body, sheet},
    shapes::Expression,
};

/// Length beyond the lip at weight 1, in centimeters.
const LENGTH: f32 = 4.0;
/// Half the widest width and half the thickness, in centimeters.
const HALF_WIDTH: f32 = 1.75;
const HALF_THICKNESS: f32 = 0.45;
/// Weight below which the tongue stays in the mouth.
const LEAST: f32 = 0.05;

/// The tongue, if the expression puts it out; `landmarks` are those of the head in that expression.
pub(in crate::synth) fn tongue<'a>(landmarks: &[Vec3; 68], expression: &Expression, color: Vec3) -> Option<Body<'a>> {
    let out = expression.get("tongueOut");
    if out < LEAST {
        return None;
    }
    let (upper, lower) = (landmarks[62], landmarks[66]);
    let corners = landmarks[64].x - landmarks[60].x;
    let width = HALF_WIDTH.min(0.42 * corners);
    let root = upper.midpoint(lower) - Vec3::new(0.0, 0.5, 3.2);
    let on_lip = lower + Vec3::new(0.0, 0.42, 0.15);
    let reach = out * LENGTH;
    let (aside, up) = (expression.get("tongueAside"), expression.get("tongueUp").clamp(0.0, 1.0));
    let hanging = Vec3::new(0.7 * aside, -0.82, 0.42);
    let raised = Vec3::new(0.6 * aside, 0.75, 0.75);
    let tip = on_lip + hanging.lerp(raised, up).normalize() * reach;
    let over = on_lip + Vec3::new(0.2 * aside, 0.25, 0.55) * (0.5 * reach).min(1.6);
    let path = move |u: f32| {
        if u < 0.4 { root.lerp(on_lip, u / 0.4) } else { bezier(on_lip, over, tip, (u - 0.4) / 0.6) }
    };
    let round = |u: f32| {
        let near_tip = ((u - 0.72) / 0.28).clamp(0.0, 1.0);
        (1.0 - near_tip * near_tip).max(0.0).sqrt() * (1.0 - 0.12 * smoothstep(0.35, 0.8, u))
    };
    let material = Material::Tongue { color };
    Some(sheet(18, 14, material, |u, v| {
        let tangent = (path(u + 0.01) - path(u - 0.01)).normalize_or_zero();
        let side = (Vec3::X - tangent * tangent.x).normalize_or_zero();
        let (sine, cosine) = (v * std::f32::consts::TAU).sin_cos();
        // A little hollow along the middle of the upper side.
        let hollow = 1.0 - 0.45 * sine.max(0.0).powi(3) * (1.0 - u);
        path(u) + (side * cosine * width + tangent.cross(side) * sine * HALF_THICKNESS * hollow) * round(u)
    }))
}

/// A point of a quadratic Bezier curve.
fn bezier(a: Vec3, b: Vec3, c: Vec3, share: f32) -> Vec3 {
    a.lerp(b, share).lerp(b.lerp(c, share), share)
}
