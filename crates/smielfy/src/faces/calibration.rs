//! Patterns by which a window may miss a face, and the way back (Li et al. 2015, section 3.2).

use smielfy_vision::BoundingBox;

/// Side of a missed window in sides of the face.
const SCALES: [f32; 5] = [0.83, 0.91, 1.0, 1.10, 1.21];
/// Shift of a missed window along an axis in its own sides: 8 of 48 pixels, the 17 % of Li et al.
const SHIFTS: [f32; 3] = [-1.0 / 6.0, 0.0, 1.0 / 6.0];

/// How a window lies to the face: a scale, then a shift in sides of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pattern {
    /// Side of the window over the side of the face.
    pub scale: f32,
    /// Center of the window minus center of the face, to the right, in sides of the window.
    pub dx: f32,
    /// The same, downwards.
    pub dy: f32,
}

/// The 45 patterns, which serve twice: they are the classes of the calibration nets and the windows of the vote.
///
/// Scales change slowest and horizontal shifts fastest; pattern 22, the middle one, is the window that fits.
pub const CALIBRATION: [Pattern; 45] = Pattern::grid(SCALES, SHIFTS);

impl Pattern {
    /// All combinations: scales change slowest and horizontal shifts fastest.
    pub(super) const fn grid(scales: [f32; 5], shifts: [f32; 3]) -> [Self; 45] {
        let mut patterns = [Self { scale: 1.0, dx: 0.0, dy: 0.0 }; 45];
        let mut index = 0;
        while index < 45 {
            patterns[index] = Self { scale: scales[index / 9], dx: shifts[index % 3], dy: shifts[index / 3 % 3] };
            index += 1;
        }
        patterns
    }

    /// Index of what the pattern `index` of a grid is in a mirror: the opposite horizontal shift.
    pub(crate) const fn mirrored(index: usize) -> usize {
        index / 3 * 3 + 2 - index % 3
    }

    /// Name for people: scale, shift to the right and downwards.
    pub(crate) fn name(&self) -> String {
        format!("{:.2} {:+.2} {:+.2}", self.scale, self.dx, self.dy)
    }

    /// The window that misses `face` by this pattern.
    pub fn window(&self, face: BoundingBox) -> BoundingBox {
        face.jittered(self.scale, self.dx, self.dy)
    }

    /// The face that `window` misses by this pattern.
    pub fn face(&self, window: BoundingBox) -> BoundingBox {
        let (x, y) = window.center();
        BoundingBox::centered(x - self.dx * window.side, y - self.dy * window.side, window.side / self.scale)
    }
}

/// The face that `window` misses by the mean of `patterns`, weighted by a net's probabilities of them, which sum to 1.
///
/// # Panics
/// If there is not a probability for each pattern.
pub fn calibrate(window: BoundingBox, patterns: &[Pattern], probabilities: &[f32]) -> BoundingBox {
    assert_eq!(probabilities.len(), patterns.len(), "a probability for each pattern");
    let mean = |value: fn(&Pattern) -> f32| -> f32 {
        patterns.iter().zip(probabilities).map(|(pattern, probability)| value(pattern) * probability).sum()
    };
    let scale = mean(|pattern| pattern.scale.ln()).exp();
    Pattern { scale, dx: mean(|pattern| pattern.dx), dy: mean(|pattern| pattern.dy) }.face(window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_are_all_combinations() {
        let middle = Pattern { scale: 1.0, dx: 0.0, dy: 0.0 };
        assert_eq!(CALIBRATION[22], middle);
        assert_eq!(CALIBRATION[0], Pattern { scale: 0.83, dx: -1.0 / 6.0, dy: -1.0 / 6.0 });
        assert_eq!(CALIBRATION[44], Pattern { scale: 1.21, dx: 1.0 / 6.0, dy: 1.0 / 6.0 });
        for (index, pattern) in CALIBRATION.iter().enumerate() {
            assert!(!CALIBRATION[..index].contains(pattern), "pattern {index} occurs twice");
        }
    }

    #[test]
    fn a_sure_calibration_finds_the_way_back() {
        let face = BoundingBox::new(40.0, 30.0, 48.0);
        for (index, pattern) in CALIBRATION.iter().enumerate() {
            let mut probabilities = [0.0; 45];
            probabilities[index] = 1.0;
            let found = calibrate(pattern.window(face), &CALIBRATION, &probabilities);
            let off = [found.x - face.x, found.y - face.y, found.side - face.side];
            assert!(off.iter().all(|off| off.abs() < 1e-3), "pattern {index}: {found:?}");
        }
    }

    #[test]
    fn a_mirror_turns_shifts_round() {
        for (index, pattern) in CALIBRATION.iter().enumerate() {
            let other = CALIBRATION[Pattern::mirrored(index)];
            assert_eq!((other.scale, other.dx, other.dy), (pattern.scale, -pattern.dx, pattern.dy));
        }
    }

    #[test]
    fn an_even_calibration_changes_almost_nothing() {
        let window = BoundingBox::new(10.0, 10.0, 48.0);
        let found = calibrate(window, &CALIBRATION, &[1.0 / 45.0; 45]);
        assert!((found.x - window.x).abs() < 0.1 && (found.side - window.side).abs() < 0.1, "{found:?}");
    }
}
