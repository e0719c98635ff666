//! A plain head built in code, of the size of ICT-FaceKit's: for tests and demonstrations without the kit.
//!
//! An ellipsoid with two eyeballs, and a strip of gums and teeth behind where a mouth would be; it has no hole for one. Each
//! blendshape is a bump, but for those of the jaw. Vertices, landmarks and movements are mirror-symmetric.

use std::path::Path;

use super::{
    Kit,
    file::{KitFile, Offsets},
    landmarks::MIRRORED,
    part::Part,
};
use crate::synth::shapes::{KIT_SHAPES, SHAPES};

/// Middle of the head, in centimeters like all lengths here.
const CENTER: [f32; 3] = [0.0, 1.0, 1.0];
/// From the middle to an ear, to the top, and to the face.
const RADII: [f32; 3] = [7.5, 11.0, 9.8];
/// Vertices round the head and from top to bottom.
const GRID: [usize; 2] = [48, 48];
/// The same for an eyeball: a multiple of 4, so that it is as wide as it is deep.
const EYE_GRID: [usize; 2] = [12, 8];
/// The left eyeball.
const EYE_CENTER: [f32; 3] = [3.1, 3.6, 8.0];
const EYE_RADIUS: f32 = 1.5;
/// How far behind the skin the teeth are.
const TEETH_DEPTH: f32 = 0.6;
/// Columns of the strips of gums and teeth, from -2 to 2 cm.
const STRIP_X: [f32; 5] = [-2.0, -1.0, 0.0, 1.0, 2.0];
/// Top and bottom of each strip with its material.
const STRIPS: [([f32; 2], u8); 4] = [([-2.0, -2.6], 1), ([-2.6, -3.4], 2), ([-3.4, -4.2], 2), ([-4.2, -4.8], 1)];
const MATERIALS: [&str; 5] = ["M_Face", "M_GumsTongue", "M_Teeth", "M_ScleraLeft", "M_ScleraRight"];
/// Share by which each mode of identity stretches the head along its axis.
const STRETCH: f32 = 0.06;
/// Heights between which the jaw begins.
const JAW: [f32; 2] = [-4.4, -3.6];
/// Reach of a bump: its offset is `exp(-1/2)` of the full one at this distance.
const BUMP_RADIUS: f32 = 1.2;

/// Places of the landmarks of the right half and the middle of a mean head, to a millimeter.
#[rustfmt::skip]
const PLACES: [(usize, [f32; 3]); 39] = [
    (0, [-7.4, 3.7, 3.7]), (1, [-7.3, 1.5, 3.9]), (2, [-6.9, -0.5, 4.5]), (3, [-6.6, -2.4, 5.2]), (4, [-5.7, -4.5, 6.1]),
    (5, [-4.3, -6.2, 7.4]), (6, [-3.1, -6.9, 8.8]), (7, [-1.5, -7.3, 10.3]), (8, [0.0, -7.6, 10.4]),
    (17, [-5.8, 5.2, 7.9]), (18, [-4.9, 6.0, 9.0]), (19, [-3.8, 6.3, 9.8]), (20, [-2.4, 6.2, 10.5]), (21, [-1.2, 5.9, 10.7]),
    (27, [0.0, 3.7, 10.7]), (28, [0.0, 2.6, 11.5]), (29, [0.0, 1.6, 12.3]), (30, [0.0, 0.4, 13.1]),
    (31, [-1.3, -1.1, 10.9]), (32, [-0.6, -1.1, 11.4]), (33, [0.0, -1.2, 11.6]),
    (36, [-4.5, 3.4, 8.6]), (37, [-3.9, 3.9, 9.4]), (38, [-2.8, 3.9, 9.5]), (39, [-1.8, 3.3, 9.2]), (40, [-2.7, 3.1, 9.4]),
    (41, [-3.9, 3.1, 9.2]),
    (48, [-2.5, -3.5, 10.2]), (49, [-1.7, -2.8, 11.2]), (50, [-0.7, -2.4, 11.7]), (51, [0.0, -2.5, 11.8]),
    (57, [0.0, -4.4, 11.6]), (58, [-1.0, -4.3, 11.4]), (59, [-1.8, -4.1, 10.9]),
    (60, [-2.2, -3.5, 10.1]), (61, [-1.0, -3.3, 11.1]), (62, [0.0, -3.3, 11.3]), (66, [0.0, -3.4, 11.3]), (67, [-1.1, -3.4, 11.0]),
];

/// Name (without `_L` and `_R`), place on the left half, and offset of the bumps; the jaw moves as a whole.
#[rustfmt::skip]
const BUMPS: [(&str, [f32; 3], [f32; 3]); 35] = [
    ("PupilDilate", [3.1, 3.6, 9.5], [0.0, 0.0, 0.01]),
    ("browDown", [3.8, 6.2, 9.8], [0.0, -0.5, 0.1]),
    ("browInnerUp", [1.5, 6.0, 10.6], [0.0, 0.8, 0.0]),
    ("browOuterUp", [4.9, 6.0, 9.0], [0.0, 0.8, 0.0]),
    ("cheekPuff", [4.5, -2.5, 8.8], [0.4, 0.0, 0.8]),
    ("cheekRaiser", [4.0, 1.0, 9.0], [0.0, 0.4, 0.2]),
    ("cheekSquint", [4.0, 1.5, 9.0], [0.0, 0.3, 0.2]),
    ("eyeBlink", [3.3, 3.9, 9.4], [0.0, -0.8, 0.1]),
    ("eyeLookDown", [3.3, 3.9, 9.4], [0.0, -0.3, 0.0]),
    ("eyeLookIn", [3.3, 3.6, 9.4], [-0.05, 0.0, 0.0]),
    ("eyeLookOut", [3.3, 3.6, 9.4], [0.05, 0.0, 0.0]),
    ("eyeLookUp", [3.3, 3.9, 9.4], [0.0, 0.2, 0.0]),
    ("eyeSquint", [3.3, 3.1, 9.3], [0.0, 0.3, 0.0]),
    ("eyeWide", [3.3, 3.9, 9.4], [0.0, 0.3, 0.0]),
    ("mouthClose", [0.0, -4.4, 11.5], [0.0, 0.8, 0.0]),
    ("mouthDimple", [2.5, -3.5, 10.2], [0.3, 0.1, -0.3]),
    ("mouthFrown", [2.5, -3.5, 10.2], [0.1, -0.8, 0.0]),
    ("mouthFunnel", [0.0, -3.4, 11.3], [0.0, 0.0, 0.8]),
    ("mouthLeft", [0.0, -3.4, 11.3], [0.8, 0.0, 0.0]),
    ("mouthLowerDown", [1.0, -4.3, 11.4], [0.0, -0.6, 0.0]),
    ("mouthPress", [1.0, -3.4, 11.1], [0.0, 0.1, -0.1]),
    ("mouthPucker", [0.0, -3.4, 11.3], [0.0, 0.0, 0.6]),
    ("mouthRight", [0.0, -3.4, 11.3], [-0.8, 0.0, 0.0]),
    ("mouthRollLower", [0.0, -4.2, 11.5], [0.0, 0.3, -0.4]),
    ("mouthRollUpper", [0.0, -2.7, 11.7], [0.0, -0.3, -0.4]),
    ("mouthShrugLower", [0.0, -4.4, 11.5], [0.0, 0.5, 0.2]),
    ("mouthShrugUpper", [0.0, -2.5, 11.8], [0.0, 0.5, 0.2]),
    ("mouthSmile", [2.5, -3.5, 10.2], [0.6, 1.0, -0.3]),
    ("mouthStretch", [2.5, -3.5, 10.2], [0.9, -0.3, -0.3]),
    ("mouthUpperUp", [1.0, -2.6, 11.6], [0.0, 0.6, 0.0]),
    ("noseSneer", [1.2, -0.8, 10.9], [0.0, 0.5, 0.1]),
    ("jawForward", [0.0, -7.0, 10.4], [0.0, 0.0, 1.0]),
    ("jawLeft", [0.0, -7.0, 10.4], [1.0, 0.0, 0.0]),
    ("jawOpen", [0.0, -7.0, 10.4], [0.0, -3.0, 0.0]),
    ("jawRight", [0.0, -7.0, 10.4], [-1.0, 0.0, 0.0]),
];

impl Kit {
    /// A plain head for tests and demonstrations: an ellipsoid of the size of a head, with three modes of identity and all
    /// blendshapes as bumps.
    pub fn ellipsoid() -> Self {
        Self::load_bytes(&Self::ellipsoid_file(), Path::new("ellipsoid")).expect("the ellipsoid is a sound kit")
    }

    /// The bytes of the packed kit that [`Kit::ellipsoid`] is.
    pub fn ellipsoid_file() -> Vec<u8> {
        file().to_bytes()
    }
}

/// The ellipsoid as a file.
pub(super) fn file() -> KitFile {
    let mut mesh = Part::sphere(GRID, CENTER, RADII, true, 0);
    let landmarks = landmarks(&mesh.vertices);
    mesh.append(teeth());
    for (side, material) in [(1.0, 3), (-1.0, 4)] {
        mesh.append(Part::sphere(
            EYE_GRID,
            [side * EYE_CENTER[0], EYE_CENTER[1], EYE_CENTER[2]],
            [EYE_RADIUS; 3],
            false,
            material,
        ));
    }
    KitFile {
        identity: (0..3).map(|axis| stretched(&mesh.vertices, axis)).collect(),
        expression: SHAPES[..KIT_SHAPES].iter().map(|name| ((*name).to_owned(), moved(&mesh.vertices, name))).collect(),
        neutral: mesh.vertices,
        triangles: mesh.triangles,
        materials: MATERIALS.map(str::to_owned).into(),
        landmarks,
        source: "an ellipsoid of smielfy".into(),
    }
}

/// Strips of gums and teeth that follow the skin.
fn teeth() -> Part {
    let mut part = Part { vertices: vec![], triangles: vec![] };
    for (heights, material) in STRIPS {
        let start = part.vertices.len() as u32;
        part.vertices.extend(heights.iter().flat_map(|y| STRIP_X.map(|x| [x, *y, skin_z(x, *y) - TEETH_DEPTH])));
        let width = STRIP_X.len() as u32;
        for upper in start..start + width - 1 {
            let lower = upper + width;
            part.triangles.extend([[upper, lower, lower + 1], [upper, lower + 1, upper + 1]].map(|corners| (corners, material)));
        }
    }
    part
}

fn skin_z(x: f32, y: f32) -> f32 {
    let aside = ((x - CENTER[0]) / RADII[0]).powi(2) + ((y - CENTER[1]) / RADII[1]).powi(2);
    CENTER[2] + RADII[2] * (1.0 - aside).sqrt()
}

/// The vertices nearest to the landmarks' places, those of the left half as mirror images of those of the right one.
fn landmarks(skin: &Offsets) -> [u32; 68] {
    let nearest = |place: [f32; 3]| {
        let distances = skin.iter().map(|vertex| distance2(*vertex, place)).zip(0u32..);
        distances.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, vertex)| vertex)
    };
    let mut landmarks = [0; 68];
    for (landmark, place) in PLACES {
        let vertex = nearest(place);
        let [x, y, z] = skin[vertex as usize];
        landmarks[landmark] = vertex;
        landmarks[MIRRORED[landmark]] = nearest([-x, y, z]);
    }
    landmarks
}

fn distance2(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum()
}

/// Offsets that stretch the head along one axis.
fn stretched(vertices: &Offsets, axis: usize) -> Offsets {
    let offset = |vertex: &[f32; 3]| {
        std::array::from_fn(|index| if index == axis { STRETCH * (vertex[axis] - CENTER[axis]) } else { 0.0 })
    };
    vertices.iter().map(offset).collect()
}

/// Offsets of a blendshape.
fn moved(vertices: &Offsets, name: &str) -> Offsets {
    let (base, side) = match name.split_once('_') {
        Some((base, "L")) => (base, 1.0),
        Some((base, _)) => (base, -1.0),
        None => (name, 1.0),
    };
    let (_, place, offset) = BUMPS.into_iter().find(|bump| bump.0 == base).expect("every blendshape of the kit has its bump");
    let place = [side * place[0], place[1], place[2]];
    let weight = |vertex: [f32; 3]| {
        if name.starts_with("jaw") {
            ((JAW[1] - vertex[1]) / (JAW[1] - JAW[0])).clamp(0.0, 1.0)
        } else {
            (-0.5 * distance2(vertex, place) / BUMP_RADIUS.powi(2)).exp()
        }
    };
    let moved = |vertex: &[f32; 3]| [side * offset[0], offset[1], offset[2]].map(|value| value * weight(*vertex));
    vertices.iter().map(moved).collect()
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::*;

    fn has_mirror(vertices: &[[f32; 3]], place: [f32; 3]) -> bool {
        vertices.iter().any(|vertex| distance2(*vertex, [-place[0], place[1], place[2]]) < 1e-8)
    }

    #[test]
    fn it_is_a_symmetric_head_of_the_kits_size() {
        let (kit, mesh) = (Kit::ellipsoid(), file());
        assert!(mesh.neutral.iter().all(|vertex| has_mirror(&mesh.neutral, *vertex)));
        for (axis, size) in [(0, 15.0), (1, 22.0), (2, 19.6)] {
            let values = || mesh.neutral.iter().map(|vertex| vertex[axis]);
            let extent = values().fold(f32::MIN, f32::max) - values().fold(f32::MAX, f32::min);
            assert!((extent - size).abs() < 0.2, "axis {axis}: {extent}");
        }
        assert_eq!((kit.modes(), kit.expression.len()), (3, KIT_SHAPES));
        assert!(!kit.gums.is_empty() && !kit.teeth.is_empty());
        let [left, right] = &kit.eyes;
        assert!((left.center[0] - 3.1).abs() < 1e-4 && (right.center[0] + 3.1).abs() < 1e-4);
        assert!((left.radius - EYE_RADIUS).abs() < 1e-4);
    }

    #[test]
    fn its_skin_is_closed_and_faces_outward() {
        let mesh = file();
        let skin: Vec<[u32; 3]> =
            mesh.triangles.iter().filter(|(_, material)| *material == 0).map(|(corners, _)| *corners).collect();
        let mut volume = 0.0;
        for corners in &skin {
            let [a, b, c] = corners.map(|vertex| mesh.neutral[vertex as usize]);
            let normal = [b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0]];
            volume += (0..3).map(|axis| a[axis] * normal[axis]).sum::<f32>() / 6.0;
        }
        let ellipsoid = 4.0 / 3.0 * PI * RADII.iter().product::<f32>();
        assert!((volume / ellipsoid - 1.0).abs() < 0.03, "{volume} of {ellipsoid} cubic centimeters");
        let mut vertices = skin.as_flattened().to_vec();
        vertices.sort_unstable();
        vertices.dedup();
        assert_eq!(skin.len(), 2 * (vertices.len() - 2), "Euler's formula for a sphere");
    }

    #[test]
    fn landmarks_are_in_their_places() {
        let kit = Kit::ellipsoid();
        let place = |landmark: usize| kit.rest[kit.landmarks[landmark] as usize];
        for (landmark, expected) in PLACES {
            // An ellipsoid has neither nose nor chin, which a head has 3 cm before it.
            assert!(distance2(place(landmark), expected) < 9.0, "{landmark}: {:?}", place(landmark));
        }
        assert!(place(36)[0] < place(39)[0] && place(39)[0] < place(42)[0], "eyes from the person's right to the left");
        assert!(place(51)[1] > place(57)[1] && place(37)[1] > place(41)[1], "upper above lower");
    }

    #[test]
    fn blendshapes_move_their_side() {
        let kit = Kit::ellipsoid();
        let most = |name: &str| {
            let shape = &kit.expression[SHAPES.iter().position(|shape| *shape == name).unwrap()];
            let by_size =
                |a: &&(u32, [f32; 3]), b: &&(u32, [f32; 3])| distance2(a.1, [0.0; 3]).total_cmp(&distance2(b.1, [0.0; 3]));
            let (vertex, offset) = shape.iter().max_by(by_size).unwrap();
            (kit.rest[*vertex as usize], *offset)
        };
        let (place, offset) = most("mouthSmile_L");
        assert!(place[0] > 1.0 && offset[0] > 0.2 && offset[1] > 0.5, "{place:?} {offset:?}");
        let (place, offset) = most("mouthSmile_R");
        assert!(place[0] < -1.0 && offset[0] < -0.2 && offset[1] > 0.5, "{place:?} {offset:?}");
        let (place, offset) = most("jawOpen");
        assert!(place[1] < -4.0 && (offset[1] + 3.0).abs() < 1e-3, "{place:?} {offset:?}");
        assert!(kit.expression.iter().all(|shape| !shape.is_empty()));
    }
}
