//! What is hard for a detector, one thing a picture.

use smielfy_vision::BoundingBox;

use super::{
    Synth,
    camera::{Camera, Placement},
    develop::{develop, gain},
    person::Person,
    picture::{Stream, attitude, skin_brightness},
    render::render,
    scene::Actor,
    scenes::Scene,
    surroundings::{background, lighting},
};
use crate::{augment::photograph, draw::Draw};

/// Sides of the faces where it is not the size that is hard, in shares of the picture's height.
const USUAL_SIDES: (f32, f32) = (0.15, 0.5);
/// Sides of faces that fill the picture, in shares of its height.
const CLOSE_SIDES: (f32, f32) = (0.75, 1.0);
/// Sides of faces far away, in pixels: from the smallest that the detector looks for.
const SMALL_SIDES_PX: (f32, f32) = (24.0, 36.0);
/// Tilts of heads, in degrees, either way.
const TILTS: [u32; 3] = [15, 30, 45];
/// Brightness of faces in the dark and in glaring light, relative to what a camera chooses.
const DARK: (f32, f32) = (0.06, 0.2);
const GLARING: (f32, f32) = (2.5, 4.5);

/// What is hard about a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// The smiley that the face shows.
    Smiley(String),
    /// The head is tilted by as many degrees.
    Tilt(u32),
    /// The face fills the picture.
    CloseUp,
    /// The face is far away.
    Small,
    Glasses,
    Hat,
    /// A hand at the chin.
    Hand,
    Dark,
    Glaring,
}

impl Condition {
    /// Its name in the manifest.
    fn name(&self) -> String {
        match self {
            Self::Smiley(id) => id.clone(),
            Self::Tilt(degrees) => format!("tilt-{degrees}"),
            Self::CloseUp => "close-up".into(),
            Self::Small => "small".into(),
            Self::Glasses => "glasses".into(),
            Self::Hat => "hat".into(),
            Self::Hand => "hand".into(),
            Self::Dark => "dark".into(),
            Self::Glaring => "glaring".into(),
        }
    }

    /// A side for the face in a picture of this height, in pixels.
    fn side(&self, height: u32, draw: &mut Draw) -> f32 {
        let (low, high) = match self {
            Self::CloseUp => CLOSE_SIDES,
            Self::Small => (SMALL_SIDES_PX.0 / height as f32, SMALL_SIDES_PX.1 / height as f32),
            _ => USUAL_SIDES,
        };
        low * (high / low).powf(draw.unit()) * height as f32
    }

    /// The brightness of the face, relative to what a camera chooses.
    fn brightness(&self, draw: &mut Draw) -> f32 {
        match self {
            Self::Dark => draw.between(DARK.0, DARK.1),
            Self::Glaring => draw.between(GLARING.0, GLARING.1),
            _ => 1.0,
        }
    }
}

impl Synth {
    /// All conditions: the smileys are those of `only`, or all.
    pub(super) fn conditions(&self, only: &[String]) -> Vec<Condition> {
        let smileys: Vec<String> = if only.is_empty() { self.poses.ids().map(str::to_owned).collect() } else { only.to_vec() };
        let others = [
            Condition::CloseUp,
            Condition::Small,
            Condition::Glasses,
            Condition::Hat,
            Condition::Hand,
            Condition::Dark,
            Condition::Glaring,
        ];
        smileys.into_iter().map(Condition::Smiley).chain(TILTS.map(Condition::Tilt)).chain(others).collect()
    }

    /// The picture number `seed` under a condition.
    pub(super) fn stressed(&self, seed: u64, condition: &Condition) -> Scene {
        let (width, height) = self.params.frame_px;
        let draw = |stream: Stream| Draw::new(seed, stream as u64);
        let smiley = match condition {
            Condition::Smiley(id) => id.clone(),
            _ => self.smiley(&mut draw(Stream::Smiley)),
        };
        let expression = self.poses.draw(&smiley, &mut draw(Stream::Pose)).expect("poses were checked");
        let mut looks = draw(Stream::Person);
        let person = Person::drawn(&self.kit, &mut looks);
        let person = match condition {
            Condition::Glasses => person.with_glasses(&mut looks),
            Condition::Hat => person.with_hat(&mut looks),
            Condition::Hand => person.with_hand(&mut looks),
            _ => person,
        };
        let actor = Actor::new(&self.kit, &self.anatomy, &person, &expression);
        let mut placing = draw(Stream::Placement);
        let camera = Camera::ordinary(width, height, &mut placing);
        let (placement, square) = place(&actor, &camera, (width, height), condition, &mut placing);
        let exposure = render(&actor.bodies(&placement), &camera, &lighting(&mut draw(Stream::Light)), width, height);
        let behind = background(&self.backgrounds, width, height, &mut draw(Stream::Background));
        let mut exposing = draw(Stream::Exposure);
        let skin = skin_brightness(person.skin.tone, &mut exposing) * condition.brightness(&mut exposing);
        let image = photograph(develop(&exposure, behind, gain(&exposure, skin)), &self.params.camera, seed);
        Scene { image, faces: vec![square], source: condition.name() }
    }
}

/// A place in the picture for a face, whole as far as its size lets it.
fn place(
    actor: &Actor<'_>,
    camera: &Camera,
    (width, height): (u32, u32),
    condition: &Condition,
    draw: &mut Draw,
) -> (Placement, BoundingBox) {
    let side = condition.side(height, draw);
    let mut attitude = attitude(draw);
    if let Condition::Tilt(degrees) = condition {
        attitude.roll = (*degrees as f32).to_radians() * if draw.chance(0.5) { 1.0 } else { -1.0 };
    }
    let room = |length: u32| (length as f32 - side).max(0.0);
    let mut along = |length: u32| f32::midpoint(length as f32, draw.signed(0.9) * room(length));
    let middle = (along(width), along(height));
    let placement = Placement::seen(camera, side, middle, attitude);
    // Heads that are bent or turned are seen beside where they were put: once more, by as much beside.
    let (x, y) = actor.face_square(&placement, camera).center();
    let placement = Placement::seen(camera, side, (2.0 * middle.0 - x, 2.0 * middle.1 - y), attitude);
    (placement, actor.face_square(&placement, camera))
}
