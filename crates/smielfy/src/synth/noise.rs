//! Value noise: a smooth random number at every place, the same for the same place.

use glam::Vec3;

/// Smooth noise in -1..=1 with one bump a unit of length: hashed corners of a grid, blended by smoothstep.
pub(super) fn noise(place: Vec3) -> f32 {
    let [x, y, z] = place.to_array().map(floor);
    let inside = place - Vec3::new(x as f32, y as f32, z as f32);
    let t = inside * inside * (Vec3::splat(3.0) - 2.0 * inside);
    let blend = |a: f32, b: f32, share: f32| a + (b - a) * share;
    let row = |y, z| blend(corner(x, y, z), corner(x + 1, y, z), t.x);
    let plane = |z| blend(row(y, z), row(y + 1, z), t.y);
    blend(plane(z), plane(z + 1), t.z)
}

/// The next whole number below. `f32::floor` is a call into the C library on processors that are not known to have SSE 4.1.
fn floor(value: f32) -> i32 {
    let whole = value as i32;
    whole - i32::from(value < whole as f32)
}

/// Two octaves of [`noise`], in -1..=1.
pub(super) fn rough_noise(place: Vec3) -> f32 {
    (noise(place) + 0.5 * noise(place * 2.03 + Vec3::splat(17.7))) / 1.5
}

/// A random number in -1..=1 for a corner of the grid (constants of `MurmurHash3`'s finalizer, Appleby 2011).
fn corner(x: i32, y: i32, z: i32) -> f32 {
    let mixed =
        (x as u32).wrapping_mul(0x8da6_b343) ^ (y as u32).wrapping_mul(0xd816_3841) ^ (z as u32).wrapping_mul(0xcb1a_b31f);
    let mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35);
    (mixed >> 8) as f32 / (1 << 23) as f32 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_smooth_bounded_and_balanced() {
        let values: Vec<f32> = (0..4000).map(|i| noise(Vec3::new(i as f32 * 0.05, 3.3, -7.1))).collect();
        assert!(values.iter().all(|value| value.abs() <= 1.0));
        assert!(values.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.2));
        let mean = values.iter().sum::<f32>() / 4000.0;
        assert!(mean.abs() < 0.1, "{mean}");
    }
}
