//! One picture of one face: a seed in, the picture and the truth about it out.

use glam::Vec3;
use smielfy_vision::{BoundingBox, RgbImage};

use super::{
    Synth,
    camera::{Attitude, Camera, Placement},
    develop::{develop, gain},
    person::Person,
    render::{LUMINANCE, render},
    scene::Actor,
    shapes::Expression,
    surroundings::{background, lighting},
};
use crate::{augment::photograph, draw::Draw};

/// A rendered face.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The picture.
    pub image: RgbImage,
    /// What made it.
    pub seed: u64,
    /// Id of the pose, or [`NONE`](crate::smileys::NONE).
    pub smiley: String,
    /// Coefficients of the kit's modes of identity, in standard deviations.
    pub identity: Vec<f32>,
    /// Weights of the blendshapes.
    pub expression: Expression,
    /// The true face square, in pixels.
    pub face: BoundingBox,
    /// The 68 landmarks (iBUG 300-W markup), in pixels.
    pub landmarks: [[f32; 2]; 68],
}

/// What is drawn for a picture or a clip, each with a random stream of its own.
#[derive(Clone, Copy)]
pub(super) enum Stream {
    Smiley,
    Pose,
    Person,
    Placement,
    Light,
    Background,
    Exposure,
    CutOut,
}

impl Synth {
    /// The picture number `seed`: any smiley equally often, or none with the share of the parameters.
    pub fn picture(&self, seed: u64) -> Picture {
        let smiley = self.smiley(&mut Draw::new(seed, Stream::Smiley as u64));
        self.picture_of(&smiley, seed).expect("the list knows its own smileys")
    }

    /// The picture number `seed` of a smiley, or of [`NONE`](crate::smileys::NONE); `None` if there is no pose for it.
    pub fn picture_of(&self, smiley: &str, seed: u64) -> Option<Picture> {
        let draw = |stream: Stream| Draw::new(seed, stream as u64);
        let expression = self.poses.draw(smiley, &mut draw(Stream::Pose))?;
        let person = Person::drawn(&self.kit, &mut draw(Stream::Person));
        let actor = Actor::new(&self.kit, &self.anatomy, &person, &expression);
        let mut placing = draw(Stream::Placement);
        let placement = placement(&mut placing);
        let (camera, face) = self.framed(&actor, &placement, &mut placing);
        let (size, bodies) = (self.params.size_px, actor.bodies(&placement));
        let exposure = render(&bodies, &camera, &lighting(&mut draw(Stream::Light)), size, size);
        let behind = background(&self.backgrounds, size, size, &mut draw(Stream::Background));
        let skin = skin_brightness(person.skin.tone, &mut draw(Stream::Exposure));
        let mut image = photograph(develop(&exposure, behind, gain(&exposure, skin)), &self.params.camera, seed);
        if draw(Stream::CutOut).chance(self.params.cut_out_share) {
            cut_out(&mut image, face);
        }
        let landmarks = actor.landmarks(&placement).map(|place| camera.project(place).into());
        let identity = person.identity.clone();
        Some(Picture { image, seed, smiley: smiley.to_owned(), identity, expression, face, landmarks })
    }

    /// The camera that shows a face with the wanted space round it, a little off the middle, and the face square.
    fn framed(&self, actor: &Actor<'_>, placement: &Placement, draw: &mut Draw) -> (Camera, BoundingBox) {
        let size = self.params.size_px as f32;
        let looking = Camera { focal_px: 100.0, center: (0.0, 0.0) };
        let seen = actor.face_square(placement, &looking);
        let side = size / (self.params.context * draw.factor(0.08));
        // Off the middle by a part of the room that is left.
        let room = (size - side) / 2.0;
        let (dx, dy) = (draw.signed(0.15) * room, draw.signed(0.15) * room);
        let scale = side / seen.side;
        let ((x, y), middle) = (seen.center(), size / 2.0);
        let center = (middle + dx - x * scale, middle + dy - y * scale);
        (Camera { focal_px: looking.focal_px * scale, center }, BoundingBox::centered(middle + dx, middle + dy, side))
    }
}

/// Blackens all but an oval round the face.
fn cut_out(image: &mut RgbImage, face: BoundingBox) {
    /// Half the width and height of the oval, in sides of the face square.
    const OVAL: (f32, f32) = (0.43, 0.52);
    let (x, y) = face.center();
    for (column, row, pixel) in image.enumerate_pixels_mut() {
        let across = (column as f32 + 0.5 - x) / (OVAL.0 * face.side);
        let down = (row as f32 + 0.5 - y) / (OVAL.1 * face.side);
        if across * across + down.abs().powf(2.2) > 1.0 {
            pixel.0 = [0; 3];
        }
    }
}

/// How people hold their heads before cameras: mostly upright and facing them.
pub(super) fn attitude(draw: &mut Draw) -> Attitude {
    Attitude { yaw: angle(0.0, 11.0, 45.0, draw), pitch: angle(0.0, 6.0, 25.0, draw), roll: angle(0.0, 5.0, 25.0, draw) }
}

/// An angle in radians that is drawn about `mean` and at `most` either way of 0; these and the deviation are in degrees.
pub(super) fn angle(mean: f32, deviation: f32, most: f32, draw: &mut Draw) -> f32 {
    draw.normal(mean, deviation).clamp(-most, most).to_radians()
}

/// Somebody before a camera at about the height of the eyes.
fn placement(draw: &mut Draw) -> Placement {
    /// Eyes above the top of the neck, in centimeters.
    const EYES: f32 = 6.5;
    let (attitude, distance) = (attitude(draw), distance(draw));
    Placement { attitude, position: Vec3::new(0.0, draw.normal(0.0, 0.06) * distance - EYES, -distance) }
}

/// From an outstretched arm to across a table: 28 to 140 cm, evenly over the octaves.
fn distance(draw: &mut Draw) -> f32 {
    28.0 * 5f32.powf(draw.unit())
}

/// Brightness that skin of this tone gets in a picture, in linear light: cameras expose for it, but not fully.
pub(super) fn skin_brightness(tone: Vec3, draw: &mut Draw) -> f32 {
    /// Luminance of medium skin and its usual brightness in pictures.
    const MEDIUM: f32 = 0.35;
    const USUAL: f32 = 0.25;
    USUAL * (tone.dot(LUMINANCE) / MEDIUM).powf(0.6) * draw.normal(0.0, 0.25).clamp(-0.7, 0.7).exp()
}
