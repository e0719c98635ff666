//! Crowds: pictures of several people.

use glam::Vec3;
use smielfy_vision::BoundingBox;

use super::{
    Expression, Synth,
    camera::{Attitude, Camera, Placement},
    develop::{develop, gain},
    folder::SOURCE,
    person::Person,
    picture::{Stream, angle, attitude, skin_brightness},
    render::render,
    scene::Actor,
    scenes::Scene,
    surroundings::{background, lighting},
};
use crate::{
    augment::{photograph, sample_seed},
    draw::Draw,
};

/// Share of scenes without anybody.
const EMPTY: f32 = 0.1;
/// Most people in a scene.
const MOST: u32 = 7;
/// Smallest face, in pixels: that of the detector.
const SMALLEST_PX: f32 = 24.0;
/// Places that are tried for somebody before the scene goes on without.
const ATTEMPTS: usize = 12;
/// How much larger than its square a head with hair and hat may be; squares of others stay out of it.
const HEAD: f32 = 1.6;
/// Width of shoulders in sides of the face square above them, and how far below it their middle lies, in widths of them.
const SHOULDERS: (f32, f32) = (2.5, 0.78);
/// Share of a face that the shoulders of others may hide.
const MOST_HIDDEN: f32 = 0.4;
/// Share of people who look elsewhere than into the camera.
const LOOK_AWAY: f32 = 0.5;
/// Shares of people with a hat, with sunglasses and with a hand at the chin, beside those who have a hat anyway.
const HATS: f32 = 0.3;
const SUNGLASSES: f32 = 0.2;
const HANDS: f32 = 0.08;

impl Synth {
    /// The crowd number `seed`: up to seven people, in poses of `only` where it is not empty.
    pub(super) fn crowd(&self, seed: u64, only: &[String]) -> Scene {
        let (width, height) = self.params.frame_px;
        let mut draw = Draw::new(seed, Stream::Placement as u64);
        let camera = Camera::ordinary(width, height, &mut draw);
        let count = if draw.chance(EMPTY) { 0 } else { 1 + draw.below(MOST) };
        let person = |number: u32| self.passer_by(&mut Draw::new(sample_seed(seed, 1, number.into()), 0));
        let people: Vec<Person> = (0..count).map(person).collect();
        let mut placed: Vec<(Actor<'_>, Placement, BoundingBox)> = vec![];
        for person in &people {
            let expression = self.expression(only, &mut draw);
            let actor = Actor::new(&self.kit, &self.anatomy, person, &expression);
            if let Some((placement, square)) = place(&actor, &camera, (width, height), &placed, &mut draw) {
                placed.push((actor, placement, square));
            }
        }
        let bodies: Vec<_> = placed.iter().flat_map(|(actor, placement, _)| actor.bodies(placement)).collect();
        let exposure = render(&bodies, &camera, &lighting(&mut Draw::new(seed, Stream::Light as u64)), width, height);
        let behind = background(&self.backgrounds, width, height, &mut Draw::new(seed, Stream::Background as u64));
        let tone = people.first().map_or(Vec3::splat(0.3), |person| person.skin.tone);
        let skin = skin_brightness(tone, &mut Draw::new(seed, Stream::Exposure as u64));
        let image = photograph(develop(&exposure, behind, gain(&exposure, skin)), &self.params.camera, seed);
        Scene { image, faces: placed.iter().map(|(_, _, square)| *square).collect(), source: SOURCE.to_owned() }
    }

    /// Somebody as dressed as people are outside.
    fn passer_by(&self, draw: &mut Draw) -> Person {
        let mut person = Person::drawn(&self.kit, draw);
        if draw.chance(HATS) {
            person = person.with_hat(draw);
        }
        if draw.chance(SUNGLASSES) {
            person = person.with_sunglasses(draw);
        }
        if draw.chance(HANDS) {
            person = person.with_hand(draw);
        }
        person
    }

    fn expression(&self, only: &[String], draw: &mut Draw) -> Expression {
        let smiley = if only.is_empty() { self.smiley(draw) } else { only[draw.below(only.len() as u32) as usize].clone() };
        self.poses.draw(&smiley, draw).expect("poses were checked")
    }
}

/// A place for somebody whose face lies in the picture and covers nobody's, and the face square there.
fn place(
    actor: &Actor<'_>,
    camera: &Camera,
    (width, height): (u32, u32),
    others: &[(Actor<'_>, Placement, BoundingBox)],
    draw: &mut Draw,
) -> Option<(Placement, BoundingBox)> {
    for _ in 0..ATTEMPTS {
        let largest = 0.75 * height as f32;
        let side = SMALLEST_PX * (largest / SMALLEST_PX).powf(draw.unit());
        let middle = (draw.between(0.05, 0.95) * width as f32, draw.between(0.1, 0.8) * height as f32);
        let placement = Placement::seen(camera, side, middle, attitude_in_crowd(draw));
        let square = actor.face_square(&placement, camera);
        let inside = square.x > -0.1 * side
            && square.y > -0.1 * side
            && square.x + square.side < width as f32 + 0.1 * side
            && square.y + square.side < height as f32 + 0.1 * side;
        let is_apart = |(_, _, other): &(Actor<'_>, Placement, BoundingBox)| {
            square.jittered(HEAD, 0.0, 0.0).intersection(other) == 0.0
                && other.jittered(HEAD, 0.0, 0.0).intersection(&square) == 0.0
                && hidden(other, &square).max(hidden(&square, other)) <= MOST_HIDDEN
        };
        if inside && others.iter().all(is_apart) {
            return Some((placement, square));
        }
    }
    None
}

/// Share of the face `behind` that the shoulders below the face `front` hide; nothing where that is farther away.
fn hidden(front: &BoundingBox, behind: &BoundingBox) -> f32 {
    let shoulders = front.jittered(SHOULDERS.0, 0.0, SHOULDERS.1);
    if front.side > behind.side { shoulders.containment(behind) } else { 0.0 }
}

/// How people hold their heads who do not know of the camera: turned up to where half of the face is seen, and bent.
fn attitude_in_crowd(draw: &mut Draw) -> Attitude {
    if !draw.chance(LOOK_AWAY) {
        return attitude(draw);
    }
    Attitude { yaw: angle(0.0, 45.0, 85.0, draw), pitch: angle(8.0, 16.0, 45.0, draw), roll: angle(0.0, 10.0, 35.0, draw) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shoulders_hide_the_faces_behind_them() {
        let front = BoundingBox::centered(200.0, 100.0, 80.0);
        let cases = [
            ("beside", BoundingBox::centered(500.0, 200.0, 40.0), 0.0),
            ("above", BoundingBox::centered(200.0, 20.0, 40.0), 0.0),
            ("below the chin", BoundingBox::centered(200.0, 250.0, 40.0), 1.0),
            ("half beside the shoulder", BoundingBox::centered(300.0, 250.0, 40.0), 0.5),
            ("nearer", BoundingBox::centered(200.0, 250.0, 90.0), 0.0),
        ];
        for (place, behind, expected) in cases {
            let found = hidden(&front, &behind);
            assert!((found - expected).abs() < 0.01, "{place}: {found}");
        }
    }
}
