//! Pixels to the numbers that nets take.

use image::RgbImage;

/// The red, green and blue planes of a picture one after the other, each value `(pixel - mean) / scale`.
pub fn planes(image: &RgbImage, mean: f32, scale: f32) -> impl Iterator<Item = f32> {
    let plane = move |channel: usize| image.iter().skip(channel).step_by(3);
    (0..3).flat_map(plane).map(move |value| (f32::from(*value) - mean) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_follow_each_other() {
        let image = RgbImage::from_vec(2, 1, vec![0, 10, 20, 30, 40, 50]).unwrap();
        assert_eq!(planes(&image, 10.0, 10.0).collect::<Vec<f32>>(), [-1.0, 2.0, 0.0, 3.0, 1.0, 4.0]);
    }
}
