//! What passes from one step of a running net to the next.

use std::borrow::Cow;

/// Maps of several pictures: `[count, height, width, channels]`, so that the channels of a place lie side by side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Maps<'a> {
    pub count: usize,
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    pub values: Cow<'a, [f32]>,
}

impl Maps<'_> {
    /// Maps of zeros.
    pub fn new(count: usize, height: usize, width: usize, channels: usize) -> Maps<'static> {
        Maps { count, height, width, channels, values: vec![0.0; count * height * width * channels].into() }
    }

    /// The maps with `around` zeros on each side.
    pub fn padded(&self, around: usize) -> Maps<'static> {
        let mut padded = Maps::new(self.count, self.height + 2 * around, self.width + 2 * around, self.channels);
        let (row, padded_row) = (self.width * self.channels, padded.width * self.channels);
        let out = padded.values.to_mut();
        for (number, values) in self.values.chunks_exact(row).enumerate() {
            let above = number / self.height * padded.height + number % self.height + around;
            out[above * padded_row + around * self.channels..][..row].copy_from_slice(values);
        }
        padded
    }

    /// The maximum of whole 2x2 windows; an odd last row or column is dropped.
    pub fn pooled(&self) -> Maps<'static> {
        let mut pooled = Maps::new(self.count, self.height / 2, self.width / 2, self.channels);
        let (row, pooled_row) = (self.width * self.channels, pooled.width * self.channels);
        let pictures = self.values.chunks_exact((self.height * row).max(1));
        let rows = pictures.flat_map(|picture| picture.chunks_exact(2 * row.max(1)));
        for (rows, out) in rows.zip(pooled.values.to_mut().chunks_exact_mut(pooled_row.max(1))) {
            let (upper, lower) = rows.split_at(row);
            let pairs = upper.chunks_exact(2 * self.channels).zip(lower.chunks_exact(2 * self.channels));
            for (out, (upper, lower)) in out.chunks_exact_mut(self.channels).zip(pairs) {
                let ((a, b), (c, d)) = (upper.split_at(self.channels), lower.split_at(self.channels));
                for (((out, (a, b)), c), d) in out.iter_mut().zip(a.iter().zip(b)).zip(c).zip(d) {
                    *out = a.max(*b).max(c.max(*d));
                }
            }
        }
        pooled
    }

    /// Each value `x` of a channel becomes `x * scale + shift`.
    pub fn scale(&mut self, scale: &[f32], shift: &[f32]) {
        for place in self.values.to_mut().chunks_exact_mut(self.channels) {
            place.iter_mut().zip(scale.iter().zip(shift)).for_each(|(value, (scale, shift))| *value = *value * scale + shift);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(height: usize, width: usize, channels: usize) -> Maps<'static> {
        let mut maps = Maps::new(2, height, width, channels);
        maps.values.to_mut().iter_mut().enumerate().for_each(|(at, value)| *value = at as f32);
        maps
    }

    #[test]
    fn zeros_are_put_around_each_picture() {
        let padded = counting(1, 2, 1).padded(1);
        let picture = |a: f32, b: f32| [[0.0; 4], [0.0, a, b, 0.0], [0.0; 4]].concat();
        assert_eq!((padded.height, padded.width, padded.values), (3, 4, [picture(0.0, 1.0), picture(2.0, 3.0)].concat().into()));
    }

    #[test]
    fn pools_drop_odd_rows_and_columns() {
        // Rows of three pixels with two channels; the largest of four is the one below and to the right.
        let pooled = counting(3, 3, 2).pooled();
        assert_eq!((pooled.height, pooled.width, pooled.values), (1, 1, vec![8.0, 9.0, 26.0, 27.0].into()));
        assert!(counting(1, 5, 1).pooled().values.is_empty());
    }

    #[test]
    fn channels_are_scaled() {
        let mut maps = counting(1, 1, 2);
        maps.scale(&[1.0, 10.0], &[0.5, 0.0]);
        assert_eq!(*maps.values, [0.5, 10.0, 2.5, 30.0]);
    }
}
