//! Odd clips of all kinds, with a number drawn into every frame: what is saved is the picture that was shown, with its time.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::AtomicBool,
    time::Duration,
};

use smielfy_vision::{BoundingBox, PictureFormat, Rectangle, RgbImage, decode, encode, fill_rectangle, resize};

use super::*;
use crate::{
    frames::{Source, VideoWriter},
    recognize::{Models, Recognizer, RecognizerParams},
    smileys::Smileys,
};

/// Bits of the number in a frame.
const BITS: u32 = 6;
/// Frames of a clip.
const FRAMES: u64 = 24;

/// A face with a place for numbers below its chin.
struct Scene {
    recognizer: Recognizer,
    picture: RgbImage,
    face: BoundingBox,
}

/// What should come out of a clip.
#[derive(Clone, Copy)]
struct Expected<'a> {
    /// When each number was shown, in milliseconds.
    times_ms: &'a [f64],
    /// The clip may begin later than what it was made of, at its time 0.
    may_be_cut: bool,
    /// How far times may be off, in milliseconds: containers round.
    within_ms: f64,
    /// Numbers at the end that may be missing.
    may_miss: u64,
}

impl Scene {
    fn new() -> Self {
        let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo/demo-1.jpg")).unwrap();
        let picture = resize(&decode(&bytes).unwrap(), 320, 240);
        let recognizer = Recognizer::new(&Models::default(), &Smileys::default(), RecognizerParams::default()).unwrap();
        let face = recognizer.detector().detect(&picture).unwrap()[0].bounds;
        Self { recognizer, picture, face }
    }

    /// The place of a bit, in pixels of the frame.
    fn cell(&self, bit: u32) -> Rectangle {
        let side = self.face.side / BITS as f32;
        let (left, top) = (self.face.x + bit as f32 * side, self.face.y + self.face.side * 1.05);
        Rectangle { left: left as i32, top: top as i32, right: (left + side) as i32, bottom: (top + side) as i32 }
    }

    fn frame(&self, number: u64) -> RgbImage {
        let mut image = self.picture.clone();
        for bit in 0..BITS {
            let color = if number >> bit & 1 == 1 { [255; 3] } else { [0; 3] };
            fill_rectangle(&mut image, self.cell(bit), color, 1.0);
        }
        image
    }

    /// The number in a picture that was cut out of a frame.
    fn number(&self, image: &RgbImage, picture: &FramePicture) -> u64 {
        let bit = |bit: u32| {
            let cell = self.cell(bit);
            let (x, y) = (i32::midpoint(cell.left, cell.right), i32::midpoint(cell.top, cell.bottom));
            let pixel = image.get_pixel(x as u32 - picture.left, y as u32 - picture.top);
            u64::from(pixel[1] > 127) << bit
        };
        (0..BITS).map(bit).sum()
    }

    /// Writes an MP4 of numbered frames at these times.
    fn write_mp4(&self, path: &Path, times_ms: &[f64]) {
        let mut writer = VideoWriter::new(path, 1.0).unwrap();
        for (number, time_ms) in (0..).zip(times_ms) {
            writer.write(&self.frame(number), Duration::from_secs_f64(time_ms / 1000.0)).unwrap();
        }
        writer.finish(Duration::from_millis(40)).unwrap();
    }

    /// Writes an MP4 of frames that lie on their side, and that are to be turned clockwise when they are shown, as phones do.
    fn write_lying_mp4(&self, path: &Path, times_ms: &[f64]) {
        let mut writer = VideoWriter::new(path, 1.0).unwrap();
        for (number, time_ms) in (0..).zip(times_ms) {
            let upright = self.frame(number);
            let (width, height) = upright.dimensions();
            let lying = RgbImage::from_fn(height, width, |x, y| *upright.get_pixel(width - 1 - y, x));
            writer.write(&lying, Duration::from_secs_f64(time_ms / 1000.0)).unwrap();
        }
        writer.finish(Duration::from_millis(40)).unwrap();
        let mut bytes = fs::read(path).unwrap();
        let header = bytes.windows(4).position(|name| name == b"tkhd").unwrap() + 4;
        // The matrix stands behind times of 4 or 8 bytes each (ISO/IEC 14496-12, 8.3.2).
        let matrix = header + if bytes[header] == 0 { 40 } else { 52 };
        let turned: [u32; 9] = [0, 0x1_0000, 0, 0xFFFF_0000, 0, 0, 0, 0, 0x4000_0000];
        bytes[matrix..matrix + 36].copy_from_slice(&turned.map(u32::to_be_bytes).concat());
        fs::write(path, bytes).unwrap();
    }

    /// Numbered frames as Y4M with this rate, in gray.
    fn y4m(&self, rate: &str, count: u64) -> Vec<u8> {
        let (width, height) = self.picture.dimensions();
        let mut bytes = format!("YUV4MPEG2 W{width} H{height} F{rate} Cmono XCOLORRANGE=FULL\n").into_bytes();
        for number in 0..count {
            bytes.extend(b"FRAME\n");
            bytes.extend(
                self.frame(number)
                    .pixels()
                    .map(|pixel| pixel.0.iter().map(|value| u32::from(*value)).sum::<u32>() / 3)
                    .map(|value| value as u8),
            );
        }
        bytes
    }

    fn jpeg(&self, number: u64) -> Vec<u8> {
        encode(&self.frame(number), PictureFormat::Jpeg).unwrap()
    }

    /// Labels a clip and checks every picture that is saved.
    fn check(&self, clip: &Path, expected: Expected) {
        let name = clip.file_name().unwrap().to_str().unwrap();
        let out = tempfile::tempdir().unwrap();
        let params = SessionParams { folder: out.path().to_owned(), labeller: "test".into(), smileys: Smileys::default() };
        let mut session = Session::open(params).unwrap();
        let (id, _) = session.add_clip(clip).unwrap();
        let mut frames = 0;
        let on_found = &mut |found| match found {
            Found::Stretch(found) => session.add(&found).map(drop),
            Found::Frame(_) => {
                frames += 1;
                Ok(())
            }
            Found::Section(_) => Ok(()),
        };
        let source = Source::open(clip).unwrap_or_else(|error| panic!("{name}: {error}"));
        let analyzed = analyze(source, &id, &self.recognizer, Start::default(), &AtomicBool::new(false), on_found);
        assert!(analyzed.is_ok() || expected.may_miss > 0, "{name}: {analyzed:?}");
        let count = expected.times_ms.len() as u64;
        assert!(expected.may_be_cut || frames + expected.may_miss >= count, "{name}: {frames} frames of {count}");

        let stretches = session.stretches().to_vec();
        assert!(!stretches.is_empty(), "{name}: no stretch");
        for stretch in &stretches {
            session.act(Action::Label { stretch: stretch.id.clone(), label: "grin".into() }).unwrap();
        }
        write_dataset(&session, ExportParams { split: None, extras: true }).unwrap();
        let mut shift_ms = if expected.may_be_cut { None } else { Some(0.0) };
        for row in csv::Reader::from_path(out.path().join("manifest.csv")).unwrap().records() {
            let row = row.unwrap();
            let picture = stretches.iter().flat_map(|stretch| &stretch.pictures).find(|picture| picture.file == row[0]).unwrap();
            let shown = fs::read(out.path().join(FRAMES_FOLDER).join(&picture.file)).unwrap();
            assert_eq!(
                shown,
                fs::read(out.path().join("images").join(&picture.file)).unwrap(),
                "what is saved is what was shown"
            );
            let number = self.number(&decode(&shown).unwrap(), picture);
            let time_ms = 1000.0 * row[11].parse::<f64>().unwrap();
            assert_eq!(time_ms, 1000.0 * picture.moment.time_s, "{name}");
            let made_ms = expected.times_ms.get(number as usize).unwrap_or_else(|| panic!("{name}: number {number}"));
            let shift_ms = *shift_ms.get_or_insert(made_ms - time_ms);
            let is_right = (made_ms - shift_ms - time_ms).abs() <= expected.within_ms;
            assert!(is_right, "{name}: frame {number} of {made_ms} ms is said to be seen at {time_ms} ms (shift {shift_ms})");
            if !expected.may_be_cut {
                assert_eq!(picture.moment.frame, number, "{name}");
            }
        }
    }
}

fn even_ms(frames_per_second: f64) -> Vec<f64> {
    (0..FRAMES).map(|number| 1000.0 * number as f64 / frames_per_second).collect()
}

/// Times of frames that come unevenly, with two long pauses.
fn uneven_ms() -> Vec<f64> {
    let gap_ms = |number: u64| [40.0, 17.0, 33.0, 120.0, 41.0, 8.0, 1500.0, 66.0][number as usize % 8];
    (0..FRAMES).scan(0.0, |time, number| Some(std::mem::replace(time, *time + gap_ms(number)))).collect()
}

fn expected(times_ms: &[f64]) -> Expected<'_> {
    Expected { times_ms, may_be_cut: false, within_ms: 0.02, may_miss: 0 }
}

#[test]
fn clips_of_our_own_making() {
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let ntsc = 24_000.0 / 1001.0;
    for (name, times_ms) in [
        ("even.mp4", even_ms(25.0)),
        ("uneven.mp4", uneven_ms()),
        ("slow.mp4", even_ms(2.0)),
        ("film.mp4", even_ms(ntsc)),
        ("fast.mp4", even_ms(60_000.0 / 1001.0)),
        ("crawl.mp4", even_ms(0.1)),
        ("one.mp4", vec![0.0]),
    ] {
        scene.write_mp4(&path(name), &times_ms);
        scene.check(&path(name), expected(&times_ms));
    }
    for (name, bytes, times_ms) in [
        ("film.y4m", scene.y4m("24000:1001", FRAMES), even_ms(ntsc)),
        ("slow.y4m", scene.y4m("2:1", FRAMES), even_ms(2.0)),
        ("one.y4m", scene.y4m("30:1", 1), vec![0.0]),
        ("motion.mjpeg", (0..FRAMES).flat_map(|number| scene.jpeg(number)).collect(), even_ms(25.0)),
        ("still.jpg", scene.jpeg(0), vec![0.0]),
        ("still.png", encode(&scene.frame(0), PictureFormat::Png).unwrap(), vec![0.0]),
    ] {
        fs::write(path(name), bytes).unwrap();
        scene.check(&path(name), expected(&times_ms));
    }
    scene.write_lying_mp4(&path("turned.mp4"), &even_ms(25.0));
    scene.check(&path("turned.mp4"), expected(&even_ms(25.0)));
    for name in ["even.mp4", "film.y4m", "motion.mjpeg"] {
        let bytes = fs::read(path(name)).unwrap();
        let cut = path(&format!("cut-{name}"));
        fs::write(&cut, &bytes[..bytes.len() * 9 / 10]).unwrap();
        let times_ms = if name == "film.y4m" { even_ms(ntsc) } else { even_ms(25.0) };
        scene.check(&cut, Expected { may_miss: FRAMES / 2, ..expected(&times_ms) });
    }
}

#[test]
fn clips_of_other_makers() {
    if Command::new("ffmpeg").arg("-version").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: there is no `ffmpeg` on the PATH to make clips with");
        return;
    }
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let (even, uneven) = (folder.path().join("even.mp4"), folder.path().join("uneven.mp4"));
    let (even_ms, uneven_ms) = (even_ms(25.0), uneven_ms());
    scene.write_mp4(&even, &even_ms);
    scene.write_mp4(&uneven, &uneven_ms);
    let x264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"];
    let vfr = ["-fps_mode", "passthrough", "-enc_time_base", "1:90000"];
    let with = |more: &[&'static str]| -> Vec<&'static str> { [&x264[..], &vfr, more].concat() };
    let exact = |times_ms| expected(times_ms);
    let coarse = |times_ms| Expected { within_ms: 1.1, ..expected(times_ms) };
    let cut = |times_ms| Expected { may_be_cut: true, ..expected(times_ms) };
    for (name, before, input, after, expected) in [
        ("b-frames.mp4", vec![], &even, with(&["-bf", "3", "-g", "12"]), exact(&even_ms)),
        ("b-frames-uneven.mp4", vec![], &uneven, with(&["-bf", "3", "-g", "250"]), exact(&uneven_ms)),
        ("b-pyramid.mp4", vec![], &even, with(&["-bf", "7", "-b_strategy", "0", "-refs", "5"]), exact(&even_ms)),
        (
            "fragments.mp4",
            vec![],
            &even,
            with(&["-bf", "2", "-g", "6", "-movflags", "frag_keyframe+empty_moov"]),
            exact(&even_ms),
        ),
        ("cut.mp4", vec!["-ss", "0.3"], &even, vec!["-c", "copy"], cut(&even_ms)),
        ("cut-b-frames.mp4", vec!["-ss", "0.3"], &even, with(&["-bf", "3"]), cut(&even_ms)),
        ("late.mp4", vec!["-itsoffset", "0.5"], &uneven, vec!["-c", "copy"], cut(&uneven_ms)),
        (
            "sound.mp4",
            vec!["-f", "lavfi", "-i", "sine=duration=2"],
            &even,
            with(&["-map", "0:a", "-map", "1:v", "-c:a", "aac"]),
            exact(&even_ms),
        ),
        ("uneven.mov", vec![], &uneven, vec!["-c", "copy"], exact(&uneven_ms)),
        ("uneven.mkv", vec![], &uneven, vec!["-c", "copy"], coarse(&uneven_ms)),
        ("even.webm", vec![], &even, vec!["-c:v", "libvpx", "-b:v", "2M", "-deadline", "realtime"], coarse(&even_ms)),
        ("even.avi", vec![], &even, vec!["-c:v", "mpeg4", "-q:v", "2"], exact(&even_ms)),
        ("even.flv", vec![], &even, vec!["-c", "copy"], coarse(&even_ms)),
        ("even.ts", vec![], &even, vec!["-c", "copy"], cut(&even_ms)),
        (
            "hevc.mp4",
            vec![],
            &uneven,
            vec!["-c:v", "libx265", "-preset", "ultrafast", "-fps_mode", "passthrough", "-enc_time_base", "1:90000"],
            exact(&uneven_ms),
        ),
        ("full-color.mp4", vec![], &even, [&x264[..6], &["-pix_fmt", "yuv444p"]].concat(), exact(&even_ms)),
        ("even.gif", vec![], &even, vec!["-vf", "format=rgb8"], exact(&even_ms)),
    ] {
        let clip = folder.path().join(name);
        make(&before, input, &after, &clip);
        scene.check(&clip, expected);
    }
}

/// Has `ffmpeg` make the clip `output` of `input`.
fn make(before: &[&str], input: &Path, after: &[&str], output: &PathBuf) {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-hide_banner", "-loglevel", "error"]).args(before).arg("-i").arg(input).args(after).arg(output);
    let made = command.output().unwrap();
    assert!(made.status.success(), "{}: {}", output.display(), String::from_utf8_lossy(&made.stderr));
}

#[test]
fn sound_alone_is_no_clip() {
    let sound = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/video/sound.m4a");
    assert!(Source::open(&sound).is_err());
}
