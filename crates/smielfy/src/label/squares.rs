//! Corrected squares: a correction on key frames goes in, that of any frame comes out.
//!
//! What is interpolated is how far the correction moves and scales what was found, so that a face that moves is still followed.

use smielfy_vision::BoundingBox;

use super::{FramePicture, Square};

/// How a square was corrected: moved by (`dx`, `dy`) of its found side, its side multiplied by the exponential of `log_scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Correction {
    dx: f32,
    dy: f32,
    log_scale: f32,
}

/// The square of `picture` by the corrections on `keys`, pairs of a picture and its right square in the order of time: between two
/// keys theirs are mixed by time, before the first and behind the last key it is that one's.
pub(super) fn corrected(picture: &FramePicture, keys: &[(&FramePicture, Square)]) -> Square {
    let time = |key: &(&FramePicture, Square)| key.0.moment.time_s;
    let now = picture.moment.time_s;
    let before = keys.iter().rev().find(|key| time(key) <= now);
    let after = keys.iter().find(|key| time(key) >= now);
    let correction = match (before, after) {
        (None, None) => return picture.square,
        (Some(key), None) | (None, Some(key)) => Correction::of(key),
        (Some(before), Some(after)) => {
            let span = time(after) - time(before);
            let share = if span > 0.0 { ((now - time(before)) / span) as f32 } else { 0.0 };
            Correction::of(before).mixed(Correction::of(after), share)
        }
    };
    correction.applied(picture.square.into()).into()
}

impl Correction {
    fn of((picture, square): &(&FramePicture, Square)) -> Self {
        let (found, right) = (BoundingBox::from(picture.square), BoundingBox::from(*square));
        let ((found_x, found_y), (right_x, right_y)) = (found.center(), right.center());
        Self {
            dx: (right_x - found_x) / found.side,
            dy: (right_y - found_y) / found.side,
            log_scale: (right.side / found.side).ln(),
        }
    }

    fn mixed(self, other: Self, share: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        Self { dx: mix(self.dx, other.dx), dy: mix(self.dy, other.dy), log_scale: mix(self.log_scale, other.log_scale) }
    }

    fn applied(self, found: BoundingBox) -> BoundingBox {
        let (x, y) = found.center();
        BoundingBox::centered(x + self.dx * found.side, y + self.dy * found.side, found.side * self.log_scale.exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Moment;

    /// A picture at a time, of a face that moves to the right by 10 px a second.
    fn picture(time_s: f64) -> FramePicture {
        let square = Square { x: 10.0 * time_s as f32, y: 0.0, side: 100.0 };
        let moment = Moment { frame: time_s as u64, time_s };
        FramePicture { file: String::new(), moment, left: 0, top: 0, width: 200, height: 200, square }
    }

    #[test]
    fn corrections_are_interpolated_between_keys_and_kept_beyond_them() {
        let (first, second) = (picture(2.0), picture(4.0));
        let keys = [(&first, Square { x: 30.0, y: 0.0, side: 100.0 }), (&second, Square { x: 40.0, y: 20.0, side: 100.0 })];
        let check = |time_s: f64, keys: &[_], expected: (f32, f32)| {
            let square = corrected(&picture(time_s), keys);
            assert!((square.x - expected.0).abs() < 1e-3 && (square.y - expected.1).abs() < 1e-3, "{time_s}: {square:?}");
            assert!((square.side - 100.0).abs() < 1e-3);
        };
        check(3.0, &[], (30.0, 0.0));
        check(2.0, &keys, (30.0, 0.0));
        check(3.0, &keys, (35.0, 10.0));
        check(4.0, &keys, (40.0, 20.0));
        check(0.0, &keys, (10.0, 0.0));
        check(6.0, &keys, (60.0, 20.0));
        check(6.0, &keys[..1], (70.0, 0.0));
    }

    #[test]
    fn sides_are_mixed_by_their_ratio() {
        let (first, second) = (picture(0.0), picture(2.0));
        let keys = [(&first, first.square), (&second, Square { x: -130.0, y: -150.0, side: 400.0 })];
        let square = corrected(&picture(1.0), &keys);
        assert!((square.side - 200.0).abs() < 1e-2, "{square:?}");
    }
}
