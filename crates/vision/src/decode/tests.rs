//! Tests of decoding, on files made here.

use super::*;
use crate::encode::{PictureFormat, encode};
use image::codecs::gif::GifEncoder;
use image::{Delay, DynamicImage, Frame, GrayAlphaImage, GrayImage, Luma, LumaA, Rgb, Rgba, RgbaImage};
use jpeg_encoder::ColorType as JpegColor;
use proptest::prelude::*;
use std::time::Duration;

/// A picture of 16 x 8 pixels with another color in each quarter.
fn quarters() -> RgbImage {
    RgbImage::from_fn(16, 8, |x, y| match (x < 8, y < 4) {
        (true, true) => Rgb([250, 10, 10]),
        (false, true) => Rgb([10, 250, 10]),
        (true, false) => Rgb([10, 10, 250]),
        (false, false) => Rgb([240, 240, 240]),
    })
}

fn bytes(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG of 16 x 16 pixels, all of `color`, in the layout `layout`.
fn flat_jpeg(color: &[u8], layout: JpegColor, is_progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    encoder.set_progressive(is_progressive);
    encoder.encode(&color.repeat(256), 16, 16, layout).unwrap();
    bytes
}

fn gif(delays_ms: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for (number, &delay) in delays_ms.iter().enumerate() {
        let image = RgbaImage::from_pixel(6, 5, Rgba([40 * number as u8, 200, 0, 255]));
        let delay = Delay::from_numer_denom_ms(delay, 1);
        encoder.encode_frame(Frame::from_parts(image, 0, 0, delay)).unwrap();
    }
    drop(encoder);
    bytes
}

fn apng(delays_ms: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 6, 5);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(delays_ms.len() as u32, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for (number, &delay) in delays_ms.iter().enumerate() {
        writer.set_frame_delay(delay, 1000).unwrap();
        writer.write_image_data(&[40 * number as u8, 200, 0].repeat(30)).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    [name.as_slice(), &(content.len() as u32).to_le_bytes(), content].concat()
}

fn animated_webp(delays_ms: &[u32]) -> Vec<u8> {
    let size = [5, 0, 0, 4, 0, 0];
    let mut chunks = chunk(*b"VP8X", &[&[2, 0, 0, 0], size.as_slice()].concat());
    chunks.extend(chunk(*b"ANIM", &[0; 6]));
    for (number, delay) in delays_ms.iter().enumerate() {
        let image = RgbImage::from_pixel(6, 5, Rgb([40 * number as u8, 200, 0]));
        let still = encode(&image, PictureFormat::WebP).unwrap();
        let head = [[0; 6].as_slice(), &size, &delay.to_le_bytes()[..3], &[2]].concat();
        chunks.extend(chunk(*b"ANMF", &[&head, &still[12..]].concat()));
    }
    chunk(*b"RIFF", &[b"WEBP", chunks.as_slice()].concat())
}

/// A file of each format and kind.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let image = DynamicImage::ImageRgb8(quarters());
    vec![
        ("jpeg", encode(&quarters(), PictureFormat::Jpeg).unwrap()),
        ("progressive jpeg", flat_jpeg(&[9, 80, 200], JpegColor::Rgb, true)),
        ("cmyk jpeg", flat_jpeg(&[9, 80, 200, 0], JpegColor::Cmyk, false)),
        ("png", encode(&quarters(), PictureFormat::Png).unwrap()),
        ("png of 16 bits", bytes(&DynamicImage::ImageRgba16(image.to_rgba16()), ImageFormat::Png)),
        ("webp", encode(&quarters(), PictureFormat::WebP).unwrap()),
        ("bmp", bytes(&image, ImageFormat::Bmp)),
        ("gif", gif(&[50, 70])),
        ("apng", apng(&[50, 70])),
        ("animated webp", animated_webp(&[50, 70])),
    ]
}

/// Largest difference of a channel.
fn difference(a: &RgbImage, b: &RgbImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn formats_without_loss_come_back() {
    let image = DynamicImage::ImageRgb8(quarters());
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::WebP] {
        assert_eq!(decode(&bytes(&image, format)).unwrap(), quarters(), "{format:?}");
    }
    let jpeg = decode(&encode(&quarters(), PictureFormat::Jpeg).unwrap()).unwrap();
    assert!(difference(&jpeg, &quarters()) < 12);
}

#[test]
fn kinds_of_jpeg() {
    let check = |color: &[u8], layout, is_progressive, expected: [u8; 3]| {
        let image = decode(&flat_jpeg(color, layout, is_progressive)).unwrap();
        let expected = RgbImage::from_pixel(16, 16, Rgb(expected));
        assert!(difference(&image, &expected) <= 4, "{layout:?}: {:?}", image.get_pixel(3, 3));
    };
    check(&[77], JpegColor::Luma, false, [77; 3]);
    check(&[77], JpegColor::Luma, true, [77; 3]);
    check(&[9, 80, 200], JpegColor::Rgb, false, [9, 80, 200]);
    check(&[9, 80, 200], JpegColor::Rgb, true, [9, 80, 200]);
    check(&[0, 255, 255, 0], JpegColor::Cmyk, false, [255, 0, 0]);
    check(&[0, 255, 255, 0], JpegColor::CmykAsYcck, false, [255, 0, 0]);
    check(&[0, 0, 0, 127], JpegColor::Cmyk, false, [128; 3]);
}

#[test]
fn kinds_of_png() {
    let check = |image: DynamicImage, expected: [u8; 3]| {
        let decoded = decode(&bytes(&image, ImageFormat::Png)).unwrap();
        assert_eq!(decoded.get_pixel(0, 0).0, expected, "{:?}", image.color());
    };
    check(GrayImage::from_pixel(1, 1, Luma([77])).into(), [77; 3]);
    check(GrayAlphaImage::from_pixel(1, 1, LumaA([0, 255])).into(), [0; 3]);
    check(GrayAlphaImage::from_pixel(1, 1, LumaA([0, 51])).into(), [204; 3]);
    check(RgbaImage::from_pixel(1, 1, Rgba([1, 2, 3, 0])).into(), [255; 3]);
    check(RgbaImage::from_pixel(1, 1, Rgba([10, 0, 255, 128])).into(), [132, 127, 255]);
    let wide = image::ImageBuffer::from_pixel(1, 1, Rgb([65_535u16, 257 * 100, 0]));
    check(DynamicImage::ImageRgb16(wide), [255, 100, 0]);
}

#[test]
fn png_with_a_palette() {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 4, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_palette(vec![1, 2, 3, 40, 50, 60, 7, 8, 9]);
    encoder.set_trns(vec![255, 255, 0]);
    encoder.write_header().unwrap().write_image_data(&[0b00_01_10_01]).unwrap();
    let expected = [1, 2, 3, 40, 50, 60, 255, 255, 255, 40, 50, 60];
    assert_eq!(decode(&bytes).unwrap().into_raw(), expected);
}

/// `jpeg` with an EXIF segment that holds the orientation `number`.
fn with_orientation(jpeg: &[u8], number: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([number, 0, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn pictures_are_turned_upright() {
    let jpeg = encode(&quarters(), PictureFormat::Jpeg).unwrap();
    // Colors of the quarters in reading order (r, g, b, w) after each orientation.
    let table = ["rgbw", "rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"];
    for (number, expected) in (0u8..).zip(table) {
        let image = decode(&with_orientation(&jpeg, number)).unwrap();
        let (width, height) = image.dimensions();
        assert_eq!((width, height), if number < 5 { (16, 8) } else { (8, 16) }, "{number}");
        let quarter = |x, y| match image.get_pixel(x, y).0 {
            [200..=255, 0..80, 0..80] => 'r',
            [0..80, 200..=255, 0..80] => 'g',
            [0..80, 0..80, 200..=255] => 'b',
            _ => 'w',
        };
        let (right, bottom) = (width - 2, height - 2);
        let found: String = [(1, 1), (right, 1), (1, bottom), (right, bottom)].map(|(x, y)| quarter(x, y)).iter().collect();
        assert_eq!(found, expected, "orientation {number}");
    }
}

#[test]
fn animations_keep_their_times() {
    let check = |bytes: Vec<u8>, expected: &[(u64, u64)]| {
        assert_eq!(frame_count(&mut Cursor::new(&bytes)).unwrap(), expected.len() as u32);
        let frames: Vec<_> = Animation::new(Cursor::new(bytes)).unwrap().map(Result::unwrap).collect();
        let times: Vec<_> = frames.iter().map(|frame| (frame.time, frame.delay)).collect();
        let milliseconds = Duration::from_millis;
        let expected: Vec<_> = expected.iter().map(|&(time, delay)| (milliseconds(time), milliseconds(delay))).collect();
        assert_eq!(times, expected);
        for (number, frame) in (0u8..).zip(frames) {
            let expected = RgbImage::from_pixel(6, 5, Rgb([40 * number, 200, 0]));
            assert!(difference(&frame.image, &expected) <= 4, "{number}: {:?}", frame.image.get_pixel(0, 0));
        }
    };
    check(gif(&[50, 70, 20]), &[(0, 50), (50, 70), (120, 20)]);
    check(gif(&[0, 10, 20]), &[(0, 100), (100, 100), (200, 20)]);
    check(apng(&[50, 0, 33]), &[(0, 50), (50, 100), (150, 33)]);
    check(animated_webp(&[50, 70, 20]), &[(0, 50), (50, 70), (120, 20)]);
}

#[test]
fn still_pictures_have_one_frame() {
    for (name, bytes) in samples() {
        let expected = if name.contains("gif") || name.contains("apng") || name.contains("animated") { 2 } else { 1 };
        assert_eq!(frame_count(&mut Cursor::new(bytes)).unwrap(), expected, "{name}");
    }
    assert!(matches!(Animation::new(Cursor::new(b"\xff\xd8\xff".to_vec())), Err(DecodeError::UnknownFormat)));
}

#[test]
fn nothing_and_nonsense_are_named() {
    assert!(matches!(decode(b""), Err(DecodeError::Empty)));
    let error = decode(b"%PDF-1.7").unwrap_err();
    assert!(error.to_string().contains("JPEG, PNG, WebP, GIF and BMP"), "{error}");
}

/// A PNG file that says that it has `width` x `height` pixels.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[0; 3]).unwrap();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

/// The checksum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[test]
fn bombs_are_refused_by_their_headers() {
    let mut jpeg = encode(&quarters(), PictureFormat::Jpeg).unwrap();
    let sof = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[sof + 5..sof + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    let mut gif = gif(&[50]);
    gif[6..10].copy_from_slice(&[0x30, 0x75, 0x30, 0x75]);
    let mut bmp = bytes(&DynamicImage::ImageRgb8(quarters()), ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0x30, 0x75, 0, 0, 0x30, 0x75, 0, 0]);
    for bytes in [png_header(30_000, 30_000), jpeg, gif, bmp, png_header(40_000, 1)] {
        let error = decode(&bytes).unwrap_err();
        assert!(matches!(error, DecodeError::TooLarge { .. }), "{error}");
        assert!(error.to_string().contains("32767"), "{error}");
    }
}

#[test]
fn strangers_may_have_a_lower_limit() {
    let (width, height) = quarters().dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let picture = bytes(&DynamicImage::ImageRgb8(quarters()), ImageFormat::Png);
    assert_eq!(decode_at_most(&picture, pixels).unwrap(), quarters());
    assert!(
        matches!(decode_at_most(&picture, pixels - 1), Err(DecodeError::TooLarge { max_pixels, .. }) if max_pixels == pixels - 1)
    );
}

#[test]
fn pictures_without_pixels_are_refused() {
    let mut gif = gif(&[50]);
    gif[6..10].fill(0);
    assert!(decode(&gif).is_err());
    assert!(decode(&png_header(0, 0)).is_err());
    assert!(encode(&RgbImage::new(0, 0), PictureFormat::Png).is_err());
}

#[test]
fn truncated_files_are_errors() {
    for (name, bytes) in samples() {
        // Of animations the first frame is enough; formats without a mark for the end may be cut there.
        let enough = if name.contains("gif") || name.contains("apng") { bytes.len() / 2 } else { bytes.len() - 13 };
        for length in 0..enough {
            assert!(decode(&bytes[..length]).is_err(), "{name} of {length} bytes");
        }
        for length in enough..bytes.len() {
            let _ = decode(&bytes[..length]);
        }
        assert!(decode(&bytes).is_ok(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damage_is_survived(which in 0usize..10, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let (_, mut bytes) = samples().swap_remove(which);
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let _ = decode(&bytes);
        let _ = frame_count(&mut Cursor::new(&bytes));
        if let Ok(animation) = Animation::new(Cursor::new(bytes)) {
            animation.take(9).for_each(drop);
        }
    }

    #[test]
    fn random_bytes_are_survived(start in 0usize..7, rest: Vec<u8>) {
        let starts: [&[u8]; 7] =
            [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF\x20\0\0\0WEBPVP8 ", b"RIFF\x20\0\0\0WEBPVP8L"];
        let bytes = [starts[start], &rest].concat();
        let _ = decode(&bytes);
        let _ = frame_count(&mut Cursor::new(&bytes));
    }
}
