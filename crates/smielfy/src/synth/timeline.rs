//! What a face does over time: a list of smileys in, an expression and its name at any moment out.
//!
//! Before each smiley people talk a little; then they pull it and hold it. Between two expressions weights move smoothly.

use super::{Expression, Poses, camera::Attitude, curves::smoothstep, shapes::SHAPES};
use crate::{draw::Draw, smileys::NONE};

/// Seconds from one expression to the next: talking, and pulling a face.
const TALKING: f32 = 0.16;
const PULLING: f32 = 0.3;
/// Mouth shapes before each smiley.
const SYLLABLES: u32 = 3;
/// Seconds that a smiley is held.
const HELD: f32 = 1.5;
/// Share of the way from which a pulled face can be named.
const NAMED: f32 = 0.8;
/// Seconds between blinks, and from an open eye to a closed one.
const BLINKS: f32 = 3.1;
const BLINK: f32 = 0.09;

/// An expression that is held for a while.
struct Key {
    from: f32,
    to: f32,
    expression: Expression,
    smiley: String,
}

/// What somebody's face does.
pub(super) struct Timeline {
    keys: Vec<Key>,
    /// Phases of the head's sway and of blinking.
    phases: [f32; 4],
}

impl Timeline {
    /// Somebody who pulls these smileys, which the poses must know, one after the other from the second `start` on.
    pub(super) fn new(poses: &Poses, smileys: &[String], start: f32, draw: &mut Draw) -> Self {
        let mut keys = vec![];
        let mut now = start;
        for smiley in smileys {
            for _ in 0..SYLLABLES {
                if let Some(expression) = poses.talking(draw) {
                    keys.push(Key { from: now, to: now + 0.04, expression, smiley: NONE.to_owned() });
                    now += 0.04 + TALKING;
                }
            }
            let expression = poses.draw(smiley, draw).expect("poses were checked");
            now += PULLING - TALKING;
            keys.push(Key { from: now, to: now + HELD, expression, smiley: smiley.clone() });
            now += HELD + PULLING;
        }
        Self { keys, phases: [(); 4].map(|()| draw.between(0.0, 7.0)) }
    }

    /// When the last smiley ends, in seconds.
    pub(super) fn end(&self) -> f32 {
        self.keys.last().map_or(0.0, |key| key.to)
    }

    /// The expression at a moment, and the smiley that it shows, or [`NONE`] on the way between two.
    pub(super) fn at(&self, time: f32) -> (Expression, &str) {
        let next = self.keys.partition_point(|key| key.from <= time);
        let (Some(before), after) = (next.checked_sub(1).map(|index| &self.keys[index]), self.keys.get(next)) else {
            return (self.keys.first().map_or_else(Expression::default, |key| key.expression), NONE);
        };
        let (mut expression, smiley) = match after {
            Some(after) if time > before.to => {
                let share = smoothstep(before.to, after.from, time);
                let named = if share < 1.0 - NAMED {
                    &before.smiley
                } else if share > NAMED {
                    &after.smiley
                } else {
                    NONE
                };
                (before.expression.towards(&after.expression, share), named)
            }
            _ => (before.expression, before.smiley.as_str()),
        };
        self.blink(time, smiley, &mut expression);
        (expression, smiley)
    }

    /// Closes the eyes for a moment now and then, while no smiley is held that a blink would change.
    fn blink(&self, time: f32, smiley: &str, expression: &mut Expression) {
        if smiley != NONE {
            return;
        }
        let since = (time + self.phases[3]).rem_euclid(BLINKS);
        let closed = 1.0 - ((since - BLINK) / BLINK).abs().min(1.0);
        for (name, weight) in SHAPES.iter().zip(&mut expression.weights) {
            if name.starts_with("eyeBlink") {
                *weight = weight.max(closed);
            }
        }
    }

    /// How the head sways at a moment, round `middle`.
    pub(super) fn attitude(&self, middle: Attitude, time: f32) -> Attitude {
        let [yaw, pitch, roll, _] = self.phases;
        let sway = |phase: f32, speed: f32, degrees: f32| (time * speed + phase).sin() * degrees.to_radians();
        Attitude {
            yaw: middle.yaw + sway(yaw, 0.9, 7.0) + sway(roll, 2.1, 2.0),
            pitch: middle.pitch + sway(pitch, 1.3, 3.5),
            roll: middle.roll + sway(roll, 0.7, 4.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline() -> Timeline {
        let smileys = ["wink", "tongue"].map(String::from);
        Timeline::new(&Poses::default(), &smileys, 1.0, &mut Draw::new(3, 0))
    }

    #[test]
    fn smileys_are_held_in_turn() {
        let timeline = timeline();
        let moments = (0..(timeline.end() * 25.0) as usize).map(|frame| frame as f32 / 25.0);
        let mut seen: Vec<&str> = moments.map(|time| timeline.at(time).1).collect();
        let held = seen.iter().filter(|smiley| **smiley == "wink").count();
        assert!((36..50).contains(&held), "{held} frames of 1.5 s and the end of the way there");
        seen.dedup();
        assert_eq!(seen, [NONE, "wink", NONE, "tongue"]);
    }

    #[test]
    fn faces_move_smoothly() {
        let timeline = timeline();
        for frame in 0..600 {
            let (before, after) = (timeline.at(frame as f32 / 100.0).0, timeline.at((frame + 1) as f32 / 100.0).0);
            let jump = before.weights.iter().zip(after.weights).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(jump < 0.25, "{jump} at {frame}");
        }
    }
}
