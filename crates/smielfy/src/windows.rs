//! Windows: square cut-outs of pictures as the input of nets.

use smielfy_nets::{Batch, Normalization};
use smielfy_vision::RgbImage;

/// Windows of one size as the normalized input of a net.
///
/// # Panics
/// If the windows differ in size.
pub fn to_batch(windows: &[RgbImage], normalization: Normalization) -> Batch {
    let (width, height) = windows.first().map_or((0, 0), RgbImage::dimensions);
    let mut batch = Batch::new(height as usize, width as usize);
    let Normalization { mean, scale } = normalization;
    let factor = 1.0 / scale;
    windows.iter().for_each(|window| batch.push(window.as_raw().iter().map(|value| (f32::from(*value) - mean) * factor)));
    batch
}

/// A picture with its border pixels repeated `border` times round it, as the normalized input of a fully convolutional net.
///
/// # Panics
/// If the picture has no pixels.
pub fn to_padded_batch(image: &RgbImage, border: u32, normalization: Normalization) -> Batch {
    let (width, height) = image.dimensions();
    let (padded_width, padded_height) = (width + 2 * border, height + 2 * border);
    let rows: Vec<&[u8]> = image.as_raw().chunks_exact(3 * width as usize).collect();
    let mut padded = Vec::with_capacity(3 * (padded_width * padded_height) as usize);
    for y in 0..padded_height {
        let row = rows[y.saturating_sub(border).min(height - 1) as usize];
        let (first, last) = (&row[..3], &row[row.len() - 3..]);
        (0..border).for_each(|_| padded.extend_from_slice(first));
        padded.extend_from_slice(row);
        (0..border).for_each(|_| padded.extend_from_slice(last));
    }
    let padded = RgbImage::from_raw(padded_width, padded_height, padded).expect("all rows are as long");
    to_batch(&[padded], normalization)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_normalized() {
        let image = RgbImage::from_vec(2, 1, vec![0, 10, 20, 30, 40, 50]).unwrap();
        let batch = to_batch(&[image], Normalization { mean: 10.0, scale: 10.0 });
        assert_eq!(batch.values, [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn borders_are_repeated() {
        let image = RgbImage::from_vec(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        let batch = to_padded_batch(&image, 1, Normalization { mean: 0.0, scale: 1.0 });
        assert_eq!((batch.count, batch.height, batch.width), (1, 3, 4));
        let row = [1., 2., 3., 1., 2., 3., 4., 5., 6., 4., 5., 6.];
        assert_eq!(batch.values, row.repeat(3));
    }
}
