//! Draws what was recognized on a picture.
//!
//! A picture and a [`Mark`] for each face go in; the picture is changed: a square round each face, the emoticon above it and
//! the share of the vote, in per cent, at its lower left. Lines and texts grow with the face and with the picture, and stand
//! on dark plates, so that they can be read on any background. Texts never leave the picture.

#[cfg(test)]
mod golden;
mod layout;

use layout::{Label, Layout};
use smielfy_vision::{BoundingBox, Color, Rectangle, RgbImage, draw_text, fill_rectangle, outline_rectangle};

/// Squares and texts: a yellow as smileys have it.
const COLOR: Color = [255, 221, 51];
/// Plates below texts, and the edges of lines.
const PLATE_COLOR: Color = [16, 16, 20];
/// How much of the picture a plate hides. On white it is a gray of 93, against which [`COLOR`] has a contrast of 5 : 1.
const PLATE_OPACITY: f32 = 0.68;

/// What is drawn at one face.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The face square.
    pub bounds: BoundingBox,
    /// Drawn large: the emoticon, `?` where nobody can tell, nothing if empty.
    pub title: String,
    /// Share of the vote, in `0..=1`, drawn as per cent.
    pub share: Option<f32>,
}

/// Draws all `marks` on `image`; squares first, so that no text is crossed by a line. A face outside of the picture leaves
/// no mark.
pub fn annotate(image: &mut RgbImage, marks: &[Mark]) {
    let layouts: Vec<Layout> = marks.iter().filter_map(|mark| Layout::new(image, mark)).collect();
    for layout in &layouts {
        draw_square(image, layout);
    }
    for label in layouts.iter().flat_map(|layout| &layout.labels) {
        draw_label(image, label);
    }
}

/// A bright line with a dark edge on both sides.
fn draw_square(image: &mut RgbImage, layout: &Layout) {
    let Layout { square, line, edge, .. } = *layout;
    outline_rectangle(image, square.grown(edge), (line + 2 * edge).unsigned_abs(), PLATE_COLOR);
    outline_rectangle(image, square, line.unsigned_abs(), COLOR);
}

fn draw_label(image: &mut RgbImage, label: &Label) {
    fill_rectangle(image, label.plate, PLATE_COLOR, PLATE_OPACITY);
    let Rectangle { left, top, .. } = label.plate;
    draw_text(image, &label.text, left + label.padding, top, label.height, COLOR);
}
