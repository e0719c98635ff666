//! Small curves that shapes and colors are made of.

use glam::Vec2;

/// 0 up to `low`, 1 from `high` on, and a smooth way between; falls where `low` is above `high`.
pub(super) fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// 1 in the middle of a bell, falling to 0.61 at a distance of `width`.
pub(super) fn bell(distance: f32, width: f32) -> f32 {
    (-0.5 * (distance / width).powi(2)).exp()
}

/// Linear interpolation.
pub(super) fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

/// Distance of `point` from the line of straight pieces through `line`.
pub(super) fn distance_to_line(point: Vec2, line: &[Vec2]) -> f32 {
    let piece = |ends: &[Vec2]| {
        let (way, from) = (ends[1] - ends[0], point - ends[0]);
        let share = (from.dot(way) / way.length_squared().max(1e-9)).clamp(0.0, 1.0);
        (from - way * share).length()
    };
    line.windows(2).map(piece).fold(f32::INFINITY, f32::min)
}

/// Distance of `point` from the edge of a polygon: positive inside, negative outside.
pub(super) fn distance_inside(point: Vec2, corners: &[Vec2]) -> f32 {
    let closed: Vec<Vec2> = corners.iter().chain(corners.first()).copied().collect();
    let crosses = |ends: &&[Vec2]| {
        let (a, b) = (ends[0], ends[1]);
        (a.y > point.y) != (b.y > point.y) && point.x < a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x)
    };
    let distance = distance_to_line(point, &closed);
    if closed.windows(2).filter(crosses).count() % 2 == 1 { distance } else { -distance }
}

/// The linear color of an sRGB color, 0..=1 (IEC 61966-2-1).
pub(super) fn linear(color: [u8; 3]) -> glam::Vec3 {
    let channel = |value: u8| {
        let value = f32::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    glam::Vec3::from(color.map(channel))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_of_a_square() {
        let square = [Vec2::ZERO, Vec2::new(4.0, 0.0), Vec2::splat(4.0), Vec2::new(0.0, 4.0)];
        for (point, expected) in [((2.0, 2.0), 2.0), ((1.0, 2.0), 1.0), ((-3.0, 2.0), -3.0), ((7.0, 8.0), -5.0)] {
            assert!((distance_inside(Vec2::from(point), &square) - expected).abs() < 1e-5, "{point:?}");
        }
    }

    #[test]
    fn steps_rise_and_fall() {
        assert_eq!([smoothstep(1.0, 3.0, 0.0), smoothstep(1.0, 3.0, 2.0), smoothstep(1.0, 3.0, 9.0)], [0.0, 0.5, 1.0]);
        assert_eq!(smoothstep(3.0, 1.0, 0.0), 1.0);
    }
}
