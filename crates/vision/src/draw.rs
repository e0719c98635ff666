//! Drawing on pictures: rectangles and one-line texts.
//!
//! A picture and whole pixels go in, the picture is changed. What lies outside the picture is cut off, so that nothing here
//! can fail. Texts are set in the embedded font, `DejaVu Sans Mono Bold` cut down to printable ASCII (`assets/font`).

use crate::BoundingBox;
use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};
use image::{Rgb, RgbImage};

/// Red, green and blue, each in `0..=255`.
pub type Color = [u8; 3];

static FONT: &[u8] = include_bytes!("../../../assets/font/dejavu-sans-mono-bold-ascii.ttf");

/// Texts are at most this high, in pixels: a line of an 8K picture could not be higher than half of it, and the memory for
/// one letter stays small (4 MB).
const MAX_TEXT_HEIGHT: u32 = 1024;

/// A rectangle of whole pixels, half-open: it has no pixels if `right <= left` or `bottom <= top`. It may leave the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    /// First column.
    pub left: i32,
    /// First row.
    pub top: i32,
    /// Column after the last one.
    pub right: i32,
    /// Row after the last one.
    pub bottom: i32,
}

impl Rectangle {
    /// A rectangle of `width` x `height` pixels with its corner at (`left`, `top`).
    pub const fn sized(left: i32, top: i32, width: u32, height: u32) -> Self {
        let (right, bottom) = (left.saturating_add_unsigned(width), top.saturating_add_unsigned(height));
        Self { left, top, right, bottom }
    }

    /// The whole of `image`.
    pub fn whole(image: &RgbImage) -> Self {
        Self::sized(0, 0, image.width(), image.height())
    }

    /// Number of columns.
    pub const fn width(&self) -> u32 {
        if self.right > self.left { self.right.abs_diff(self.left) } else { 0 }
    }

    /// Number of rows.
    pub const fn height(&self) -> u32 {
        if self.bottom > self.top { self.bottom.abs_diff(self.top) } else { 0 }
    }

    /// What it shares with `other`.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// This rectangle with each edge moved outwards by `margin` pixels; inwards if `margin` is negative.
    #[must_use]
    pub const fn grown(&self, margin: i32) -> Self {
        Self {
            left: self.left.saturating_sub(margin),
            top: self.top.saturating_sub(margin),
            right: self.right.saturating_add(margin),
            bottom: self.bottom.saturating_add(margin),
        }
    }
}

impl From<BoundingBox> for Rectangle {
    /// The box with its edges at the nearest pixel edges.
    fn from(bounds: BoundingBox) -> Self {
        Self {
            left: bounds.x.round() as i32,
            top: bounds.y.round() as i32,
            right: (bounds.x + bounds.side).round() as i32,
            bottom: (bounds.y + bounds.side).round() as i32,
        }
    }
}

/// Paints all of `area` in `color`; `opacity` is in `0..=1`, where 1 hides what is below.
pub fn fill_rectangle(image: &mut RgbImage, area: Rectangle, color: Color, opacity: f32) {
    let visible = area.intersection(&Rectangle::whole(image));
    if visible.width() == 0 || visible.height() == 0 {
        return;
    }
    for y in visible.top..visible.bottom {
        for x in visible.left..visible.right {
            blend(image.get_pixel_mut(x as u32, y as u32), color, opacity);
        }
    }
}

/// Draws the border of `area`, `thickness` pixels wide and inside of it.
pub fn outline_rectangle(image: &mut RgbImage, area: Rectangle, thickness: u32, color: Color) {
    let inner = area.grown(-i32::try_from(thickness).unwrap_or(i32::MAX));
    if inner.width() == 0 || inner.height() == 0 {
        return fill_rectangle(image, area, color, 1.0);
    }
    let edges = [
        Rectangle { bottom: inner.top, ..area },
        Rectangle { top: inner.bottom, ..area },
        Rectangle { right: inner.left, ..area },
        Rectangle { left: inner.right, ..area },
    ];
    for edge in edges {
        fill_rectangle(image, edge, color, 1.0);
    }
}

/// Width and height, in pixels, of `text` in a line of `height` pixels (at least 1, at most 1,024).
///
/// The height is that of any letter with its ascender and descender; letters are of equal widths.
pub fn text_size(text: &str, height: u32) -> (u32, u32) {
    let height = height.clamp(1, MAX_TEXT_HEIGHT);
    let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    (letters.saturating_mul(advance(&font(), height)), height)
}

/// Draws `text` as one line of `height` pixels with its top left corner at (`left`, `top`); it takes [`text_size`].
///
/// Characters other than printable ASCII are drawn as a hollow box.
pub fn draw_text(image: &mut RgbImage, text: &str, left: i32, top: i32, height: u32, color: Color) {
    let font = font();
    let height = height.clamp(1, MAX_TEXT_HEIGHT);
    let advance = i64::from(advance(&font, height));
    let mut x = i64::from(left);
    for letter in text.chars() {
        if x >= i64::from(image.width()) {
            return;
        }
        if x + advance > 0 {
            draw_letter(image, &font, letter, (x, i64::from(top)), height, color);
        }
        x += advance;
    }
}

fn font() -> FontRef<'static> {
    FontRef::try_from_slice(FONT).expect("the embedded font is valid, as a test shows")
}

/// Width of a letter, in pixels. Whole, so that equal letters are drawn alike.
fn advance(font: &FontRef<'_>, height: u32) -> u32 {
    let font = font.as_scaled(PxScale::from(height as f32));
    font.h_advance(font.glyph_id('0')).ceil() as u32
}

fn draw_letter(image: &mut RgbImage, font: &FontRef<'_>, letter: char, (left, top): (i64, i64), height: u32, color: Color) {
    let scale = PxScale::from(height as f32);
    let baseline = font.as_scaled(scale).ascent();
    let glyph: Glyph = font.glyph_id(letter).with_scale_and_position(scale, point(0.0, baseline));
    let Some(outline) = font.outline_glyph(glyph) else {
        return;
    };
    let corner = outline.px_bounds().min;
    let (left, top) = (left + corner.x as i64, top + corner.y as i64);
    outline.draw(|x, y, coverage| {
        let (x, y) = (u32::try_from(left + i64::from(x)), u32::try_from(top + i64::from(y)));
        if let (Ok(x), Ok(y)) = (x, y)
            && let Some(pixel) = image.get_pixel_mut_checked(x, y)
        {
            blend(pixel, color, coverage);
        }
    });
}

fn blend(pixel: &mut Rgb<u8>, color: Color, opacity: f32) {
    let opacity = opacity.clamp(0.0, 1.0);
    for (below, above) in pixel.0.iter_mut().zip(color) {
        *below = (f32::from(*below) * (1.0 - opacity) + f32::from(above) * opacity).round() as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHITE: Color = [255; 3];

    /// The picture as text: ` ` is black, `+` is gray, `#` is nearly white.
    fn grid(image: &RgbImage) -> Vec<String> {
        let letter = |pixel: &Rgb<u8>| match pixel[0] {
            0..64 => ' ',
            64..192 => '+',
            _ => '#',
        };
        image.rows().map(|row| row.map(letter).collect()).collect()
    }

    #[test]
    fn outlines_are_inside_and_cut_off() {
        let cases: [(Rectangle, u32, [&str; 5]); 5] = [
            (Rectangle::sized(1, 1, 4, 3), 1, ["      ", " #### ", " #  # ", " #### ", "      "]),
            (Rectangle::sized(0, 0, 6, 5), 2, ["######", "######", "##  ##", "######", "######"]),
            (Rectangle::sized(-2, -2, 5, 5), 1, ["  #   ", "  #   ", "###   ", "      ", "      "]),
            (Rectangle::sized(2, 2, 2, 2), 7, ["      ", "      ", "  ##  ", "  ##  ", "      "]),
            (Rectangle { left: 4, top: 4, right: 1, bottom: 1 }, 1, ["      "; 5]),
        ];
        for (area, thickness, expected) in cases {
            let mut image = RgbImage::new(6, 5);
            outline_rectangle(&mut image, area, thickness, WHITE);
            assert_eq!(grid(&image), expected, "{area:?}, {thickness} px");
        }
    }

    #[test]
    fn fills_are_translucent_and_cut_off() {
        let mut image = RgbImage::new(4, 3);
        fill_rectangle(&mut image, Rectangle::sized(-1, 1, 3, 9), WHITE, 1.0);
        fill_rectangle(&mut image, Rectangle::sized(1, 0, 2, 2), [0; 3], 0.5);
        fill_rectangle(&mut image, Rectangle::sized(3, 0, 1, 1), WHITE, 0.5);
        assert_eq!(grid(&image), ["   +", "#+  ", "##  "]);
    }

    #[test]
    fn texts_have_shape_size_and_place() {
        let mut image = RgbImage::new(16, 14);
        draw_text(&mut image, ":)", 1, 1, 12, WHITE);
        let expected = [
            "                ",
            "                ",
            "                ",
            "          #     ",
            "          ++    ",
            "   ++     +#    ",
            "   +#     +#    ",
            "           #    ",
            "    +     +#    ",
            "   +#     +#    ",
            "   ++     #+    ",
            "          #     ",
            "                ",
            "                ",
        ];
        assert_eq!(grid(&image), expected);
    }

    #[test]
    fn a_text_stays_in_its_size() {
        for height in [1, 7, 12, 33, 100] {
            for text in ["", "a", "O_O", ">:( 100 %", "\u{1f600}"] {
                let (width, line) = text_size(text, height);
                assert_eq!(line, height);
                let mut image = RgbImage::new(width + 40, line + 40);
                draw_text(&mut image, text, 20, 20, height, WHITE);
                let inked = image.enumerate_pixels().filter(|(_, _, pixel)| pixel[0] > 0);
                let (width, line) = (i64::from(width), i64::from(line));
                for (x, y, _) in inked {
                    let (x, y) = (i64::from(x) - 20, i64::from(y) - 20);
                    assert!((-1..=width).contains(&x) && (-1..=line).contains(&y), "`{text}` at {height} px: {x}, {y}");
                }
            }
        }
        assert_eq!(text_size("ab", u32::MAX).1, MAX_TEXT_HEIGHT);
    }

    #[test]
    fn every_printable_ascii_character_has_a_letter() {
        let font = font();
        for letter in ' '..='~' {
            assert_ne!(font.glyph_id(letter).0, 0, "`{letter}`");
        }
    }

    #[test]
    fn boxes_are_rounded_to_pixels() {
        let cases = [
            (BoundingBox::new(1.4, 1.6, 3.0), Rectangle { left: 1, top: 2, right: 4, bottom: 5 }),
            (BoundingBox::new(-2.0, 0.0, 2.0), Rectangle::sized(-2, 0, 2, 2)),
            (BoundingBox::new(f32::NAN, 0.0, 1.0), Rectangle { left: 0, top: 0, right: 0, bottom: 1 }),
        ];
        for (bounds, expected) in cases {
            assert_eq!(Rectangle::from(bounds), expected);
        }
    }

    proptest! {
        #[test]
        fn drawing_anywhere_changes_nothing_outside(
            left in any::<i32>(), top in any::<i32>(), near_left in -60i32..60, near_top in -60i32..60,
            width in 0u32..80, height in 0u32..80, thickness in any::<u32>(), opacity in any::<f32>(), text in "\\PC{0,4}",
        ) {
            let mut image = RgbImage::new(17, 13);
            for (left, top) in [(left, top), (near_left, near_top)] {
                let area = Rectangle::sized(left, top, width, height);
                fill_rectangle(&mut image, area, WHITE, opacity);
                outline_rectangle(&mut image, area, thickness, WHITE);
                draw_text(&mut image, &text, left, top, height, WHITE);
            }
            let area = Rectangle::sized(near_left, near_top, width, height);
            let mut alone = RgbImage::new(17, 13);
            outline_rectangle(&mut alone, area, thickness, WHITE);
            let visible = area.intersection(&Rectangle::whole(&alone));
            let inked = alone.pixels().filter(|pixel| pixel[0] > 0).count();
            prop_assert!(inked <= visible.width() as usize * visible.height() as usize);
        }
    }
}
