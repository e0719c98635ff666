//! Where the 68 landmarks lie on the mesh of ICT-FaceKit, and which mirrors which.

/// Vertices of the landmarks in the order of the iBUG 300-W markup (Sagonas et al. 2013): 0 to 16 jaw from the person's right
/// ear to the left one, 17 to 26 brows, 27 to 35 nose, 36 to 47 eyes, 48 to 59 outer and 60 to 67 inner lips. The indices are
/// those of ICT-FaceKit's own documentation, checked against the mean head: mirrored landmarks have mirrored places.
#[rustfmt::skip]
pub const LANDMARKS: [u32; 68] = [
    1225, 1888, 1052, 367, 1719, 1722, 2199, 1447, 966, 3661, 4390, 3927, 3924, 2608, 3272, 4088, 3443,
    268, 493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509,
    978, 4527, 4942, 4857, 1140, 2075, 1147, 4269, 3360,
    1507, 1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732,
    5708, 5695, 2081, 0, 4275, 6200, 6213, 6346, 6461, 5518, 5957, 5841,
    5702, 5711, 5533, 6216, 6207, 6470, 5517, 5966,
];

/// The landmark on the other side of the face, for each landmark.
#[rustfmt::skip]
pub const MIRRORED: [usize; 68] = [
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
    27, 28, 29, 30, 35, 34, 33, 32, 31,
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,
    64, 63, 62, 61, 60, 67, 66, 65,
];

/// Mirrored landmarks farther from each other's mirror image than this, in centimeters, are not those of a face.
const MIRROR_TOLERANCE: f32 = 0.1;

/// Whether places of landmarks, `x` to the person's left, are as symmetric as those of a mean head are.
pub(super) fn are_symmetric(places: &[[f32; 3]; 68]) -> bool {
    places.iter().zip(MIRRORED).all(|(place, other)| {
        let image = [-place[0], place[1], place[2]];
        image.iter().zip(places[other]).all(|(value, other)| (value - other).abs() <= MIRROR_TOLERANCE)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_of_the_mirror_is_the_landmark_itself() {
        for (landmark, mirrored) in MIRRORED.into_iter().enumerate() {
            assert_eq!(MIRRORED[mirrored], landmark);
        }
        assert_eq!(MIRRORED.into_iter().enumerate().filter(|(landmark, mirrored)| landmark == mirrored).count(), 10);
    }
}
