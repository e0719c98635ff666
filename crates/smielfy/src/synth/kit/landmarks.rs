//! Where the 68 landmarks lie on the mesh of ICT-FaceKit.

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
