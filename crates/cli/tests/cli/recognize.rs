//! `recognize` and `detect` on pictures, videos and streams.

use std::{collections::BTreeSet, ffi::OsStr, fs, path::Path, time::Duration};

use smielfy::frames::{Source, VideoWriter};
use smielfy_vision::{RgbImage, crop_resize, resize};
use tempfile::tempdir;

use crate::support::{bounds, demo, read_picture, smielfy, smielfy_with_input, write_picture};

/// IoU from which a square is the face's.
const SAME_FACE: f32 = 0.5;

#[test]
fn a_picture_comes_back_with_squares() {
    let folder = tempdir().unwrap();
    let (picture, truth) = demo(3);
    let input = folder.path().join("people.jpg");
    fs::copy(picture, &input).unwrap();
    let run = smielfy([&input]);
    assert_eq!(run.code, 2, "a command is needed: {}", run.stderr);

    let run = smielfy(["recognize".as_ref(), input.as_os_str()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with(&format!("{}: ", input.display())) && run.stdout.contains(" at "), "{}", run.stdout);
    let (before, after) = (read_picture(&input), read_picture(&folder.path().join("people.smiley.jpg")));
    assert_eq!(before.dimensions(), after.dimensions());
    let face = truth[0].1;
    let bright_yellow = |image: &RgbImage| {
        let near = |(x, y, pixel): (u32, u32, &image_pixel::Pixel)| {
            let inside =
                (x as f32 - face.x + 20.0).abs() < face.side + 40.0 && (y as f32 - face.y + 20.0).abs() < face.side + 40.0;
            inside && pixel[0] > 220 && pixel[1] > 180 && pixel[2] < 120
        };
        image.enumerate_pixels().filter(|pixel| near((pixel.0, pixel.1, pixel.2))).count()
    };
    assert!(bright_yellow(&after) > bright_yellow(&before) + 500, "a yellow square is drawn");
}

mod image_pixel {
    pub type Pixel = <smielfy_vision::RgbImage as std::ops::Index<(u32, u32)>>::Output;
}

#[test]
fn json_finds_each_face_once_and_fits_the_schema() {
    for number in 1..=4 {
        let (picture, truth) = demo(number);
        let run = smielfy(["recognize".as_ref(), picture.as_os_str(), "--json".as_ref()]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let [record] = &run.json()[..] else { panic!("one line: {}", run.stdout) };
        let image = read_picture(&picture);
        assert_eq!((&record["width"], &record["height"]), (&image.width().into(), &image.height().into()));
        assert_eq!((&record["frame"], &record["time_s"]), (&0.into(), &0.0.into()));
        let faces = record["faces"].as_array().unwrap();
        assert_eq!(faces.len(), truth.len(), "demo {number}: {faces:#?}");
        for (_, square) in truth {
            let face = faces.iter().find(|face| bounds(face).iou(&square) >= SAME_FACE);
            let face = face.unwrap_or_else(|| panic!("demo {number}: nothing at {square:?} in {faces:#?}"));
            let distribution = face["distribution"].as_object().unwrap();
            assert_eq!(distribution.len(), 17);
            let sum: f64 = distribution.values().map(|share| share.as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-3, "{sum}");
            assert_eq!(distribution[face["smiley"].as_str().unwrap()], face["share"]);
            assert!(face["cannot_tell"].is_boolean());
        }
    }
}

#[test]
fn odd_pictures_have_the_faces_that_they_show() {
    let (picture, truth) = demo(1);
    let (picture, face) = (read_picture(&picture), truth[0].1);
    let grey = RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue] = picture.get_pixel(x, y).0;
        [((u32::from(red) + u32::from(green) + u32::from(blue)) / 3) as u8; 3].into()
    });
    let small = resize(&picture, 160, 120);
    let wide = RgbImage::from_fn(3000, 120, |x, y| if x < 160 { *small.get_pixel(x, y) } else { [0; 3].into() });
    let tile = crop_resize(&picture, face.jittered(1.6, 0.0, 0.0), 100);
    let crowd = RgbImage::from_fn(600, 500, |x, y| *tile.get_pixel(x % 100, y % 100));
    let cases = [
        ("black", RgbImage::new(320, 240), 0),
        ("one-pixel", RgbImage::new(1, 1), 0),
        ("grey", grey, 1),
        ("very-wide", wide, 1),
        ("nothing-but-a-face", crop_resize(&picture, face, 400), 1),
        ("crowd", crowd, 30),
    ];
    let folder = tempdir().unwrap();
    for (name, image, expected) in cases {
        let path = folder.path().join(name).with_extension("png");
        write_picture(&path, &image);
        let run = smielfy(["detect".as_ref(), path.as_os_str(), "--json".as_ref()]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(run.json()[0]["faces"].as_array().unwrap().len(), expected, "{name}: {}", run.stdout);
    }
}

#[test]
fn answers_are_the_same_on_any_number_of_threads() {
    let (picture, _) = demo(3);
    let [one, two] = ["1", "2"].map(|threads| {
        let run = smielfy(["recognize".as_ref(), picture.as_os_str(), "--json".as_ref(), "--threads".as_ref(), threads.as_ref()]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout
    });
    assert_eq!(one, two);
}

#[test]
fn detect_gives_faces_alone() {
    let (picture, _) = demo(1);
    let run = smielfy(["detect".as_ref(), picture.as_os_str(), "--json".as_ref()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let faces = &run.json()[0]["faces"];
    let keys: BTreeSet<&str> = faces[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["x", "y", "side", "score"].into());
}

/// A clip of a demo picture that grows, with uneven times.
fn write_clip(path: &Path, times_ms: &[u64]) {
    let picture = read_picture(&demo(1).0);
    let mut writer = VideoWriter::new(path, 1.0).unwrap();
    for (index, time) in times_ms.iter().enumerate() {
        let zoomed = resize(&picture, 320 + 4 * index as u32, 240 + 3 * index as u32);
        let frame = RgbImage::from_fn(320, 240, |x, y| *zoomed.get_pixel(x, y));
        writer.write(&frame, Duration::from_millis(*time)).unwrap();
    }
    writer.finish(Duration::from_millis(40)).unwrap();
}

fn times_ms(path: &Path) -> Vec<u64> {
    Source::open(path).unwrap().map(|frame| frame.unwrap().time.as_millis() as u64).collect()
}

#[test]
fn a_video_keeps_its_frame_times_and_can_be_slowed() {
    let folder = tempdir().unwrap();
    let (clip, slowed) = (folder.path().join("clip.mp4"), folder.path().join("slow.mp4"));
    let times = [0, 40, 80, 200, 240, 500];
    write_clip(&clip, &times);
    let arguments = ["recognize".as_ref(), clip.as_os_str(), "-o".as_ref(), slowed.as_os_str(), "--slow".as_ref(), "4".as_ref()];
    let run = smielfy(arguments.into_iter().chain(["--json".as_ref()]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let records = run.json();
    let seen: Vec<u64> = records.iter().map(|record| (record["time_s"].as_f64().unwrap() * 1000.0).round() as u64).collect();
    assert_eq!(seen, times);
    assert!(records.iter().all(|record| record["faces"].as_array().unwrap().len() == 1), "{records:#?}");
    assert_eq!(times_ms(&slowed), times.map(|time| 4 * time));
}

#[test]
fn a_face_keeps_its_id_through_a_video_unless_each_frame_is_for_itself() {
    let folder = tempdir().unwrap();
    let clip = folder.path().join("clip.mp4");
    write_clip(&clip, &[0, 40, 80, 120, 160, 200, 240]);
    for (flag, id) in [(None, Some(0)), (Some("--no-tracking"), None)] {
        let arguments = ["detect".as_ref(), clip.as_os_str(), "--json".as_ref()].into_iter();
        let run = smielfy(arguments.chain(flag.map(OsStr::new)));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let ids: Vec<Option<u64>> = run.json().iter().map(|record| record["faces"][0]["id"].as_u64()).collect();
        assert_eq!(ids, [id; 7], "{flag:?}");
    }
}

#[test]
fn a_truncated_video_gives_what_is_whole_and_exit_code_2() {
    let folder = tempdir().unwrap();
    let clip = folder.path().join("clip.mp4");
    write_clip(&clip, &[0, 40, 80, 120, 160, 200, 240, 280]);
    let bytes = fs::read(&clip).unwrap();
    fs::write(&clip, &bytes[..bytes.len() * 4 / 5]).unwrap();
    let run = smielfy(["recognize".as_ref(), clip.as_os_str(), "--json".as_ref()]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("clip.mp4"), "{}", run.stderr);
}

#[test]
fn a_stream_on_standard_input_is_answered_frame_by_frame() {
    let jpeg = fs::read(demo(1).0).unwrap();
    let run = smielfy_with_input(&["recognize", "-", "--json", "--fps", "10"], &jpeg.repeat(3));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let times: Vec<f64> = run.json().iter().map(|record| record["time_s"].as_f64().unwrap()).collect();
    assert_eq!(times, [0.0, 0.1, 0.2]);
}

#[test]
fn a_folder_with_a_broken_picture_is_done_but_for_it() {
    let folder = tempdir().unwrap();
    let (party, out) = (folder.path().join("party"), folder.path().join("out"));
    fs::create_dir_all(party.join("late")).unwrap();
    fs::copy(demo(1).0, party.join("a.jpg")).unwrap();
    fs::write(party.join("b.jpg"), "not a picture").unwrap();
    fs::copy(demo(2).0, party.join("late/c.jpg")).unwrap();
    let run = smielfy(["recognize".as_ref(), party.as_os_str(), "-o".as_ref(), out.as_os_str()]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("b.jpg"), "{}", run.stderr);
    assert!(out.join("a.jpg").is_file() && out.join("late/c.jpg").is_file());
    assert!(!out.join("b.jpg").exists());
}

#[test]
fn what_lies_beside_the_pictures_of_a_folder_is_left_out() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "who was there").unwrap();
    fs::write(folder.path().join("list"), "").unwrap();
    let run = smielfy(["recognize".as_ref(), folder.path().as_os_str(), "--json".as_ref()]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no picture and no video"), "{}", run.stderr);
    // A picture without an extension is one all the same.
    fs::copy(demo(1).0, folder.path().join("scan")).unwrap();
    let run = smielfy(["recognize".as_ref(), folder.path().as_os_str(), "--json".as_ref()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.json().len(), 1);
    assert_eq!(run.stderr.lines().filter(|line| line.starts_with("left out: ")).count(), 2, "{}", run.stderr);
}
