//! Sheets of tiles with a label a row: tiles in, one picture out.

use smielfy_vision::{Color, Rectangle, RgbImage, draw_text, fill_rectangle, resize, text_size};

/// Height of a row's label, as a share of a tile.
const LABEL_PER_TILE: f32 = 0.17;
/// Space between tiles, in pixels.
pub(super) const GAP: u32 = 2;
pub(super) const BACKGROUND: Color = [28, 28, 32];
const LABEL_COLOR: Color = [255, 221, 51];

/// A grid of tiles with a label before each row.
pub(crate) struct Sheet {
    pub image: RgbImage,
    left: u32,
    tile: u32,
}

impl Sheet {
    /// An empty sheet with `per_row` places of `tile` pixels behind each label.
    pub(crate) fn new(labels: &[String], per_row: usize, tile: u32) -> Self {
        let height = ((tile as f32 * LABEL_PER_TILE) as u32).max(1);
        let left = labels.iter().map(|label| text_size(label, height).0).max().unwrap_or(0) + height;
        let mut image = RgbImage::new(left + per_row as u32 * (tile + GAP) + GAP, labels.len() as u32 * (tile + GAP) + GAP);
        let whole = Rectangle::whole(&image);
        fill_rectangle(&mut image, whole, BACKGROUND, 1.0);
        for (row, label) in labels.iter().enumerate() {
            let top = GAP + row as u32 * (tile + GAP) + (tile - height.min(tile)) / 2;
            draw_text(&mut image, label, height as i32 / 2, top as i32, height, LABEL_COLOR);
        }
        Self { image, left, tile }
    }

    /// Puts a tile, fitted to the grid if it is larger, into the middle of its place.
    pub(crate) fn place(&mut self, row: usize, column: usize, tile: &RgbImage) {
        let longest = tile.width().max(tile.height());
        if longest > self.tile {
            return self.place(row, column, &fitted(tile, self.tile).0);
        }
        let corner = |index: usize| GAP + index as u32 * (self.tile + GAP);
        let left = self.left + corner(column) + (self.tile - tile.width()) / 2;
        let top = corner(row) + (self.tile - tile.height()) / 2;
        for (x, y, pixel) in tile.enumerate_pixels() {
            self.image.put_pixel(left + x, top + y, *pixel);
        }
    }
}

/// A whole picture fitted into `size` x `size` pixels, and the factor by which its sides changed.
pub(super) fn fitted(picture: &RgbImage, size: u32) -> (RgbImage, f32) {
    let factor = size as f32 / picture.width().max(picture.height()).max(1) as f32;
    let side = |length: u32| ((length as f32 * factor).round() as u32).clamp(1, size.max(1));
    (resize(picture, side(picture.width()), side(picture.height())), factor)
}
