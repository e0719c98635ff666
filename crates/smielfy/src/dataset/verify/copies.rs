//! Near-copies: pictures go in as fingerprints, pairs that show the same photograph come out.
//!
//! A fingerprint is the fine detail of a square, 16 x 16 gray pixels less the mean of their surroundings, with length 1. Two
//! squares are as similar as the cosine of their fingerprints: 1 for the same photograph however bright, or compressed, about
//! 0.8 when it is shifted by 3 % of the square, at most 0.74 for 9,999 of 10,000 pairs of different faces.

use rayon::prelude::*;
use smielfy_vision::{BoundingBox, RgbImage, crop_resize, resize};

/// Side of a fingerprint, in pixels. Half of 32, which sees no more copies and is more easily lost to a small shift.
const SIZE: usize = 16;
/// Distance over which surroundings are averaged, in pixels of the fingerprint. With 1, a shift of 3 % costs more (0.71).
const RADIUS: usize = 2;
/// Part of the face square that counts. The full square has the outline of the head in it, which makes all faces that are
/// cut out on black look alike.
const FACE_PART: f32 = 0.75;
/// Fingerprints are integers of this length, as sums of integers can be vectorized; a product of two fits 32 bits.
const LENGTH: f32 = 4096.0;
/// Least detail, in gray levels (root mean square). Flat pictures are alike without being copies.
const MIN_DETAIL: f32 = 2.0;

/// Pairs from this similarity on are near-copies. Of 9,720 faces and 10,326 scenes, all 28 such pairs across splits were looked
/// at, and each was one photograph; from 0.85 on, some are two people.
const NEAR_COPY: f32 = 0.9;
/// Pairs from this similarity on are practically identical: recompressed, in gray, or shifted by less than 1.5 % of the
/// square, which gives 0.95.
const IDENTICAL: f32 = 0.97;

type Detail = [i16; SIZE * SIZE];

/// The fine detail of a picture and of its mirror image.
pub(super) struct Fingerprint {
    plain: Detail,
    mirrored: Detail,
}

/// Two pictures that show the same photograph.
pub(super) struct Pair {
    /// Index of the first picture.
    pub first: usize,
    /// Index of the second one, which is greater.
    pub second: usize,
    /// Cosine of the fingerprints, in `0.9..=1`.
    pub similarity: f32,
}

impl Pair {
    /// Whether nobody could tell them apart.
    pub(super) fn is_identical(&self) -> bool {
        self.similarity >= IDENTICAL
    }
}

impl Fingerprint {
    /// The fingerprint of a face, the middle of its square.
    pub(super) fn of_face(image: &RgbImage, face: BoundingBox) -> Option<Self> {
        Self::new(&crop_resize(image, face.jittered(FACE_PART, 0.0, 0.0), SIZE as u32))
    }

    /// The fingerprint of a whole picture.
    pub(super) fn of_picture(image: &RgbImage) -> Option<Self> {
        Self::new(&resize(image, SIZE as u32, SIZE as u32))
    }

    /// The fingerprint of a thumbnail; nothing if it is nearly flat.
    fn new(thumbnail: &RgbImage) -> Option<Self> {
        let gray: Vec<f32> =
            thumbnail.pixels().map(|pixel| pixel.0.iter().map(|&value| f32::from(value)).sum::<f32>() / 3.0).collect();
        let plain = quantized(&detail(&gray))?;
        let mut mirrored = plain;
        mirrored.chunks_exact_mut(SIZE).for_each(<[i16]>::reverse);
        Some(Self { plain, mirrored })
    }

    /// Cosine with another fingerprint or with its mirror image, whichever is more.
    fn similarity(&self, other: &Self) -> f32 {
        let product = product(&self.plain, &other.plain).max(product(&self.plain, &other.mirrored));
        product as f32 / (LENGTH * LENGTH)
    }
}

/// All pairs of near-copies, by rising indices. A picture without a fingerprint has none.
pub(super) fn near_copies(fingerprints: &[Option<Fingerprint>]) -> Vec<Pair> {
    let copies_of = |first: usize| {
        let pair = move |(second, fingerprint): (usize, &Option<Fingerprint>)| {
            let similarity = fingerprints[first].as_ref()?.similarity(fingerprint.as_ref()?);
            (similarity >= NEAR_COPY).then_some(Pair { first, second, similarity })
        };
        fingerprints.iter().enumerate().skip(first + 1).filter_map(pair)
    };
    (0..fingerprints.len()).into_par_iter().flat_map_iter(copies_of).collect()
}

/// A thumbnail less the mean of the surroundings of each pixel, and less its own mean.
fn detail(gray: &[f32]) -> Vec<f32> {
    let fine: Vec<f32> = (0..gray.len()).map(|index| gray[index] - surroundings(gray, index)).collect();
    let mean = fine.iter().sum::<f32>() / fine.len() as f32;
    fine.iter().map(|value| value - mean).collect()
}

/// The mean of the pixels round one, itself included; the border is replicated.
fn surroundings(gray: &[f32], index: usize) -> f32 {
    let near = |middle: usize| (middle..=middle + 2 * RADIUS).map(|place| place.saturating_sub(RADIUS).min(SIZE - 1));
    let rows = near(index / SIZE).map(|row| near(index % SIZE).map(|column| gray[row * SIZE + column]).sum::<f32>());
    rows.sum::<f32>() / (2 * RADIUS + 1).pow(2) as f32
}

/// Detail with the length [`LENGTH`]; nothing if there is next to none.
fn quantized(detail: &[f32]) -> Option<Detail> {
    let length = detail.iter().map(|value| value * value).sum::<f32>().sqrt();
    let least = MIN_DETAIL * (detail.len() as f32).sqrt();
    (length >= least).then(|| std::array::from_fn(|index| (detail[index] / length * LENGTH).round() as i16))
}

/// The scalar product, at most [`LENGTH`] squared. Wrapping, as a check of each sum would keep it from being vectorized.
fn product(a: &Detail, b: &Detail) -> i32 {
    a.iter().zip(b).fold(0, |sum: i32, (&a, &b)| sum.wrapping_add(i32::from(a) * i32::from(b)))
}

#[cfg(test)]
mod tests {
    use smielfy_vision::flip_horizontal;

    use super::*;

    /// A picture of stripes and blots that depend on `seed`.
    fn picture(seed: u32) -> RgbImage {
        RgbImage::from_fn(64, 64, |x, y| {
            let cell = (x / 8 * 31 + y / 8 * 17 + seed).wrapping_mul(2_654_435_761);
            [(cell >> 24) as u8, (cell >> 16) as u8, 90].into()
        })
    }

    fn changed(seed: u32, change: impl Fn(u8) -> u8) -> RgbImage {
        let mut image = picture(seed);
        image.iter_mut().for_each(|value| *value = change(*value));
        image
    }

    #[test]
    fn copies_are_found_whatever_was_done_to_them() {
        let flat = RgbImage::from_pixel(64, 64, [90; 3].into());
        let pictures = [
            picture(1),
            picture(2),
            changed(1, |value| value / 2 + 60),
            flat.clone(),
            flip_horizontal(&picture(2)),
            resize(&picture(1), 40, 40),
            flat,
            picture(3),
        ];
        let fingerprints: Vec<_> = pictures.iter().map(Fingerprint::of_picture).collect();
        let copies = near_copies(&fingerprints);
        let pairs: Vec<_> = copies.iter().map(|pair| (pair.first, pair.second)).collect();
        assert_eq!(pairs, [(0, 2), (0, 5), (1, 4), (2, 5)]);
        assert!(copies.iter().all(|pair| pair.similarity <= 1.001) && copies[0].is_identical() && copies[2].is_identical());
    }

    #[test]
    fn only_the_middle_of_a_face_counts() {
        let mut framed = picture(5);
        outline(&mut framed);
        let face = BoundingBox::new(0.0, 0.0, 64.0);
        let fingerprints = [Fingerprint::of_face(&picture(5), face), Fingerprint::of_face(&framed, face)];
        assert_eq!(near_copies(&fingerprints).len(), 1);
        let whole = [Fingerprint::of_picture(&picture(5)), Fingerprint::of_picture(&framed)];
        assert_eq!(near_copies(&whole).len(), 0);
    }

    fn outline(image: &mut RgbImage) {
        let area = smielfy_vision::Rectangle::whole(image);
        smielfy_vision::outline_rectangle(image, area, 6, [0; 3]);
    }
}
