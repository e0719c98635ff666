//! What surfaces are made of: a place on a surface in, its color and gloss out.

use glam::Vec3;

use super::{
    curves::{mix, smoothstep},
    noise::{noise, rough_noise},
    skin::Skin,
};

/// What a surface is made of. Colors are linear light, 0..=1.
pub(super) enum Material<'a> {
    /// Skin with all that is painted on it; coordinates are places at rest.
    Skin(&'a Skin<'a>),
    /// One color, dull or glossy.
    Plain { color: Vec3, gloss: f32 },
    /// Hair; coordinates are places at rest, or (along, across, 0) of strands on a sheet.
    Hair { color: Vec3, direction: Vec3, seed: f32 },
    /// An eye; coordinates are directions from its middle, z along its gaze.
    Eye { iris: Vec3, sclera: Vec3, pupil: f32 },
    /// Teeth, which get darker towards the back of the mouth (z at rest).
    Teeth { color: Vec3 },
    /// Gums, lining of the mouth and the tongue at rest, dark towards the throat.
    Flesh { color: Vec3 },
    /// The tongue put out; coordinates are (along, around, 0).
    Tongue { color: Vec3 },
    /// Cloth with a pattern of a second color; coordinates are (down, around, 0).
    Cloth { color: Vec3, other: Vec3, stripes: f32 },
}

/// How a place on a surface answers light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Paint {
    /// Share of the light thrown back evenly, by channel.
    pub albedo: Vec3,
    /// Strength of the highlight, 0..=1.
    pub gloss: f32,
    /// Exponent of the highlight: 10 is broad, 100 is a spark.
    pub sharpness: f32,
    /// How far light reaches round into the shade, by channel: what makes skin look soft.
    pub wrap: Vec3,
}

impl Paint {
    fn dull(albedo: Vec3) -> Self {
        Self { albedo, gloss: 0.0, sharpness: 10.0, wrap: Vec3::ZERO }
    }
}

impl Material<'_> {
    /// One dull color.
    #[cfg(test)]
    pub(super) fn plain(color: [f32; 3]) -> Self {
        Self::Plain { color: Vec3::from(color), gloss: 0.0 }
    }

    /// What is at the place with these coordinates; `corners` and `weights` say where in which triangle of the skin it lies.
    pub(super) fn paint(&self, coords: Vec3, corners: [u32; 3], weights: [f32; 3]) -> Paint {
        match self {
            Self::Skin(skin) => skin.paint(coords, corners, weights),
            Self::Plain { color, gloss } => Paint { gloss: *gloss, sharpness: 40.0, ..Paint::dull(*color) },
            Self::Hair { color, direction, seed } => hair(*color, *direction, *seed, coords),
            Self::Eye { iris, sclera, pupil } => eye(*iris, *sclera, *pupil, coords),
            Self::Teeth { color } => {
                // The back ones lie in the shade of cheeks and lips.
                let depth = smoothstep(4.5, 9.5, coords.z) * mix(0.3, 1.0, smoothstep(2.5, 1.2, coords.x.abs()));
                Paint { gloss: 0.25, sharpness: 40.0, ..Paint::dull(*color * mix(0.2, 1.0, depth)) }
            }
            Self::Flesh { color } => {
                // Light hardly comes in: an open mouth is a dark hole, or it would be taken for a tongue.
                let depth = smoothstep(6.5, 11.0, coords.z);
                Paint { gloss: 0.1 * depth, sharpness: 30.0, ..Paint::dull(*color * mix(0.03, 0.85, depth * depth)) }
            }
            Self::Tongue { color } => tongue(*color, coords),
            Self::Cloth { color, other, stripes } => {
                let wave = (coords.x * stripes * 6.0).sin();
                Paint::dull(if *stripes > 0.0 && wave > 0.2 { *other } else { *color })
            }
        }
    }
}

/// Strands: streaks of light and dark along `direction`.
fn hair(color: Vec3, direction: Vec3, seed: f32, coords: Vec3) -> Paint {
    // Stretched along the strands, so that streaks are long and thin.
    let along = coords.dot(direction);
    let streak = noise((coords - direction * (0.87 * along)) * 4.2 + Vec3::splat(seed));
    let shade = (1.0 + 0.5 * streak).max(0.3);
    Paint { albedo: color * shade, gloss: 0.16 * shade, sharpness: 18.0, wrap: Vec3::splat(0.15) }
}

/// Pupil, iris with a dark rim, and the white, which is grey at its edge.
fn eye(iris: Vec3, sclera: Vec3, pupil: f32, direction: Vec3) -> Paint {
    /// Angle of the iris' rim seen from the middle of the eye, in radians: 5.9 mm at a radius of 12 mm.
    const RIM: f32 = 0.52;
    let angle = direction.z.clamp(-1.0, 1.0).acos();
    let rays = 1.0 + 0.25 * noise(Vec3::new(direction.x * 14.0, direction.y * 14.0, 3.0));
    let in_iris = iris * rays * mix(1.25, 0.55, smoothstep(0.3, 1.0, angle / RIM));
    let white = sclera * mix(1.0, 0.5, smoothstep(0.65, 1.2, angle));
    let color = white.lerp(in_iris, smoothstep(RIM + 0.05, RIM - 0.04, angle));
    let color = color.lerp(Vec3::splat(0.008), smoothstep(pupil + 0.04, pupil - 0.03, angle));
    // The upper lid and its lashes keep the light off.
    let shade = mix(1.0, 0.45, smoothstep(0.05, 0.45, direction.y));
    Paint { albedo: color * shade, gloss: 0.5, sharpness: 180.0, wrap: Vec3::splat(0.2) }
}

/// Wet and rough, with a furrow down the middle.
fn tongue(color: Vec3, coords: Vec3) -> Paint {
    let (along, around) = (coords.x, coords.y);
    // The upper side lies round 0.25 of a turn.
    let furrow = smoothstep(0.055, 0.0, (around - 0.25).abs()) * smoothstep(1.0, 0.6, along);
    let rough = 1.0 + 0.12 * rough_noise(Vec3::new(along * 14.0, around * 16.0, 0.0));
    let root = mix(0.35, 1.0, smoothstep(0.05, 0.4, along));
    Paint { albedo: color * rough * (1.0 - 0.35 * furrow) * root, gloss: 0.22, sharpness: 25.0, wrap: Vec3::new(0.3, 0.1, 0.1) }
}
