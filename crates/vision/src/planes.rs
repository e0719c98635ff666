//! Pixels to the numbers that nets take.

use image::RgbImage;

/// The red, green and blue planes of a picture one after the other, each value `(pixel - mean) / scale`.
pub fn planes(image: &RgbImage, mean: f32, scale: f32) -> Vec<f32> {
    let mut planes = Vec::with_capacity(image.as_raw().len());
    for channel in 0..3 {
        // One plane at a time: its length is known, so that no value need ask for room.
        planes.extend(image.as_raw().chunks_exact(3).map(|pixel| (f32::from(pixel[channel]) - mean) / scale));
    }
    planes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_follow_each_other() {
        let image = RgbImage::from_vec(2, 1, vec![0, 10, 20, 30, 40, 50]).unwrap();
        assert_eq!(planes(&image, 10.0, 10.0), [-1.0, 2.0, 0.0, 3.0, 1.0, 4.0]);
    }
}
