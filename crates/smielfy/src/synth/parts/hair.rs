//! Hair: a cap that grows out of the scalp, a curtain of long hair, and beards that stand off the skin.

use std::borrow::Cow;

use glam::Vec3;

use crate::synth::{
    anatomy::{Anatomy, Fields, Patch},
    curves::{mix, smoothstep},
    head::Head,
    kit::Kit,
    material::Material,
    mesh::{Body, Surface, sheet},
    noise::noise,
    skin::BeardLook,
};

/// What somebody's hair looks like. Lengths in centimeters.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::synth) struct HairLook {
    pub color: Vec3,
    /// How far it stands off the scalp; 0 leaves the cap out.
    pub thickness: f32,
    /// How far the hairline lies behind the usual.
    pub back: f32,
    /// How far a fringe hangs into the forehead.
    pub fringe: f32,
    /// How uneven its surface is, 0..=1.
    pub curls: f32,
    /// Long hair: how far it hangs below the ears, and the angle from the front at which it begins, in radians.
    pub curtain: Option<(f32, f32)>,
    /// Moves the patterns.
    pub seed: f32,
}

/// How deep under the skin a cap begins, so that its edge comes out of it.
const ROOT: f32 = -0.25;

/// The hair of a head; `width` is half the width of the head at the ears.
pub(in crate::synth) fn hair<'a>(
    kit: &Kit,
    anatomy: &'a Anatomy,
    head: &Head,
    look: &HairLook,
    beard: &BeardLook,
) -> Vec<Body<'a>> {
    let mut bodies = Vec::new();
    if look.thickness > 0.0 {
        bodies.push(cap(anatomy, head, look));
    }
    if let Some((length, open)) = look.curtain {
        let width = (head.landmarks(kit)[16].x - head.landmarks(kit)[0].x) / 2.0;
        bodies.push(curtain(look, width, length, open));
    }
    if beard.moustache.max(beard.chin).max(beard.jaw) > 0.5 {
        bodies.push(beard_body(anatomy, head, beard, look.seed));
    }
    bodies
}

/// A patch of skin lifted off the head by a length that differs from place to place; negative lengths sink below the skin.
/// `lift` gets the place at rest and what is known of it.
fn lifted<'a>(
    anatomy: &'a Anatomy,
    head: &Head,
    patch: &'a Patch,
    material: Material<'a>,
    lift: impl Fn(Vec3, &Fields) -> f32,
) -> Body<'a> {
    let raise = |(vertex, rest): (&u32, &Vec3)| {
        let vertex = *vertex as usize;
        head.places[vertex] + head.normals[vertex] * lift(*rest, &anatomy.fields[vertex])
    };
    Body {
        positions: patch.vertices.iter().zip(&patch.rest).map(raise).collect(),
        normals: patch.vertices.iter().map(|vertex| head.normals[*vertex as usize]).collect(),
        coords: Cow::Borrowed(&patch.rest),
        surfaces: vec![Surface { triangles: Cow::Borrowed(&patch.triangles), material, two_sided: false }],
    }
}

fn cap<'a>(anatomy: &'a Anatomy, head: &Head, look: &HairLook) -> Body<'a> {
    let material = Material::Hair { color: look.color, direction: Vec3::new(0.0, -0.5, -0.85).normalize(), seed: look.seed };
    lifted(anatomy, head, &anatomy.scalp, material, |rest, fields| {
        let in_front = smoothstep(4.0, 7.0, rest.z);
        let bump = noise(rest * 1.2 + Vec3::splat(look.seed));
        let edge = mix(look.back, look.back - look.fringe, in_front) + 0.45 * bump;
        let grown = smoothstep(edge - 0.2, edge + 1.6, fields.scalp);
        let bumps = 1.0 + look.curls * bump;
        let top = mix(0.75, 1.15, smoothstep(6.0, 12.0, rest.y));
        mix(ROOT, look.thickness * bumps.max(0.2) * top, grown)
    })
}

fn beard_body<'a>(anatomy: &'a Anatomy, head: &Head, beard: &BeardLook, seed: f32) -> Body<'a> {
    /// How far a full beard stands off the skin, in centimeters.
    const THICKNESS: f32 = 0.55;
    let material = Material::Hair { color: beard.color, direction: Vec3::NEG_Y, seed };
    lifted(anatomy, head, &anatomy.beard, material, |rest, fields| {
        let ragged = 0.18 * noise(rest * 1.9 + Vec3::splat(seed));
        mix(ROOT, THICKNESS, smoothstep(0.45, 0.95, beard.cover(fields) + ragged))
    })
}

/// Long hair: from the crown over the skull and down, open in front.
fn curtain<'a>(look: &HairLook, width: f32, length: f32, open: f32) -> Body<'a> {
    /// Height at which it begins to hang, top of the head, middle and half depth of the skull: of the mean head.
    const HANG: f32 = 4.5;
    const TOP: f32 = 14.6;
    const MIDDLE: f32 = 0.3;
    const DEPTH: f32 = 9.6;
    let material = Material::Hair { color: look.color, direction: Vec3::X, seed: look.seed };
    let thickness = look.thickness.max(0.5);
    sheet(16, 36, material, |u, v| {
        let around = open + (std::f32::consts::TAU - 2.0 * open) * v;
        let strand = (around * 9.0 + look.seed).sin() * 0.5 + (around * 23.0 + look.seed).sin() * 0.25;
        let (reach, y) = if u < 0.4 {
            let rise = (1.0 - u / 0.4) * std::f32::consts::FRAC_PI_2;
            (rise.cos().powf(0.8), HANG + (TOP - HANG + thickness) * rise.sin())
        } else {
            let down = (u - 0.4) / 0.6;
            (1.0 + 0.10 * down - 0.06 * (down * 6.0).sin(), HANG - (HANG + 1.0 + length) * down)
        };
        let wave = strand * 0.45 * smoothstep(0.25, 0.7, u) * (1.0 + look.curls);
        let (across, deep) = ((width + 0.75 + thickness + wave) * reach, (DEPTH + thickness + wave) * reach);
        Vec3::new(around.sin() * across, y, MIDDLE + around.cos() * deep)
    })
}
