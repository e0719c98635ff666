//! The image pyramid: one picture at falling sizes, so that a window of one size meets faces of all sizes.

use smielfy_vision::BoundingBox;

/// A size at which a picture is searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
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

    /// The square of the picture that a window of `side` pixels at (`x`, `y`) of this level shows.
    pub fn to_picture(self, x: f32, y: f32, side: f32) -> BoundingBox {
        let half = side / 2.0;
        let picture_side = side * 2.0 / (self.scale_x + self.scale_y);
        BoundingBox::centered((x + half) / self.scale_x, (y + half) / self.scale_y, picture_side)
    }
}

/// Levels at which a window of `window` pixels covers faces of `min_side` pixels and, from level to level, of `step` times
/// more, up to the shorter side of a `width` x `height` picture, which the last level fits exactly.
pub(super) fn levels(width: u32, height: u32, window: u32, min_side: f32, step: f32) -> Vec<Level> {
    let shorter = width.min(height) as f32;
    let last = window as f32 / shorter;
    let mut scale = (window as f32 / min_side).max(last);
    let mut levels = Vec::new();
    while scale > last * step.sqrt() {
        levels.push(Level::new(width, height, scale));
        scale /= step;
    }
    levels.push(Level::new(width, height, last));
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_go_from_the_smallest_face_to_the_whole_picture() {
        let levels = levels(640, 480, 20, 40.0, 2.0);
        let sizes: Vec<(u32, u32)> = levels.iter().map(|level| (level.width, level.height)).collect();
        assert_eq!(sizes, [(320, 240), (160, 120), (80, 60), (40, 30), (27, 20)]);
    }

    #[test]
    fn odd_pictures_have_levels_that_a_window_fits() {
        for (width, height) in [(1, 1), (1, 900), (4000, 3), (17, 17), (16, 300)] {
            let levels = levels(width, height, 17, 24.0, 1.26);
            assert!(levels.iter().all(|level| level.width >= 17 && level.height >= 17), "{width}x{height}: {levels:?}");
        }
    }

    proptest! {
        #[test]
        fn a_square_maps_to_the_picture_and_back_within_a_pixel(
            width in 20u32..2000, height in 20u32..2000, which in 0usize..20, x in 0f32..1., y in 0f32..1.
        ) {
            let levels = levels(width, height, 17, 24.0, 1.26);
            let level = levels[which % levels.len()];
            let (x, y) = (x * (level.width - 17) as f32, y * (level.height - 17) as f32);
            let square = level.to_picture(x, y, 17.0);
            let (center_x, center_y) = square.center();
            let back = (center_x * level.scale_x - 8.5, center_y * level.scale_y - 8.5);
            prop_assert!((back.0 - x).abs() < 0.1 && (back.1 - y).abs() < 0.1);
            prop_assert!(square.x > -1.0 - square.side * 0.05 && square.y > -1.0 - square.side * 0.05);
        }
    }
}
