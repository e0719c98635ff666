//! The image pyramid: one picture at falling sizes, so that a window of one size meets faces of all sizes.

use smielfy_vision::BoundingBox;

/// A size at which a picture is searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Level {
    /// Width in pixels of this level.
    pub width: u32,
    /// Height in pixels of this level.
    pub height: u32,
    /// Pixels of this level in a pixel of the picture, across.
    scale_x: f32,
    /// The same, down; differs from `scale_x` by rounding alone.
    scale_y: f32,
}

impl Level {
    fn new(width: u32, height: u32, scale: f32) -> Self {
        let pixels = |length: u32| ((length as f32 * scale).round() as u32).max(1);
        let (level_width, level_height) = (pixels(width), pixels(height));
        let (scale_x, scale_y) = (level_width as f32 / width as f32, level_height as f32 / height as f32);
        Self { width: level_width, height: level_height, scale_x, scale_y }
    }

    /// Where a square of this level is in the picture.
    pub fn to_picture(self, square: BoundingBox) -> BoundingBox {
        let (x, y) = square.center();
        BoundingBox::centered(x / self.scale_x, y / self.scale_y, square.side * 2.0 / (self.scale_x + self.scale_y))
    }
}

/// Levels at which squares of `core` pixels, give or take half a `step`, cover faces from `min_side` pixels to the shorter side of a
/// `width` x `height` picture; each level shows faces `step` times larger than the one before, but for the last.
pub(super) fn levels(width: u32, height: u32, core: f32, min_side: f32, step: f32) -> Vec<Level> {
    let shorter = width.min(height) as f32;
    let last = core * step.sqrt() / shorter;
    let mut scale = (core / step.sqrt() / min_side).max(last);
    let mut levels = vec![Level::new(width, height, scale)];
    while scale > last {
        scale = (scale / step).max(last);
        levels.push(Level::new(width, height, scale));
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_go_from_the_smallest_face_to_the_whole_picture() {
        let levels = levels(640, 480, 20.0, 40.0, 2.0);
        let heights: Vec<u32> = levels.iter().map(|level| level.height).collect();
        // Faces of 40 pixels are 14.1 large on the first level, and the whole picture is 28.3 on the last.
        assert_eq!(heights, [170, 85, 42, 28]);
    }

    #[test]
    fn odd_pictures_have_levels_with_pixels() {
        for (width, height) in [(1, 1), (1, 900), (4000, 3), (17, 17), (16, 300)] {
            let levels = levels(width, height, 20.0, 24.0, 2.0);
            assert!(levels.iter().all(|level| level.width >= 20 && level.height >= 20), "{width}x{height}: {levels:?}");
        }
    }

    proptest! {
        #[test]
        fn a_square_maps_to_the_picture_and_back_within_a_pixel(
            width in 20u32..2000, height in 20u32..2000, which in 0usize..20, x in 0f32..1., y in 0f32..1.
        ) {
            let levels = levels(width, height, 20.0, 24.0, 2.0);
            let level = levels[which % levels.len()];
            let (x, y) = (x * level.width as f32, y * level.height as f32);
            let square = level.to_picture(BoundingBox::centered(x, y, 20.0));
            let (center_x, center_y) = square.center();
            prop_assert!((center_x * level.scale_x - x).abs() < 0.1 && (center_y * level.scale_y - y).abs() < 0.1);
            prop_assert!(center_x <= width as f32 + 1.0 && center_y <= height as f32 + 1.0);
        }

        #[test]
        fn each_size_of_face_has_a_level(width in 60u32..2000, height in 60u32..2000, share in 0f32..1.) {
            let shorter = width.min(height) as f32;
            let side = 24.0 * (shorter / 24.0).powf(share);
            let seen = |level: &Level| side * level.scale_x / 20.0;
            let levels = levels(width, height, 20.0, 24.0, 2.0);
            prop_assert!(levels.iter().any(|level| (0.68..=1.45).contains(&seen(level))), "{side}: {levels:?}");
        }
    }
}
