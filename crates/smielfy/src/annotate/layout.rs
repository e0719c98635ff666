//! Where the square and the texts of a mark go: a picture's size and a mark go in, whole pixels come out.

use super::Mark;
use smielfy_vision::{Rectangle, RgbImage, text_size};

/// Width of the square's line, as a share of its side.
const LINE_PER_SIDE: f32 = 0.018;
/// Least width of the line, as a share of the picture's shorter side: 1 px at 320 x 240, 3 at 1920 x 1080.
const LINE_PER_PICTURE: f32 = 0.003;
/// Width of a line's dark edge, as a share of the line.
const EDGE_PER_LINE: f32 = 0.4;
/// Height of the title, as a share of the square's side.
const TITLE_PER_SIDE: f32 = 0.3;
/// Least height of the title, as a share of the picture's shorter side: 15 px at 640 x 480.
const MIN_TITLE_PER_PICTURE: f32 = 0.032;
/// Greatest height of the title, as a share of the picture's shorter side; a face that fills the picture leaves no more.
const MAX_TITLE_PER_PICTURE: f32 = 0.15;
/// Least height of a title in pixels; smaller letters of the font cannot be told apart.
const MIN_TITLE_PX: f32 = 14.0;
/// Height of the share, as a share of the title's.
const SHARE_PER_TITLE: f32 = 0.55;
/// Least height of the share in pixels; smaller digits of the font cannot be told apart.
const MIN_SHARE_PX: f32 = 11.0;
/// Space left and right of a text, as a share of its height.
const PADDING: f32 = 0.2;
/// A share that takes more than this of a square's width or height goes below the square, as it would hide the face.
const MAX_SHARE_IN_SQUARE: f32 = 0.5;

/// A mark in pixels.
pub(super) struct Layout {
    /// The face square, which may leave the picture.
    pub square: Rectangle,
    /// Width of the bright line.
    pub line: i32,
    /// Width of its dark edges.
    pub edge: i32,
    /// Texts, inside the picture.
    pub labels: Vec<Label>,
}

/// A text on a plate.
#[derive(Debug)]
pub(super) struct Label {
    /// What it says.
    pub text: String,
    /// What it covers.
    pub plate: Rectangle,
    /// Height of the text, in pixels.
    pub height: u32,
    /// Space left and right of the text, in pixels.
    pub padding: i32,
}

impl Layout {
    /// The layout of `mark` on `image`; nothing where no part of the face square is visible.
    pub(super) fn new(image: &RgbImage, mark: &Mark) -> Option<Self> {
        let picture = Rectangle::whole(image);
        let square = Rectangle::from(mark.bounds);
        let visible = square.intersection(&picture);
        if visible.width() == 0 || visible.height() == 0 {
            return None;
        }
        let shorter = image.width().min(image.height()) as f32;
        let side = mark.bounds.side.min(shorter);
        let line = (side * LINE_PER_SIDE).max(shorter * LINE_PER_PICTURE).round().max(1.0);
        let edge = (line * EDGE_PER_LINE).round().max(1.0) as i32;
        let line = line as i32;
        let labels = labels(&picture, &visible.grown(edge), &visible.grown(-line), mark);
        Some(Self { square, line, edge, labels })
    }
}

/// The texts of `mark`, round the `outer` or inside of the `inner` edge of the visible part of its square.
fn labels(picture: &Rectangle, outer: &Rectangle, inner: &Rectangle, mark: &Mark) -> Vec<Label> {
    let shorter = picture.width().min(picture.height()) as f32;
    let least = (shorter * MIN_TITLE_PER_PICTURE).max(MIN_TITLE_PX);
    let most = (shorter * MAX_TITLE_PER_PICTURE).max(least);
    let title_height = (mark.bounds.side * TITLE_PER_SIDE).clamp(least, most);
    let mut labels = Vec::new();
    if !mark.title.is_empty() {
        let label = Label::new(mark.title.clone(), title_height, picture);
        labels.push(above(label, picture, outer, inner));
    }
    if let Some(share) = mark.share {
        let share_height = (title_height * SHARE_PER_TITLE).max(MIN_SHARE_PX);
        let label = Label::new(format!("{:.0}%", share * 100.0), share_height, picture);
        labels.push(lower_left(label, picture, outer, inner));
    }
    labels
}

/// Puts a label above a square, or inside at its top left if there is no room.
fn above(label: Label, picture: &Rectangle, outer: &Rectangle, inner: &Rectangle) -> Label {
    let top = outer.top - label.plate.height() as i32;
    if top >= picture.top { label.moved_to(outer.left, top, picture) } else { label.moved_to(inner.left, inner.top, picture) }
}

/// Puts a label inside a square at its lower left, or below it if it would hide the face and there is room.
fn lower_left(label: Label, picture: &Rectangle, outer: &Rectangle, inner: &Rectangle) -> Label {
    let large = |length: u32, limit: u32| length as f32 > limit as f32 * MAX_SHARE_IN_SQUARE;
    let (width, height) = (label.plate.width(), label.plate.height());
    let hides = large(width, inner.width()) || large(height, inner.height());
    if hides && outer.bottom + height as i32 <= picture.bottom {
        label.moved_to(outer.left, outer.bottom, picture)
    } else {
        label.moved_to(inner.left, inner.bottom - height as i32, picture)
    }
}

impl Label {
    /// A label of about this height at the origin, small enough for the picture.
    fn new(text: String, height: f32, picture: &Rectangle) -> Self {
        let full_width = text_size(&text, height as u32).0 as f32 + 2.0 * PADDING * height;
        let shrink = (picture.width() as f32 / full_width).min(picture.height() as f32 / height).min(1.0);
        let height = ((height * shrink) as u32).max(1);
        let padding = (height as f32 * PADDING) as i32;
        let (width, height) = text_size(&text, height);
        let plate = Rectangle::sized(0, 0, width.saturating_add(2 * padding.unsigned_abs()), height);
        Self { text, plate, height, padding }
    }

    /// This label with its corner at (`left`, `top`), or as near as it stays in the picture.
    fn moved_to(self, left: i32, top: i32, picture: &Rectangle) -> Self {
        let (width, height) = (self.plate.width(), self.plate.height());
        let left = left.min(picture.right - width as i32).max(picture.left);
        let top = top.min(picture.bottom - height as i32).max(picture.top);
        Self { plate: Rectangle::sized(left, top, width, height), ..self }
    }
}
