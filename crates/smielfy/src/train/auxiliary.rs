//! What the auxiliary head regresses: the movements and landmarks of rendered faces, of which everything is known.

use smielfy_nets::Targets;

use crate::{
    augment::Augmented,
    synth::{FaceTruth, SHAPES},
};

/// Values of a face: a weight for each blendshape, then x and y of each landmark.
pub(super) const VALUES: usize = SHAPES.len() + 2 * 68;

/// What a landmark's place counts: its distance from the middle of the window, in sides of the window, times this. It gives
/// landmarks about the spread of the blendshapes' weights.
const PLACE_SCALE: f32 = 3.0;

/// The values of a rendered face in a window that was cut from its picture.
pub(super) fn values(truth: &FaceTruth, window: &Augmented) -> Vec<f32> {
    let swapped = window.mirrored.then(|| truth.with_sides_swapped());
    let FaceTruth { expression, landmarks } = swapped.as_ref().unwrap_or(truth);
    let to_window = window.map.inverse().expect("windows have an area");
    let side = window.image.width() as f32;
    let place = |[x, y]: &[f32; 2]| {
        let (x, y) = to_window.apply(*x, *y);
        [x, y].map(|value| PLACE_SCALE * (value / side - 0.5))
    };
    expression.weights.iter().copied().chain(landmarks.iter().flat_map(place)).collect()
}

/// Adds what is known of a window to the targets of a net with an auxiliary head.
pub(super) fn push(targets: &mut Targets, known: Option<&[f32]>) {
    targets.auxiliary_weights.push(if known.is_some() { 1.0 } else { 0.0 });
    match known {
        Some(values) => targets.auxiliary.extend(values),
        None => targets.auxiliary.extend([0.0; VALUES]),
    }
}

#[cfg(test)]
mod tests {
    use smielfy_vision::{BoundingBox, RgbImage};

    use super::*;
    use crate::{
        augment::{AugmentParams, augment},
        synth::{Expression, shape_index},
    };

    #[test]
    fn landmarks_and_sides_are_those_of_the_window() {
        let mut expression = Expression::default();
        expression.weights[shape_index("eyeBlink_L").unwrap()] = 1.0;
        // Landmark 36 is the outer corner of the person's right eye, 45 that of the left one.
        let mut landmarks = [[50.0, 50.0]; 68];
        (landmarks[36], landmarks[45]) = ([40.0, 45.0], [65.0, 44.0]);
        let truth = FaceTruth { expression, landmarks };
        let image = RgbImage::new(100, 100);
        let seen = |mirror| {
            let params = AugmentParams { mirror, ..AugmentParams::none() };
            values(&truth, &augment(&image, BoundingBox::new(25.0, 25.0, 50.0), 24, 1.0, &params, 1))
        };
        let place = |values: &[f32], landmark: usize| {
            let at = SHAPES.len() + 2 * landmark;
            [values[at], values[at + 1]].map(|value| (value / PLACE_SCALE * 100.0).round())
        };
        let (plain, mirrored) = (seen(0.0), seen(1.0));
        assert_eq!(plain.len(), VALUES);
        assert_eq!((place(&plain, 36), place(&plain, 45)), ([-20.0, -10.0], [30.0, -12.0]));
        assert_eq!((place(&mirrored, 36), place(&mirrored, 45)), ([-30.0, -12.0], [20.0, -10.0]));
        let blinks = |values: &[f32]| ["eyeBlink_L", "eyeBlink_R"].map(|name| values[shape_index(name).unwrap()]);
        assert_eq!((blinks(&plain), blinks(&mirrored)), ([1.0, 0.0], [0.0, 1.0]));
    }
}
