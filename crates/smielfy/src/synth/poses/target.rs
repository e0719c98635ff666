//! What a name in a table moves: one shape, both of a pair, or whichever lies on the side that a layer is for.

use super::file::{Part, Side};
use crate::{
    draw::Draw,
    synth::shapes::{SHAPES, shape_index},
};

/// A number for each of [`SHAPES`].
pub(super) type PerShape = [f32; SHAPES.len()];

/// Names that stand for the one of two shapes that goes to the side of the layer.
const SIDEWAYS: [(&str, [&str; 2]); 2] = [("mouthSide", ["mouthLeft", "mouthRight"]), ("jawSide", ["jawLeft", "jawRight"])];

/// Shapes of which 1 is to the left and -1 to the right.
const SIGNED: [&str; 2] = ["gazeAside", "tongueAside"];

/// Which side of this picture's face is the near one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Near {
    Left,
    Right,
}

impl Near {
    /// One of the two, equally often.
    pub fn drawn(draw: &mut Draw) -> Self {
        if draw.chance(0.5) { Self::Left } else { Self::Right }
    }
}

/// What a name moves: places in [`SHAPES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A shape of its own.
    One(usize),
    /// A shape whose sign is its side.
    Signed(usize),
    /// The left and the right half of a movement.
    Pair([usize; 2]),
    /// Movements of the whole to the left and to the right.
    Sideways([usize; 2]),
}

impl Target {
    /// What the name `name` moves, if anything.
    pub fn of(name: &str) -> Option<Self> {
        let pair = |[left, right]: [&str; 2]| Some([shape_index(left)?, shape_index(right)?]);
        if let Some((_, shapes)) = SIDEWAYS.iter().find(|(sideways, _)| *sideways == name) {
            return pair(*shapes).map(Self::Sideways);
        }
        match shape_index(name) {
            Some(index) if SIGNED.contains(&name) => Some(Self::Signed(index)),
            Some(index) => Some(Self::One(index)),
            None => pair([&format!("{name}_L"), &format!("{name}_R")]).map(Self::Pair),
        }
    }

    /// All shapes that it can move.
    pub fn indices(self) -> Vec<usize> {
        match self {
            Self::One(index) | Self::Signed(index) => vec![index],
            Self::Pair(pair) | Self::Sideways(pair) => pair.to_vec(),
        }
    }

    /// Adds `value` on `side`, of a pair the share `tilt` more to the left half and less to the right one.
    pub fn add(self, value: f32, tilt: f32, side: Side, near: Near, weights: &mut PerShape) {
        let is_left = (side == Side::Near) == (near == Near::Left);
        match self {
            Self::Pair([left, right]) if side == Side::Both => {
                weights[left] += value * (1.0 + tilt);
                weights[right] += value * (1.0 - tilt);
            }
            Self::Pair([left, right]) | Self::Sideways([left, right]) => weights[if is_left { left } else { right }] += value,
            Self::Signed(index) if side != Side::Both && !is_left => weights[index] -= value,
            Self::One(index) | Self::Signed(index) => weights[index] += value,
        }
    }
}

/// The name that a table may use which is most like `name`.
pub(super) fn nearest(name: &str) -> &'static str {
    let sides = |shape: &'static str| shape.strip_suffix("_L").or_else(|| shape.strip_suffix("_R")).unwrap_or(shape);
    let names = SHAPES.into_iter().map(sides).chain(SIDEWAYS.map(|(sideways, _)| sideways));
    names.min_by_key(|known| distance(known, name)).expect("there are shapes")
}

/// How many letters must be put in, left out or exchanged to make `b` of `a` (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, of_a) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, of_b) in b.chars().enumerate() {
            let exchanged = diagonal + usize::from(of_a != of_b);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.chars().count()]
}

/// The part of the face that the shape at `index` belongs to.
pub(super) fn part(index: usize) -> Part {
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| SHAPES[index].starts_with(beginning));
    if begins(&["brow"]) {
        Part::Brows
    } else if begins(&["eye", "gaze", "Pupil", "cheekSquint", "cheekRaiser"]) {
        Part::Eyes
    } else {
        Part::Mouth
    }
}

/// Least and greatest weight of the shape at `index` that still looks like a face.
pub(super) fn limits(index: usize) -> (f32, f32) {
    match SHAPES[index].trim_end_matches("_L").trim_end_matches("_R") {
        // A direction: 1 is as far as eyes and tongues go.
        "gazeAside" | "gazeUp" | "tongueAside" => (-1.0, 1.0),
        // Brows rest lower in some faces than in the mean one.
        "browInnerUp" | "browOuterUp" => (-0.5, 2.2),
        // At 1 the lids touch; further, the upper one runs into the cheek.
        "eyeBlink" => (0.0, 1.03),
        _ => (0.0, 2.2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_move_shapes_on_their_side() {
        for (name, side, near, expected) in [
            ("jawOpen", Side::Near, Near::Right, "jawOpen 1.0"),
            ("eyeBlink_L", Side::Far, Near::Left, "eyeBlink_L 1.0"),
            ("eyeBlink", Side::Both, Near::Left, "eyeBlink_L 1.5 eyeBlink_R 0.5"),
            ("eyeBlink", Side::Near, Near::Left, "eyeBlink_L 1.0"),
            ("eyeBlink", Side::Near, Near::Right, "eyeBlink_R 1.0"),
            ("eyeBlink", Side::Far, Near::Right, "eyeBlink_L 1.0"),
            ("mouthSide", Side::Near, Near::Left, "mouthLeft 1.0"),
            ("mouthSide", Side::Far, Near::Left, "mouthRight 1.0"),
            ("jawSide", Side::Near, Near::Right, "jawRight 1.0"),
            ("gazeAside", Side::Both, Near::Right, "gazeAside 1.0"),
            ("gazeAside", Side::Near, Near::Left, "gazeAside 1.0"),
            ("gazeAside", Side::Near, Near::Right, "gazeAside -1.0"),
            ("gazeUp", Side::Near, Near::Right, "gazeUp 1.0"),
        ] {
            let mut weights = [0.0; SHAPES.len()];
            Target::of(name).unwrap().add(1.0, 0.5, side, near, &mut weights);
            let moved = SHAPES.iter().zip(weights).filter(|(_, weight)| *weight != 0.0);
            let moved: Vec<String> = moved.map(|(shape, weight)| format!("{shape} {weight:.1}")).collect();
            assert_eq!(moved.join(" "), expected, "{name} {side:?} {near:?}");
        }
        assert_eq!(Target::of("mouthsmile"), None);
    }

    #[test]
    fn misspelled_names_have_a_nearest_one() {
        for (name, expected) in
            [("mouthsmile", "mouthSmile"), ("eyeBlinkLeft", "eyeBlink"), ("toungeOut", "tongueOut"), ("moutSide", "mouthSide")]
        {
            assert_eq!(nearest(name), expected);
        }
    }

    #[test]
    fn shapes_belong_to_the_part_that_they_move() {
        for (name, expected) in [
            ("browAngry_L", Part::Brows),
            ("eyeBlink_R", Part::Eyes),
            ("gazeCross", Part::Eyes),
            ("cheekSquint_L", Part::Eyes),
            ("cheekBalloon_L", Part::Mouth),
            ("tongueOut", Part::Mouth),
            ("noseSneer_R", Part::Mouth),
        ] {
            assert_eq!(part(shape_index(name).unwrap()), expected, "{name}");
        }
    }
}
