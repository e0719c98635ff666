//! The movements of a face: names of all blendshapes and a weight for each.
//!
//! The first [`KIT_SHAPES`] are those of the head kit (the `ARKit` set, split into left and right; left is the person's own),
//! the rest are the renderer's own. A weight of 1 is the shape as its maker made it; caricature goes up to 2.

use std::sync::LazyLock;

/// How many shapes come from the kit: the first ones of [`SHAPES`].
pub const KIT_SHAPES: usize = 57;

/// Names of all shapes. Those of the kit stand in the order of its file.
#[rustfmt::skip]
pub const SHAPES: [&str; 68] = [
    "PupilDilate_L",
    "PupilDilate_R",
    "browDown_L",
    "browDown_R",
    "browInnerUp_L",
    "browInnerUp_R",
    "browOuterUp_L",
    "browOuterUp_R",
    "cheekPuff_L",
    "cheekPuff_R",
    "cheekRaiser_L",
    "cheekRaiser_R",
    "cheekSquint_L",
    "cheekSquint_R",
    "eyeBlink_L",
    "eyeBlink_R",
    "eyeLookDown_L",
    "eyeLookDown_R",
    "eyeLookIn_L",
    "eyeLookIn_R",
    "eyeLookOut_L",
    "eyeLookOut_R",
    "eyeLookUp_L",
    "eyeLookUp_R",
    "eyeSquint_L",
    "eyeSquint_R",
    "eyeWide_L",
    "eyeWide_R",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimple_L",
    "mouthDimple_R",
    "mouthFrown_L",
    "mouthFrown_R",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDown_L",
    "mouthLowerDown_R",
    "mouthPress_L",
    "mouthPress_R",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmile_L",
    "mouthSmile_R",
    "mouthStretch_L",
    "mouthStretch_R",
    "mouthUpperUp_L",
    "mouthUpperUp_R",
    "noseSneer_L",
    "noseSneer_R",
    // Inner brows 8.5 mm down and 2.8 mm in: what `browDown` is too weak for.
    "browAngry_L",
    "browAngry_R",
    // Cheeks full of air, out to the sides; the kit's `cheekPuff` goes forward.
    "cheekBalloon_L",
    "cheekBalloon_R",
    // Lips drawn in until none of their red is seen.
    "lipsIn",
    // Tongue: how far out of the mouth (1: 4 cm), to the person's left (1) or right (-1), and tip up (1) or hanging (0).
    "tongueOut",
    "tongueAside",
    "tongueUp",
    // Gaze: to the person's left (1: 30 degrees) or right (-1), and up (1: 25 degrees) or down (-1); and cross-eyed (1).
    "gazeAside",
    "gazeUp",
    "gazeCross",
];

/// A weight for each of [`SHAPES`]; 0 leaves the face as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expression {
    /// Weights in the order of [`SHAPES`].
    pub weights: [f32; SHAPES.len()],
}

impl Default for Expression {
    fn default() -> Self {
        Self { weights: [0.0; SHAPES.len()] }
    }
}

/// Place of a shape in [`SHAPES`], if there is one of that name.
pub fn shape_index(name: &str) -> Option<usize> {
    SHAPES.iter().position(|shape| *shape == name)
}

impl Expression {
    /// Weight of the shape `name`.
    ///
    /// # Panics
    /// If there is no such shape.
    pub fn get(&self, name: &str) -> f32 {
        self.weights[shape_index(name).unwrap_or_else(|| panic!("there is no shape `{name}`"))]
    }

    /// The same movements of a mirrored face.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        Self { weights: MIRRORED.map(|(twin, factor)| factor * self.weights[twin]) }
    }

    /// The expression `share` (0..=1) of the way from this one to `other`.
    #[must_use]
    pub fn towards(&self, other: &Self, share: f32) -> Self {
        let blend = |index: usize| self.weights[index] + (other.weights[index] - self.weights[index]) * share;
        Self { weights: std::array::from_fn(blend) }
    }
}

/// For each shape the one that does the same to a mirrored face, and the factor of its weight.
static MIRRORED: LazyLock<[(usize, f32); SHAPES.len()]> = LazyLock::new(|| {
    SHAPES.map(|name| {
        let twin = match name {
            "jawLeft" => "jawRight".to_owned(),
            "jawRight" => "jawLeft".to_owned(),
            "mouthLeft" => "mouthRight".to_owned(),
            "mouthRight" => "mouthLeft".to_owned(),
            _ if name.ends_with("_L") => name.replace("_L", "_R"),
            _ => name.replace("_R", "_L"),
        };
        let factor = if ["gazeAside", "tongueAside"].contains(&name) { -1.0 } else { 1.0 };
        (shape_index(&twin).expect("all sides have twins"), factor)
    })
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_the_kits_come_first() {
        for (index, name) in SHAPES.iter().enumerate() {
            assert_eq!(shape_index(name), Some(index));
        }
        assert_eq!(SHAPES[KIT_SHAPES - 1], "noseSneer_R");
        assert_eq!(SHAPES[KIT_SHAPES], "browAngry_L");
    }

    #[test]
    fn a_mirrored_expression_moves_the_other_side() {
        let mut expression = Expression::default();
        for (name, weight) in [("eyeBlink_L", 1.0), ("jawLeft", 0.5), ("gazeAside", 0.3), ("tongueOut", 0.7)] {
            expression.weights[shape_index(name).unwrap()] = weight;
        }
        let mirrored = expression.mirrored();
        let moved = ["eyeBlink_L", "eyeBlink_R", "jawLeft", "jawRight", "gazeAside", "tongueOut"].map(|name| mirrored.get(name));
        assert_eq!(moved, [0.0, 1.0, 0.0, 0.5, -0.3, 0.7]);
    }

    #[test]
    fn half_way_is_half_of_both() {
        let mut open = Expression::default();
        open.weights[shape_index("jawOpen").unwrap()] = 1.0;
        assert!((Expression::default().towards(&open, 0.25).get("jawOpen") - 0.25).abs() < 1e-6);
    }
}
