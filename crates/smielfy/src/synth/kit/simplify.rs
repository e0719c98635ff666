//! Triangles that are finer than pictures show become fewer and larger ones: half of the time of a picture goes by their number.

use meshopt::{SimplifyOptions, simplify_with_attributes_and_locks_decoder};

use super::file::{KitFile, Offsets};

/// How far the surface may move, in centimeters, at rest and in each of the [`MOVEMENTS`]: a fifth of a pixel of a face that
/// is 150 pixels wide.
const MOST_ERROR: f32 = 0.02;

/// Movements that must look as before, those that bend the mesh most. meshopt takes 32 numbers a vertex at most.
const MOVEMENTS: [&str; 10] = [
    "jawOpen",
    "mouthSmile",
    "mouthFrown",
    "mouthPucker",
    "mouthFunnel",
    "mouthUpperUp",
    "noseSneer",
    "eyeBlink",
    "browInnerUp",
    "browDown",
];

/// `parts` of a kit, in each of which as many triangles are merged as the error allows (Garland and Heckbert 1997, as meshopt
/// does it). Landmarks stay, and so do borders, where other parts begin.
pub(super) fn simplified<const N: usize>(file: &KitFile, parts: [Vec<[u32; 3]>; N]) -> [Vec<[u32; 3]>; N] {
    let moved = MOVEMENTS.map(|name| movement(file, name));
    let of_vertex = |vertex: usize| moved.iter().flat_map(move |offsets| offsets[vertex]);
    let attributes: Vec<f32> = (0..file.neutral.len()).flat_map(of_vertex).collect();
    // An error of a movement counts as much as one at rest.
    let weights = [1.0; 3 * MOVEMENTS.len()];
    let mut is_kept = vec![false; file.neutral.len()];
    for landmark in file.landmarks {
        if let Some(kept) = is_kept.get_mut(landmark as usize) {
            *kept = true;
        }
    }
    parts.map(|triangles| {
        let corners = simplify_with_attributes_and_locks_decoder(
            triangles.as_flattened(),
            &file.neutral,
            &attributes,
            &weights,
            size_of_val(&weights),
            &is_kept,
            0,
            MOST_ERROR,
            SimplifyOptions::LockBorder | SimplifyOptions::ErrorAbsolute,
            None,
        );
        corners.as_chunks::<3>().0.to_vec()
    })
}

/// Offsets of a movement of both halves of the face.
fn movement(file: &KitFile, name: &str) -> Offsets {
    let mut sum = vec![[0.0; 3]; file.neutral.len()];
    let is_part = |shape: &str| shape.strip_suffix("_L").or(shape.strip_suffix("_R")).unwrap_or(shape) == name;
    for (_, offsets) in file.expression.iter().filter(|(shape, _)| is_part(shape)) {
        sum.as_flattened_mut().iter_mut().zip(offsets.as_flattened()).for_each(|(sum, offset)| *sum += offset);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{
        super::{KIT_SHAPES, SHAPES, ellipsoid},
        *,
    };

    /// A file with a sheet of 20 x 20 cells of 1 cm at rest, whose vertices are moved by a blendshape.
    fn sheet(at_rest: fn(f32, f32) -> f32, jaw_open: fn(f32, f32) -> f32) -> KitFile {
        let mut file = ellipsoid::file();
        let place = |number: u32| ((number % 21) as f32, (number / 21) as f32);
        let of = |height: fn(f32, f32) -> f32| (0..441).map(place).map(move |(x, y)| (x, y, height(x, y)));
        file.neutral = of(at_rest).map(|(x, y, z)| [x, y, z]).collect();
        for (name, offsets) in &mut file.expression {
            *offsets = of(jaw_open).map(|(_, _, z)| [0.0, 0.0, if name == "jawOpen" { z } else { 0.0 }]).collect();
        }
        let cell = |corner: u32| [[corner, corner + 1, corner + 21], [corner + 1, corner + 22, corner + 21]];
        file.triangles = (0..420).filter(|corner| corner % 21 < 20).flat_map(cell).map(|corners| (corners, 0)).collect();
        file.landmarks = std::array::from_fn(|number| 22 + number as u32);
        file
    }

    fn simplified_sheet(file: &KitFile) -> Vec<[u32; 3]> {
        let [triangles] = simplified(file, [file.triangles.iter().map(|(corners, _)| *corners).collect()]);
        triangles
    }

    #[test]
    fn what_is_flat_at_rest_and_moved_is_merged() {
        let flat: fn(f32, f32) -> f32 = |_, _| 0.0;
        let bent: fn(f32, f32) -> f32 = |x, y| (x * y * 0.3).sin();
        assert!(simplified_sheet(&sheet(flat, flat)).len() < 400);
        assert!(simplified_sheet(&sheet(bent, flat)).len() > 600);
        assert!(simplified_sheet(&sheet(flat, bent)).len() > 600);
    }

    #[test]
    fn landmarks_and_borders_stay() {
        let file = sheet(|_, _| 0.0, |_, _| 0.0);
        let left: Vec<u32> = simplified_sheet(&file).into_flattened();
        assert!(file.landmarks.iter().chain(&(0..21).collect::<Vec<_>>()).all(|vertex| left.contains(vertex)));
    }

    #[test]
    fn movements_are_those_of_kits() {
        let known = |name: &str| SHAPES[..KIT_SHAPES].iter().any(|shape| shape.trim_end_matches("_L") == name);
        assert!(MOVEMENTS.iter().all(|name| known(name)));
    }
}
