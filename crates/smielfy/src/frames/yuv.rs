//! Pictures of video: luma and chroma planes of 8 bits.
//!
//! Planes and the meaning of their numbers go in, RGB comes out; and back. Formulas: ITU-R BT.601 and BT.709, in fixed point.

use smielfy_vision::RgbImage;

/// Most pixels of a frame: 8192 x 8192, beyond 8K video; 192 MiB as RGB.
pub const MAX_FRAME_PIXELS: u64 = 1 << 26;

/// Height in pixels from which video is taken as BT.709 if it does not say: HDTV starts there.
const HD_HEIGHT: usize = 720;

/// The weights of red and blue in luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matrix {
    /// Standard definition and JPEG.
    Bt601,
    /// High definition.
    Bt709,
}

/// Which numbers stand for black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// Luma 16..=235, chroma 16..=240.
    Limited,
    /// 0..=255.
    Full,
}

/// What the numbers in planes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colors {
    /// Weights of red and blue.
    pub matrix: Matrix,
    /// Numbers for black and white.
    pub range: Range,
}

impl Colors {
    /// Colors of a video `height` pixels high that says as much as `matrix` and `range`.
    pub fn known_or_usual(matrix: Option<Matrix>, range: Option<Range>, height: usize) -> Self {
        let usual = if height >= HD_HEIGHT { Matrix::Bt709 } else { Matrix::Bt601 };
        Self { matrix: matrix.unwrap_or(usual), range: range.unwrap_or(Range::Limited) }
    }

    /// Weights of red and blue in luma.
    fn weights(self) -> (f64, f64) {
        match self.matrix {
            Matrix::Bt601 => (0.299, 0.114),
            Matrix::Bt709 => (0.2126, 0.0722),
        }
    }

    /// Luma of black, and the spans of luma and chroma in 255ths.
    fn spans(self) -> (u8, f64, f64) {
        match self.range {
            Range::Limited => (16, 219.0 / 255.0, 224.0 / 255.0),
            Range::Full => (0, 1.0, 1.0),
        }
    }
}

/// A picture in planes; chroma may be coarser than luma.
#[derive(Debug, Clone, Copy)]
pub struct Planes<'a> {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Luma, `height` rows.
    pub luma: &'a [u8],
    /// Distance of luma rows in bytes.
    pub luma_stride: usize,
    /// Blue and red difference.
    pub chroma: [&'a [u8]; 2],
    /// Distance of chroma rows in bytes.
    pub chroma_stride: usize,
    /// Chroma is coarser by 2 to the power of this, across and down.
    pub chroma_shift: [u32; 2],
}

/// Bits of fraction in the fixed-point factors below; products of 9 and 18 bits fit into an `i32`.
const FRACTION: u32 = 14;

/// `value` in fixed point.
fn fixed(value: f64) -> i32 {
    (value * f64::from(1 << FRACTION)).round() as i32
}

/// The picture that `planes` hold; each chroma value serves all of its pixels.
pub fn to_rgb(planes: &Planes, colors: Colors) -> RgbImage {
    let factors = Factors::new(colors);
    let mut image = RgbImage::new(planes.width as u32, planes.height as u32);
    let [across, down] = planes.chroma_shift;
    let chroma_width = planes.width.div_ceil(1 << across);
    for (y, row) in image.chunks_exact_mut(3 * planes.width.max(1)).enumerate() {
        let luma = &planes.luma[y * planes.luma_stride..][..planes.width];
        let start = (y >> down) * planes.chroma_stride;
        let [blue, red] = planes.chroma.map(|plane| &plane[start..][..chroma_width]);
        factors.convert_row(row, luma, blue, red, 1 << across);
    }
    image
}

/// Fixed-point factors from luma and chroma to RGB.
struct Factors {
    black: i32,
    luma: i32,
    red: i32,
    green: [i32; 2],
    blue: i32,
}

impl Factors {
    fn new(colors: Colors) -> Self {
        let ((red, blue), (black, luma, chroma)) = (colors.weights(), colors.spans());
        let green = 1.0 - red - blue;
        Self {
            black: i32::from(black),
            luma: fixed(1.0 / luma),
            red: fixed(2.0 * (1.0 - red) / chroma),
            green: [2.0 * (1.0 - blue) * blue, 2.0 * (1.0 - red) * red].map(|part| fixed(-part / green / chroma)),
            blue: fixed(2.0 * (1.0 - blue) / chroma),
        }
    }

    /// Converts a row of pixels, `step` of which share each chroma value.
    fn convert_row(&self, row: &mut [u8], luma: &[u8], blue: &[u8], red: &[u8], step: usize) {
        let chroma = blue.iter().zip(red);
        for ((pixels, luma), (&blue, &red)) in row.chunks_mut(3 * step).zip(luma.chunks(step)).zip(chroma) {
            let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
            let offsets = [self.red * red, self.green[0] * blue + self.green[1] * red, self.blue * blue];
            for (pixel, &luma) in pixels.chunks_exact_mut(3).zip(luma) {
                let base = self.luma * (i32::from(luma) - self.black) + (1 << (FRACTION - 1));
                for (value, offset) in pixel.iter_mut().zip(offsets) {
                    *value = ((base + offset) >> FRACTION).clamp(0, 255) as u8;
                }
            }
        }
    }
}

/// `image` in 4:2:0 planes of `width` x `height` pixels, both even and not less than its own: luma, then blue difference,
/// then red difference, without gaps. The last column and row are repeated where the planes are larger.
pub fn from_rgb(image: &RgbImage, width: usize, height: usize, colors: Colors) -> Vec<u8> {
    let weights = Weights::new(colors);
    let mut planes = vec![0; width * height * 3 / 2];
    let (luma, chroma) = planes.split_at_mut(width * height);
    let (blue, red) = chroma.split_at_mut(width * height / 4);
    let mut rows = [vec![0; 3 * width], vec![0; 3 * width]];
    for y in (0..height).step_by(2) {
        for (row, y) in rows.iter_mut().zip([y, y + 1]) {
            fill_row(row, image, y);
        }
        for (row, luma) in rows.iter().zip(luma[y * width..].chunks_exact_mut(width)) {
            weights.luma_row(luma, row);
        }
        let start = y / 2 * (width / 2);
        let chroma = blue[start..].iter_mut().zip(&mut red[start..]);
        let cells = rows[0].chunks_exact(6).zip(rows[1].chunks_exact(6));
        for ((blue, red), (above, below)) in chroma.zip(cells) {
            (*blue, *red) = weights.chroma(above, below);
        }
    }
    planes
}

/// Copies row `y` of `image`, or the last one, into `row` and repeats its last pixel.
fn fill_row(row: &mut [u8], image: &RgbImage, y: usize) {
    let length = 3 * image.width() as usize;
    let source = &image.as_raw()[y.min(image.height() as usize - 1) * length..][..length];
    let (inside, outside) = row.split_at_mut(length);
    inside.copy_from_slice(source);
    outside.chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&source[length - 3..]));
}

/// Fixed-point weights from RGB to luma and chroma.
struct Weights {
    black: i32,
    luma: [i32; 3],
    blue: [i32; 3],
    red: [i32; 3],
}

impl Weights {
    fn new(colors: Colors) -> Self {
        let ((red, blue), (black, luma, chroma)) = (colors.weights(), colors.spans());
        let rgb = [red, 1.0 - red - blue, blue];
        let difference = |channel: usize| {
            let scale = chroma / 2.0 / (1.0 - rgb[channel]);
            std::array::from_fn(|i| fixed(scale * (f64::from(u8::from(i == channel)) - rgb[i])))
        };
        Self { black: i32::from(black), luma: rgb.map(|weight| fixed(weight * luma)), blue: difference(2), red: difference(0) }
    }

    fn luma_row(&self, luma: &mut [u8], row: &[u8]) {
        let base = (self.black << FRACTION) + (1 << (FRACTION - 1));
        for (luma, pixel) in luma.iter_mut().zip(row.chunks_exact(3)) {
            let [red, green, blue] = [0, 1, 2].map(|i| i32::from(pixel[i]) * self.luma[i]);
            *luma = ((base + red + green + blue) >> FRACTION).clamp(0, 255) as u8;
        }
    }

    /// Blue and red difference of a cell of two pixels `above` two others.
    fn chroma(&self, above: &[u8], below: &[u8]) -> (u8, u8) {
        let sum = |i: usize| [above[i], above[i + 3], below[i], below[i + 3]].into_iter().map(i32::from).sum::<i32>();
        let sums = [sum(0), sum(1), sum(2)];
        let base = (128 << (FRACTION + 2)) + (1 << (FRACTION + 1));
        let difference = |weights: &[i32; 3]| {
            let total = base + weights.iter().zip(sums).map(|(weight, sum)| weight * sum).sum::<i32>();
            (total >> (FRACTION + 2)).clamp(0, 255) as u8
        };
        (difference(&self.blue), difference(&self.red))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use smielfy_vision::RgbImage;

    const ALL: [Colors; 4] = [
        Colors { matrix: Matrix::Bt601, range: Range::Limited },
        Colors { matrix: Matrix::Bt601, range: Range::Full },
        Colors { matrix: Matrix::Bt709, range: Range::Limited },
        Colors { matrix: Matrix::Bt709, range: Range::Full },
    ];

    fn one_color(color: [u8; 3], colors: Colors) -> [u8; 3] {
        let planes = from_rgb(&RgbImage::from_pixel(2, 2, color.into()), 2, 2, colors);
        [planes[0], planes[4], planes[5]]
    }

    fn back(planes: &[u8], width: usize, height: usize, colors: Colors) -> RgbImage {
        let (luma, chroma) = planes.split_at(width * height);
        let (blue, red) = chroma.split_at(chroma.len() / 2);
        let planes = Planes {
            width,
            height,
            luma,
            luma_stride: width,
            chroma: [blue, red],
            chroma_stride: width / 2,
            chroma_shift: [1, 1],
        };
        to_rgb(&planes, colors)
    }

    #[test]
    fn known_values() {
        let check = |color, matrix, range, expected: [u8; 3]| {
            assert_eq!(one_color(color, Colors { matrix, range }), expected, "{color:?} {matrix:?} {range:?}");
        };
        check([0, 0, 0], Matrix::Bt601, Range::Limited, [16, 128, 128]);
        check([255, 255, 255], Matrix::Bt601, Range::Limited, [235, 128, 128]);
        check([255, 255, 255], Matrix::Bt709, Range::Full, [255, 128, 128]);
        check([255, 0, 0], Matrix::Bt601, Range::Limited, [81, 90, 240]);
        check([0, 255, 0], Matrix::Bt601, Range::Limited, [145, 54, 34]);
        check([0, 0, 255], Matrix::Bt709, Range::Limited, [32, 240, 118]);
        check([255, 0, 0], Matrix::Bt709, Range::Limited, [63, 102, 240]);
    }

    #[test]
    fn usual_colors_by_height() {
        assert_eq!(Colors::known_or_usual(None, None, 576), ALL[0]);
        assert_eq!(Colors::known_or_usual(None, None, 720), ALL[2]);
        assert_eq!(Colors::known_or_usual(Some(Matrix::Bt601), Some(Range::Full), 1080), ALL[1]);
    }

    proptest! {
        #[test]
        fn flat_colors_come_back(color: [u8; 3], which in 0usize..4, width in 1u32..7, height in 1u32..7) {
            let (even_width, even_height) = (width.next_multiple_of(2) as usize, height.next_multiple_of(2) as usize);
            let planes = from_rgb(&RgbImage::from_pixel(width, height, color.into()), even_width, even_height, ALL[which]);
            let result = back(&planes, even_width, even_height, ALL[which]);
            for pixel in result.pixels() {
                for (value, expected) in pixel.0.iter().zip(color) {
                    prop_assert!(value.abs_diff(expected) <= 3, "{:?} {:?}", color, pixel);
                }
            }
        }
    }
}
