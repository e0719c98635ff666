//! Somebody who does not exist: random numbers in, a head and everything on it out.

use glam::Vec3;

use super::{
    curves::{linear, mix},
    kit::Kit,
    parts::{EyeLook, GlassesLook, HairLook, HandLook, HatKind, HatLook, ShirtLook},
    render::LUMINANCE,
    skin::{BeardLook, Brow, SkinLook},
};
use crate::draw::Draw;

/// Somebody's looks, whatever the expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Coefficients of the kit's modes of identity, in standard deviations.
    pub identity: Vec<f32>,
    /// Size of the eyes: those of the kit are small.
    pub(super) eye_size: f32,
    /// 0 smooth, 1 old.
    pub(super) age: f32,
    pub(super) skin: SkinLook,
    pub(super) eyes: EyeLook,
    pub(super) hair: HairLook,
    pub(super) hat: Option<HatLook>,
    pub(super) glasses: Option<GlassesLook>,
    /// Whether a hand is held at the chin, and which: nobody does so unless asked to.
    pub(super) hand: Option<HandLook>,
    pub(super) shirt: ShirtLook,
    pub(super) teeth: Vec3,
    pub(super) gums: Vec3,
    pub(super) tongue: Vec3,
}

/// Skin from light to dark, sRGB: a ramp that covers the Monk scale (Monk 2019) and reads well under all lamps.
const SKIN_TONES: [[u8; 3]; 8] = [
    [246, 218, 200],
    [238, 203, 180],
    [229, 188, 160],
    [212, 166, 133],
    [188, 138, 104],
    [152, 105, 74],
    [110, 74, 53],
    [72, 49, 38],
];

/// Hair that grows, sRGB, the common ones twice.
const HAIR_COLORS: [[u8; 3]; 12] = [
    [22, 18, 17],
    [28, 22, 20],
    [40, 29, 24],
    [40, 29, 24],
    [62, 43, 32],
    [62, 43, 32],
    [88, 60, 40],
    [120, 88, 56],
    [168, 132, 84],
    [205, 172, 120],
    [112, 52, 28],
    [150, 148, 146],
];

/// Hair that is dyed, sRGB.
const DYES: [[u8; 3]; 4] = [[190, 60, 90], [60, 110, 180], [110, 60, 150], [60, 150, 110]];

/// Irises, sRGB.
const IRISES: [[u8; 3]; 7] =
    [[58, 36, 22], [72, 45, 27], [88, 58, 34], [50, 32, 22], [92, 104, 70], [86, 116, 146], [110, 124, 132]];

/// Share of people with glasses, and of those with dark frames.
const GLASSES: f32 = 0.36;
const DARK_FRAMES: f32 = 0.6;
/// Height of hair under a hat at most, in centimeters.
const HAIR_UNDER_HAT: f32 = 0.4;
/// Share of people with a hat.
const HATS: f32 = 0.1;
/// Largest coefficient of a mode of identity: beyond it heads look ill.
const MOST_UNUSUAL: f32 = 2.4;

impl Person {
    /// Somebody with a head of `kit`.
    pub(crate) fn drawn(kit: &Kit, draw: &mut Draw) -> Self {
        let identity = (0..kit.modes()).map(|_| draw.normal(0.0, 1.1).clamp(-MOST_UNUSUAL, MOST_UNUSUAL)).collect();
        let eye_size = draw.between(1.0, 1.36);
        let is_bearded_kind = draw.chance(0.5);
        let age = draw.unit().powf(1.6);
        let darkness = draw.unit().powf(1.6);
        let tone = saturated(tinted(ramp(&SKIN_TONES, darkness), 0.06, draw), 1.28);
        let hair_color = hair_color(age, darkness, draw);
        let hat = draw.chance(HATS).then(|| hat(draw));
        let hair = hair(hair_color, is_bearded_kind, age, hat.is_some(), draw);
        let skin = skin(tone, darkness, hair_color, &hair, is_bearded_kind, draw);
        Self {
            identity,
            eye_size,
            age,
            skin,
            eyes: eyes(darkness, draw),
            hair,
            hat,
            glasses: draw.chance(GLASSES).then(|| glasses(draw)),
            hand: None,
            shirt: shirt(draw),
            teeth: linear([236, 228, 212]) * draw.between(0.85, 1.15),
            gums: linear([176, 92, 92]) * draw.between(0.6, 1.0) * mix(1.0, 0.7, darkness),
            tongue: tinted(linear([224, 124, 126]), 0.1, draw) * draw.between(0.8, 1.25),
        }
    }

    /// The same with glasses.
    pub(super) fn with_glasses(mut self, draw: &mut Draw) -> Self {
        self.glasses = Some(glasses(draw));
        self
    }

    /// The same with sunglasses.
    pub(super) fn with_sunglasses(mut self, draw: &mut Draw) -> Self {
        self.glasses = Some(GlassesLook { lenses: Some(linear(draw.color()) * draw.unit().powi(2) * 0.1), ..glasses(draw) });
        self
    }

    /// The same with a hat; hair does not stand up through it.
    pub(super) fn with_hat(mut self, draw: &mut Draw) -> Self {
        self.hat = Some(hat(draw));
        self.hair.thickness = self.hair.thickness.min(HAIR_UNDER_HAT);
        self
    }

    /// The same with a hand at the chin.
    pub(super) fn with_hand(mut self, draw: &mut Draw) -> Self {
        self.hand = Some(HandLook {
            color: self.skin.tone,
            aside: draw.signed(2.5),
            up: draw.between(-1.0, 1.5),
            tilt: draw.signed(0.6),
        });
        self
    }
}

/// A color of `colors` at `share` (0..=1) of the way, in linear light.
fn ramp(colors: &[[u8; 3]], share: f32) -> Vec3 {
    let at = share.clamp(0.0, 1.0) * (colors.len() - 1) as f32;
    let index = (at as usize).min(colors.len() - 2);
    linear(colors[index]).lerp(linear(colors[index + 1]), at - index as f32)
}

/// `color` with each channel up to `strength` more or less.
fn tinted(color: Vec3, strength: f32, draw: &mut Draw) -> Vec3 {
    color * Vec3::from([(); 3].map(|()| draw.factor(strength)))
}

/// `color` with its distance from grey multiplied.
fn saturated(color: Vec3, factor: f32) -> Vec3 {
    let grey = Vec3::splat(color.dot(LUMINANCE));
    (grey + (color - grey) * factor).max(Vec3::splat(0.005))
}

fn one_of<T: Copy>(list: &[T], draw: &mut Draw) -> T {
    list[draw.below(list.len() as u32) as usize]
}

/// Any color of cloth: often grey, black or white, else anything.
fn cloth_color(draw: &mut Draw) -> Vec3 {
    let grey = draw.below(256) as u8;
    let color = draw.color();
    if draw.chance(0.45) { linear([grey; 3]) * 0.8 } else { linear(color) * 0.8 }
}

fn hair_color(age: f32, darkness: f32, draw: &mut Draw) -> Vec3 {
    let natural = linear(one_of(&HAIR_COLORS, draw));
    // Dark skin mostly comes with dark hair.
    let natural = if draw.chance(darkness * 1.2) { linear(HAIR_COLORS[draw.below(4) as usize]) } else { natural };
    let grey = linear([178, 176, 172]);
    let greyed = natural.lerp(grey, ((age - 0.55) * 2.0 * draw.unit()).clamp(0.0, 0.9));
    let dye = linear(one_of(&DYES, draw));
    if draw.chance(0.04) { dye } else { tinted(greyed, 0.1, draw) }
}

fn hair(color: Vec3, short: bool, age: f32, under_hat: bool, draw: &mut Draw) -> HairLook {
    let bald = short && draw.chance(0.08 + 0.25 * age);
    let long = draw.chance(if short { 0.07 } else { 0.7 });
    let thickness = if bald {
        0.0
    } else if under_hat {
        draw.between(0.2, HAIR_UNDER_HAT)
    } else {
        draw.between(0.3, if short { 1.5 } else { 1.9 })
    };
    let receding = if short { draw.between(0.0, 2.2 * age) } else { 0.0 };
    let fringe = if draw.chance(if short { 0.25 } else { 0.35 }) { draw.between(0.6, 2.9) } else { draw.between(-0.4, 0.4) };
    let curtain = (long && !bald).then(|| (draw.between(0.0, 13.0), draw.between(0.95, 1.35)));
    let curls = if draw.chance(0.35) { draw.between(0.3, 0.9) } else { draw.between(0.0, 0.3) };
    HairLook { color, thickness, back: receding, fringe: fringe.max(-receding), curls, curtain, seed: draw.between(0.0, 90.0) }
}

fn skin(tone: Vec3, darkness: f32, hair_color: Vec3, hair: &HairLook, bearded_kind: bool, draw: &mut Draw) -> SkinLook {
    let made_up = !bearded_kind && draw.chance(0.45);
    let natural_lips = tone * Vec3::new(0.8, 0.45, 0.44);
    let lipstick =
        linear(one_of(&[[168, 40, 52], [190, 84, 92], [120, 36, 50], [200, 110, 110]], draw)) * mix(1.0, 0.7, darkness);
    let lips = if made_up { natural_lips.lerp(lipstick, draw.between(0.2, 0.9)) } else { tinted(natural_lips, 0.08, draw) };
    let lid_color = linear(one_of(&[[90, 62, 54], [60, 60, 78], [120, 74, 70], [40, 34, 34]], draw));
    let brow_color = hair_color.lerp(linear([40, 30, 26]), draw.between(0.2, 0.8)).min(Vec3::splat(0.16)) * 0.7;
    let brow = Brow {
        color: brow_color,
        density: draw.between(0.7, 1.0),
        thickness: if bearded_kind { draw.between(0.36, 0.72) } else { draw.between(0.28, 0.58) },
        height: draw.normal(-0.12, 0.26).clamp(-0.6, 0.5),
        arch: draw.between(0.2, 1.4),
        slant: draw.normal(0.0, 0.28).clamp(-0.6, 0.6),
    };
    let cropped = hair.thickness == 0.0 && draw.chance(0.5);
    let scalp_strength = if cropped {
        draw.between(0.2, 0.7)
    } else if hair.thickness > 0.0 {
        0.85
    } else {
        0.0
    };
    SkinLook {
        tone,
        blotches: draw.unit(),
        blush: draw.unit().powi(2) * mix(1.0, 0.4, darkness),
        shine: draw.between(0.05, 0.45),
        lips,
        brow,
        beard: beard(hair_color, bearded_kind, draw),
        lashes: if made_up { draw.between(0.6, 1.0) } else { draw.between(0.15, 0.75) },
        lid_paint: (lid_color, if made_up { draw.between(0.0, 0.7) } else { 0.0 }),
        scalp: (hair_color, scalp_strength, hair.back),
        seed: Vec3::from([(); 3].map(|()| draw.between(-50.0, 50.0))),
    }
}

/// Five kinds of beards, stubble, or none.
fn beard(hair_color: Vec3, grows: bool, draw: &mut Draw) -> BeardLook {
    let color = hair_color.lerp(linear([60, 40, 30]), draw.between(0.0, 0.4));
    let none = BeardLook { color, moustache: 0.0, chin: 0.0, jaw: 0.0, strap: 0.0, stubble: 0.0 };
    let (kind, full, stubble) = (draw.below(26), draw.between(0.6, 1.0), draw.unit());
    if !grows {
        return none;
    }
    match kind {
        // Full beard, goatee with moustache, moustache, chin beard, strap along the jaw.
        0..=1 => BeardLook { moustache: full, chin: full, jaw: full, stubble: 0.5, ..none },
        2..=3 => BeardLook { moustache: full, chin: full, stubble: stubble * 0.4, ..none },
        4 => BeardLook { moustache: full, stubble: stubble * 0.3, ..none },
        5 => BeardLook { chin: full, stubble: stubble * 0.4, ..none },
        6 => BeardLook { strap: full, chin: full * 0.6, stubble: stubble * 0.3, ..none },
        _ => BeardLook { stubble: stubble.powi(2) * 0.9, ..none },
    }
}

fn eyes(darkness: f32, draw: &mut Draw) -> EyeLook {
    let brown = draw.chance(0.35 + darkness);
    let color = linear(if brown { IRISES[draw.below(4) as usize] } else { one_of(&IRISES, draw) });
    EyeLook {
        iris: tinted(color, 0.15, draw) * 0.8,
        sclera: tinted(linear([214, 204, 196]), 0.04, draw) * draw.between(0.42, 0.85),
        pupil: draw.between(0.16, 0.26),
    }
}

fn glasses(draw: &mut Draw) -> GlassesLook {
    let dark = Vec3::splat(0.01) + linear(draw.color()) * 0.03;
    let metal = linear(one_of(&[[150, 140, 120], [120, 120, 125], [170, 130, 70], [90, 90, 95]], draw));
    let colored = linear(draw.color()) * 0.5;
    let is_dark = draw.chance(DARK_FRAMES);
    let color = if is_dark {
        dark
    } else if draw.chance(0.65) {
        metal
    } else {
        colored
    };
    let thickness = if is_dark { draw.between(0.09, 0.3) } else { draw.between(0.06, 0.16) };
    let half_width = draw.between(2.1, 2.75);
    GlassesLook {
        color,
        half_width,
        half_height: half_width * draw.between(0.6, 0.95),
        thickness,
        squareness: draw.between(2.0, 4.5),
        slid: draw.between(-0.1, 0.7),
        full_rim: draw.chance(0.85),
        lenses: None,
    }
}

fn hat(draw: &mut Draw) -> HatLook {
    HatLook {
        kind: one_of(&[HatKind::Knitted, HatKind::Peaked, HatKind::Brimmed], draw),
        color: cloth_color(draw),
        other: cloth_color(draw),
        low: draw.between(-0.6, 1.0),
        stripes: if draw.chance(0.25) { draw.between(1.0, 4.0) } else { 0.0 },
    }
}

fn shirt(draw: &mut Draw) -> ShirtLook {
    ShirtLook {
        color: cloth_color(draw),
        other: cloth_color(draw),
        stripes: if draw.chance(0.2) { draw.between(3.0, 9.0) } else { 0.0 },
        collar: if draw.chance(0.25) { draw.between(1.0, 3.5) } else { draw.between(-0.8, 0.8) },
    }
}
