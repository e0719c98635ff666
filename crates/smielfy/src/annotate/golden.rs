//! Golden pictures: a drawn picture and a name go in; a test fails unless it looks as `tests/golden/NAME.png`.
//!
//! `BLESS=1 cargo test` writes the pictures anew; look at them before you commit them.

use super::{Mark, annotate};
use proptest::prelude::*;
use smielfy_vision::{BoundingBox, PictureFormat, RgbImage, decode, encode};
use std::env;
use std::fs;
use std::path::Path;

/// Levels by which a pixel may differ: letters are rasterized in floating point, which may round otherwise on other machines.
const TOLERANCE: u8 = 2;

fn check(name: &str, image: &RgbImage) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).with_extension("png");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, encode(image, PictureFormat::Png).unwrap()).unwrap();
    }
    let golden = decode(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(image.dimensions(), golden.dimensions(), "{name}");
    let differing = image.iter().zip(golden.iter()).filter(|(a, b)| a.abs_diff(**b) > TOLERANCE).count();
    assert_eq!(differing, 0, "values of {name} that differ; bless if the new picture is right");
}

/// A background from dark blue at the left to bright yellow at the right.
fn gradient(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        let shade = (255 * x / width) as u8;
        [shade, shade, 128 - shade / 2].into()
    })
}

fn mark(x: f32, y: f32, side: f32, title: &str, share: Option<f32>) -> Mark {
    Mark { bounds: BoundingBox::new(x, y, side), title: title.to_owned(), share }
}

fn draw(name: &str, mut image: RgbImage, marks: &[Mark]) {
    annotate(&mut image, marks);
    check(name, &image);
}

#[test]
fn a_face_with_room_round_it() {
    draw("annotate-one", gradient(160, 120), &[mark(40.0, 32.0, 80.0, ">:(", Some(0.876))]);
}

#[test]
fn marks_without_a_smiley_or_a_share() {
    let marks = [mark(10.0, 40.0, 50.0, "?", Some(0.3)), mark(90.0, 40.0, 50.0, "", None)];
    draw("annotate-cannot-tell", gradient(160, 120), &marks);
}

#[test]
fn texts_are_seen_on_white() {
    let white = RgbImage::from_pixel(120, 120, [255; 3].into());
    draw("annotate-white", white, &[mark(30.0, 40.0, 60.0, "O_O", Some(1.0))]);
}

#[test]
fn texts_of_faces_at_the_border_stay_inside() {
    let marks = [
        mark(-30.0, -30.0, 70.0, ":D", Some(0.5)),
        mark(120.0, -10.0, 70.0, ":'(", Some(0.61)),
        mark(-25.0, 90.0, 60.0, "-_-", Some(0.07)),
        mark(140.0, 100.0, 20.0, "XD", Some(0.99)),
    ];
    draw("annotate-border", gradient(160, 120), &marks);
}

#[test]
fn small_faces_keep_readable_texts() {
    let marks = [mark(20.0, 40.0, 12.0, ";)", Some(0.42)), mark(100.0, 60.0, 24.0, ":P", Some(1.0))];
    draw("annotate-small", gradient(160, 120), &marks);
}

#[test]
fn a_face_that_fills_the_picture_has_its_texts_inside() {
    draw("annotate-full", gradient(120, 120), &[mark(0.0, 0.0, 120.0, ":*", Some(0.93))]);
}

#[test]
fn a_face_outside_of_the_picture_leaves_no_mark() {
    let mut image = gradient(40, 40);
    annotate(&mut image, &[mark(50.0, 10.0, 30.0, ":)", Some(0.5)), mark(5.0, 5.0, f32::NAN, ":)", None)]);
    assert_eq!(image, gradient(40, 40));
}

proptest! {
    #[test]
    fn any_mark_on_any_picture(
        width in 0u32..90, height in 0u32..90, x in any::<f32>(), near in -99f32..99., side in any::<f32>(),
        near_side in 0f32..200., title in "[ -~]{0,12}", share in any::<f32>(),
    ) {
        let mut image = RgbImage::new(width, height);
        annotate(&mut image, &[mark(x, x, side, &title, Some(share)), mark(near, x, side, &title, None)]);
        annotate(&mut image, &[mark(near, near, near_side, &title, Some(share))]);
        prop_assert_eq!(image.dimensions(), (width, height));
    }
}
