//! Skin and all that is painted on it: lips, brows, lids, beard, blush, wrinkles.
//!
//! A place at rest and what is known of it go in, color and gloss come out. As paint sticks to places at rest, it moves with
//! the face.

use glam::{Vec2, Vec3, Vec3Swizzles};

use super::{
    anatomy::{Anatomy, Fields},
    curves::{bell, distance_to_line, mix, smoothstep},
    material::Paint,
    noise::noise,
    wrinkles::Wrinkles,
};

/// Somebody's skin in some expression. Colors are linear light, 0..=1.
pub(super) struct Skin<'a> {
    pub anatomy: &'a Anatomy,
    pub look: &'a SkinLook,
    /// Folds of the expression.
    pub wrinkles: Wrinkles,
    /// How much of the red of the lips is seen, 0..=1.
    pub lips_seen: f32,
}

/// What does not change with the expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SkinLook {
    pub tone: Vec3,
    /// Strength of uneven color, 0..=1.
    pub blotches: f32,
    /// Strength of red cheeks, nose and ears, 0..=1.
    pub blush: f32,
    /// Strength of the highlight, 0..=1.
    pub shine: f32,
    pub lips: Vec3,
    pub brow: Brow,
    pub beard: BeardLook,
    /// Strength of the line of the lashes, 0..=1, and color and strength of what is painted on the lids.
    pub lashes: f32,
    pub lid_paint: (Vec3, f32),
    /// Color and strength of hair too short to stand off the scalp, and how far the hairline lies back, in centimeters.
    pub scalp: (Vec3, f32, f32),
    /// Moves the patterns, so that no two people share them.
    pub seed: Vec3,
}

/// The brows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Brow {
    pub color: Vec3,
    /// How well they cover, 0..=1.
    pub density: f32,
    /// Half their height at the inner end, in centimeters.
    pub thickness: f32,
    /// Height above the usual, in centimeters.
    pub height: f32,
    /// How much they bend, 0 straight, 1 usual.
    pub arch: f32,
    /// How much higher the outer end is than usual, in centimeters.
    pub slant: f32,
}

/// What grows round the mouth: how well each part covers, 0..=1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BeardLook {
    pub color: Vec3,
    pub moustache: f32,
    pub chin: f32,
    pub jaw: f32,
    pub strap: f32,
    /// Shadow of a shaven beard.
    pub stubble: f32,
}

impl BeardLook {
    /// How well hair covers a place.
    pub(super) fn cover(&self, fields: &Fields) -> f32 {
        let parts = [
            self.moustache * fields.moustache,
            self.chin * fields.chin,
            self.jaw * fields.jaw.max(fields.strap * 0.6),
            self.strap * fields.strap,
        ];
        parts.into_iter().fold(0.0, f32::max)
    }
}

impl Skin<'_> {
    pub(super) fn paint(&self, rest: Vec3, corners: [u32; 3], weights: [f32; 3]) -> Paint {
        let fields = Fields::blend(corners.map(|vertex| &self.anatomy.fields[vertex as usize]), weights);
        let look = self.look;
        let patch = noise(rest * 0.75 + look.seed);
        let mut color = look.tone * (1.0 + look.blotches * 0.22 * patch);
        if rest.z > 0.0 {
            color = self.blushed(color, rest);
            color *= 1.0 - self.wrinkles.shade(rest);
        }
        color = self.shaven(color, rest, &fields);
        color = self.bearded(color, rest, &fields);
        let lip = smoothstep(-0.10, 0.14, fields.lip) * self.lips_seen;
        if lip > 0.0 {
            color = color.lerp(look.lips * (1.0 + 0.1 * noise(rest * Vec3::new(5.0, 1.2, 1.0))), lip);
        }
        if rest.z > 5.0 {
            color *= 1.0 - dark_lines(rest, &fields);
            color = self.lids(color, rest, &fields);
            let brow = look.brow.cover(rest);
            color = color.lerp(look.brow.color, brow);
        }
        let gloss = mix(look.shine * (1.0 + 0.3 * patch), 0.14, lip);
        Paint { albedo: color, gloss, sharpness: mix(14.0, 30.0, lip), wrap: Vec3::new(0.36, 0.17, 0.11) }
    }

    fn blushed(&self, color: Vec3, rest: Vec3) -> Vec3 {
        let x = rest.x.abs();
        let spot = |at: (f32, f32), width: f32| bell(Vec2::new(x - at.0, rest.y - at.1).length(), width);
        let red = spot((4.6, -0.6), 1.8) + 0.8 * spot((0.3, 0.2), 1.0) + 0.35 * spot((0.0, -6.6), 1.2);
        let reddened = color * Vec3::new(1.04, 0.76, 0.74);
        color.lerp(reddened, (self.look.blush * red).min(1.0))
    }

    /// Shadow of a shaven beard, and of cropped hair.
    fn shaven(&self, color: Vec3, rest: Vec3, fields: &Fields) -> Vec3 {
        let beard = &self.look.beard;
        let grown = beard.stubble * fields.moustache.max(fields.chin).max(fields.jaw);
        let mut color = color;
        if grown > 0.0 {
            let grain = 0.8 + 0.35 * noise(rest * 4.0 + self.look.seed);
            let shadow = color * 0.55 + beard.color * 0.2;
            color = color.lerp(shadow, (grown * grain).clamp(0.0, 0.85));
        }
        let (hair, strength, back) = self.look.scalp;
        color.lerp(hair, strength * smoothstep(0.0, 0.9, fields.scalp - back))
    }

    fn bearded(&self, color: Vec3, rest: Vec3, fields: &Fields) -> Vec3 {
        let beard = &self.look.beard;
        let cover = beard.cover(fields);
        if cover < 0.02 {
            return color;
        }
        let strands = noise(rest * Vec3::new(4.5, 1.3, 4.5) + self.look.seed);
        let hair = beard.color * (1.0 + 0.45 * strands);
        color.lerp(hair, smoothstep(0.25, 0.6, cover + 0.22 * strands) * cover.min(0.95))
    }

    /// Lash lines and what is painted on the lids.
    fn lids(&self, color: Vec3, rest: Vec3, fields: &Fields) -> Vec3 {
        if fields.upper_lid > 1.6 && fields.lower_lid > 1.6 {
            return color;
        }
        let look = self.look;
        let above = rest.y > 3.0;
        let (paint, strength) = look.lid_paint;
        let fold = if above { smoothstep(1.1, 0.35, fields.upper_lid) } else { 0.0 };
        let color = color * mix(1.0, 0.8, smoothstep(1.4, 0.3, fields.upper_lid.min(fields.lower_lid)));
        let color = color.lerp(paint, strength * fold);
        let width = 0.2 + 0.14 * look.lashes;
        let upper = smoothstep(width + 0.12, width * 0.55, fields.upper_lid) * mix(0.75, 0.96, look.lashes);
        let lower = smoothstep(0.24, 0.06, fields.lower_lid) * mix(0.3, 0.65, look.lashes);
        color.lerp(Vec3::new(0.02, 0.013, 0.01), upper.max(lower))
    }
}

impl Brow {
    /// How well hair covers a place: a band along an arc over the eye, thinner towards its outer end.
    fn cover(&self, rest: Vec3) -> f32 {
        let along = (rest.x.abs() - 1.2) / 4.7;
        if !(-0.1..1.1).contains(&along) || !(3.4..7.4).contains(&rest.y) {
            return 0.0;
        }
        let middle =
            5.02 + self.height + 1.9 * self.arch * along * (1.0 - along) * (0.55 + 0.6 * along) + (self.slant - 0.25) * along
                - 0.5 * self.slant;
        let half = self.thickness * mix(1.0, 0.35, smoothstep(0.35, 1.0, along)) * smoothstep(-0.06, 0.12, along);
        let strands = noise(Vec3::new(rest.x * 3.0 + rest.y * 2.2, rest.y * 2.5, 1.0));
        let band = smoothstep(half * 1.25 + 0.06, half * 0.45, (rest.y - middle).abs() - 0.05 * strands);
        band * smoothstep(1.04, 0.9, along) * self.density * (0.9 + 0.15 * strands)
    }
}

/// Share of the light that nostrils and the line between the lips swallow: what a mesh of some millimeters is too coarse for.
fn dark_lines(rest: Vec3, fields: &Fields) -> f32 {
    let nostril = bell(Vec2::new((rest.x.abs() - 0.72) * 0.8, rest.y + 1.0).length(), 0.26) * smoothstep(9.8, 10.6, rest.z);
    let between = smoothstep(0.2, 0.06, fields.mouth_line);
    (0.8 * nostril).max(0.72 * between)
}

/// How near a place, mirrored to one side, is to a line of straight pieces in the picture plane: 1 on it, 0 far away.
pub(super) fn near_line(rest: Vec3, line: &[Vec2], width: f32) -> f32 {
    let mirrored = Vec2::new(rest.x.abs(), rest.y);
    debug_assert!(rest.xy().is_finite());
    bell(distance_to_line(mirrored, line), width)
}
