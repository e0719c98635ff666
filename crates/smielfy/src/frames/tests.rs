//! Tests of whole sources and of the way from frames to video and back.

use super::mjpeg::next_jpeg;
use super::mp4::{self, Opened};
use super::*;
use proptest::prelude::*;
use smielfy_vision::{PictureFormat, encode};
use std::fs;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/video").join(name)
}

/// A directory and the path of a file in it that holds `bytes`.
fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("input");
    fs::write(&path, bytes).unwrap();
    (directory, path)
}

/// Frames up to the first error, and the error.
fn read(source: Source) -> (Vec<Frame>, Option<FramesError>) {
    let mut frames = Vec::new();
    for frame in source {
        match frame {
            Ok(frame) => frames.push(frame),
            Err(error) => return (frames, Some(error)),
        }
    }
    (frames, None)
}

/// A picture that shows the lowest 4 bits of `number` in its upper half, as the fixtures do, over a smooth lower half.
fn numbered(number: u32, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        if y >= height / 2 {
            return [(255 * x / width) as u8, (255 * y / height) as u8, (16 * (number % 16)) as u8].into();
        }
        [if number >> (4 * x / width) & 1 == 1 { 255 } else { 0 }; 3].into()
    })
}

/// The number that a picture shows.
fn number(image: &RgbImage) -> u32 {
    let (width, height) = image.dimensions();
    (0..4).map(|bit| u32::from(image.get_pixel((2 * bit + 1) * width / 8, height / 5)[0] > 127) << bit).sum()
}

/// Peak signal-to-noise ratio of two pictures in decibels.
fn psnr(a: &RgbImage, b: &RgbImage) -> f64 {
    let squares: f64 = a.iter().zip(b.iter()).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * a.len() as f64 / squares.max(1e-9)).log10()
}

const fn milliseconds(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// Writes numbered frames of `width` x `height` pixels that are seen at `times_ms`, the last one for 40 ms.
fn write(path: &Path, (width, height): (u32, u32), times_ms: &[u64], slow: f64) {
    let mut writer = VideoWriter::new(path, slow).unwrap();
    for (number, &time) in (0..).zip(times_ms) {
        writer.write(&numbered(number, width, height), milliseconds(time)).unwrap();
    }
    writer.finish(milliseconds(40)).unwrap();
}

#[test]
fn clips_of_other_makers() {
    let check = |name: &str, numbers: std::ops::Range<u32>| {
        let source = Source::open(&fixture(name)).unwrap();
        assert_eq!((source.kind(), source.expected_frames()), (SourceKind::Video, Some(numbers.len() as u64)), "{name}");
        let (frames, error) = read(source);
        assert!(error.is_none(), "{name}: {error:?}");
        let found: Vec<_> = frames.iter().map(|frame| number(&frame.image)).collect();
        assert_eq!(found, numbers.collect::<Vec<_>>(), "{name}");
        for (index, frame) in (0..).zip(&frames) {
            assert_eq!((frame.index, frame.time), (index, milliseconds(40 * index)), "{name}");
            assert_eq!(frame.image.dimensions(), (64, 48), "{name}");
            assert!(frame.image.get_pixel(32, 40).0.iter().all(|value| value.abs_diff(130) < 4), "{name}");
        }
    };
    check("main.mp4", 0..12);
    check("pyramid.mp4", 0..12);
    check("cut.mp4", 5..12);
    check("fragmented.mp4", 0..12);
    check("avc3.mp4", 0..12);
    check("one.mp4", 0..1);
    check("two-tracks.mp4", 0..12);
}

#[test]
fn turned_clips_come_upright() {
    let (straight, _) = read(Source::open(&fixture("main.mp4")).unwrap());
    let (turned, _) = read(Source::open(&fixture("rotated.mp4")).unwrap());
    assert_eq!(turned.len(), 12);
    for (straight, turned) in straight.into_iter().zip(turned) {
        let expected = smielfy_vision::upright(straight.image, smielfy_vision::Orientation::Rotate270);
        assert_eq!(turned.image, expected);
    }
}

#[test]
fn sound_alone_is_no_video() {
    let error = Source::open(&fixture("sound.m4a")).err().unwrap();
    assert!(matches!(error.problem, Problem::NoVideo));
    assert!(error.to_string().ends_with("sound.m4a: there is no video in it"), "{error}");
}

#[test]
fn other_kinds_of_video_are_named() {
    let check = |name: &str, expected: &str| match mp4::open(fs::File::open(fixture(name)).unwrap()) {
        Ok(Opened::Foreign(what)) => assert_eq!(what, expected),
        Ok(Opened::Video(_)) => panic!("{name} is decoded"),
        Err(error) => panic!("{name}: {error}"),
    };
    check("hevc.mp4", "HEVC (hev1)");
    check("interlaced.mp4", "H.264 (avc1), interlaced,");
}

#[test]
fn videos_come_back() {
    let even: Vec<u64> = (0..70).map(|number| 40 * number).collect();
    let uneven = [100, 133, 134, 700, 2000, 2007, 4500, 4501, 4600];
    for (size, times, slow) in [
        ((64, 48), even.as_slice(), 1.0),
        ((64, 48), &uneven, 1.0),
        ((64, 48), &uneven, 4.0),
        ((65, 47), &uneven, 0.5),
        ((9, 5), &even[..3], 1.0),
        ((320, 176), &even[..1], 1.0),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("video.mp4");
        write(&path, size, times, slow);
        let mut source = Source::open(&path).unwrap();
        assert_eq!(source.expected_frames(), Some(times.len() as u64));
        let frames: Vec<_> = source.by_ref().map(Result::unwrap).collect();
        assert_eq!(frames.len(), times.len());
        for ((index, frame), time) in (0..).zip(&frames).zip(times) {
            let expected = milliseconds(time - times[0]).mul_f64(slow);
            let error = frame.time.abs_diff(expected);
            assert!(error < Duration::from_secs(1) / 90_000, "{:?}, not {expected:?}", frame.time);
            let drawn = numbered(index, size.0, size.1);
            let seen = RgbImage::from_fn(size.0, size.1, |x, y| *frame.image.get_pixel(x, y));
            // Tiny pictures are all edges, whose colors 4:2:0 blurs.
            let floor = if size.0 < 16 { 24.0 } else { 30.0 };
            assert!(psnr(&drawn, &seen) > floor, "{size:?} frame {index}: {:.1} dB", psnr(&drawn, &seen));
            assert!(size.0 < 16 || number(&seen) == index % 16, "{size:?} frame {index}");
        }
        let (width, height) = frames[0].image.dimensions();
        assert_eq!((width, height), (size.0.max(16).next_multiple_of(2), size.1.max(16).next_multiple_of(2)));
        assert_eq!(source.last_duration(), Some(milliseconds(40).mul_f64(slow)));
    }
}

#[test]
fn the_index_of_a_video_comes_first() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("video.mp4");
    write(&path, (64, 48), &[0, 40, 80], 1.0);
    let bytes = fs::read(&path).unwrap();
    let place = |name: &[u8]| bytes.windows(4).position(|window| window == name).unwrap();
    assert!(place(b"ftyp") < place(b"moov") && place(b"moov") < place(b"mdat"));
}

#[test]
fn times_that_stand_still_go_on_by_a_tick() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("video.mp4");
    write(&path, (64, 48), &[0, 40, 40, 20, 80], 1.0);
    let (frames, _) = read(Source::open(&path).unwrap());
    let nanoseconds: Vec<_> = frames.iter().map(|frame| frame.time.as_nanos()).collect();
    assert_eq!(nanoseconds, [0, 40_000_000, 40_011_111, 40_022_222, 80_000_000]);
}

#[test]
fn an_unfinished_video_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("video.mp4");
    let mut writer = VideoWriter::new(&path, 1.0).unwrap();
    writer.write(&numbered(0, 64, 48), Duration::ZERO).unwrap();
    assert!(!path.exists());
    drop(writer);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    assert!(matches!(VideoWriter::new(&path, 1.0).unwrap().finish(Duration::ZERO).unwrap_err().problem, Problem::NoVideo));
    write(&path, (64, 48), &[0], 1.0);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn frames_that_a_video_cannot_hold_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = VideoWriter::new(&directory.path().join("video.mp4"), 1.0).unwrap();
    for (width, height) in [(3842, 16), (2200, 2200), (0, 0)] {
        let error = writer.write(&RgbImage::new(width, height), Duration::ZERO).unwrap_err();
        assert!(matches!(error.problem, Problem::TooLarge { .. }), "{error}");
    }
    writer.write(&numbered(0, 64, 48), Duration::ZERO).unwrap();
    let error = writer.write(&numbered(0, 64, 50), milliseconds(40)).unwrap_err();
    assert!(matches!(error.problem, Problem::OtherSize { index: 1 }), "{error}");
}

#[test]
fn truncated_videos_give_what_is_whole() {
    for name in ["main.mp4", "fragmented.mp4", "pyramid.mp4"] {
        let bytes = fs::read(fixture(name)).unwrap();
        let mut counts = Vec::new();
        for length in (0..bytes.len()).step_by(7) {
            let (_directory, path) = file(&bytes[..length]);
            let (frames, error) = match Source::open(&path) {
                Ok(source) => read(source),
                Err(error) => (Vec::new(), Some(error)),
            };
            let whole = frames.iter().map(|frame| number(&frame.image)).eq(0..frames.len() as u32);
            assert!(whole, "{name} of {length} bytes");
            assert!(error.is_some() || frames.len() < 12 || name == "fragmented.mp4", "{name} of {length} bytes");
            counts.push(frames.len());
        }
        // Only where the index comes first is there anything before the last byte.
        assert_eq!(counts.iter().any(|&count| count > 0), name != "pyramid.mp4", "{name}: {counts:?}");
    }
    let bytes = fs::read(fixture("main.mp4")).unwrap();
    let (_directory, path) = file(&bytes[..bytes.len() - 40]);
    let (_, error) = read(Source::open(&path).unwrap());
    let error = error.unwrap().to_string();
    assert!(error.contains("damaged or truncated at the frame at 0.4") && error.contains("the file ends after"), "{error}");
}

/// A stream of Y4M with two frames: header fields, then `values` for the luma and chroma bytes of both.
fn y4m(fields: &str, luma: usize, chroma: usize, values: [[u8; 3]; 2]) -> Vec<u8> {
    let mut bytes = format!("YUV4MPEG2 {fields}\n").into_bytes();
    for [y, blue, red] in values {
        bytes.extend(b"FRAME Ixyz\n");
        bytes.extend([vec![y; luma], vec![blue; chroma], vec![red; chroma]].concat());
    }
    bytes
}

#[test]
fn kinds_of_y4m() {
    let check = |fields: &str, luma, chroma, values, expected: [u8; 3], time| {
        let bytes = y4m(fields, luma, chroma, [[16, 128, 128], values]);
        let (_directory, path) = file(&bytes);
        for source in [Source::open(&path), Source::from_reader(Cursor::new(bytes), Timing::Arrival)] {
            let (frames, error) = read(source.unwrap());
            assert!(error.is_none() && frames.len() == 2, "{fields}: {error:?}");
            assert_eq!(frames[1].image, RgbImage::from_pixel(5, 3, expected.into()), "{fields}");
            assert_eq!(frames[1].time, Duration::from_nanos(time), "{fields}");
        }
    };
    let red = [81, 90, 240];
    check("W5 H3 F25:1", 15, 6, red, [254, 0, 0], 40_000_000);
    check("W5 H3 F30000:1001 Ip A1:1 C420jpeg", 15, 6, red, [254, 0, 0], 33_366_667);
    check("W5 H3 F0:0 C422", 15, 9, red, [254, 0, 0], 40_000_000);
    check("W5 H3 F50:1 C444 XYSCSS=444", 15, 15, red, [254, 0, 0], 20_000_000);
    check("W5 H3 F50:1 Cmono", 15, 0, [126; 3], [128; 3], 20_000_000);
    check("W5 H3 F50:1 Cmono XCOLORRANGE=FULL", 15, 0, [126; 3], [126; 3], 20_000_000);
}

#[test]
fn bad_y4m_is_named() {
    let check = |bytes: &[u8], expected: &str| {
        let message = match Source::from_reader(Cursor::new(bytes.to_vec()), Timing::Arrival) {
            Ok(source) => read(source).1.unwrap().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(message.starts_with("standard input: ") && message.contains(expected), "{message}");
    };
    check(b"YUV4MPEG2 W5\n", "no height");
    check(b"YUV4MPEG2 W5 H0\n", "no height");
    check(b"YUV4MPEG2 W50000 H50000\n", "too large");
    check(b"YUV4MPEG2 W5 H3 C420p10\n", "chroma 420p10 is not supported");
    check(b"YUV4MPEG2 W2 H2 C444\nFRAME\n123", "frame 0: the stream ends after 3 of its 12 bytes");
    check(b"YUV4MPEG2 W2 H2 C444\nnonsense\n", "does not begin with FRAME");
    check(b"YUV4MPEG2 W2 H2", "does not end");
    check(b"", "empty");
    check(b"GIF89a", "not a stream");
}

fn jpeg(number: u32) -> Vec<u8> {
    encode(&numbered(number, 64, 48), PictureFormat::Jpeg).unwrap()
}

#[test]
fn mjpeg_with_garbage_between() {
    let bytes: Vec<u8> = (0..4).flat_map(|number| [jpeg(number), b"\r\n--x\xff\r\n\xff".to_vec()].concat()).collect();
    let rate = FrameRate::new(10, 1).unwrap();
    let (frames, error) = read(Source::from_reader(Cursor::new(bytes.clone()), Timing::Rate(rate)).unwrap());
    assert!(error.is_none());
    let found: Vec<_> = frames.iter().map(|frame| (number(&frame.image), frame.index, frame.time)).collect();
    assert_eq!(found, [0, 1, 2, 3].map(|i| (i as u32, i, milliseconds(100 * i))));
    let (_directory, path) = file(&bytes);
    let (frames, _) = read(Source::open(&path).unwrap());
    assert_eq!(frames.iter().map(|frame| frame.time).collect::<Vec<_>>(), [0, 40, 80, 120].map(milliseconds));
    let (frames, _) = read(Source::from_reader(Cursor::new(bytes), Timing::Arrival).unwrap());
    assert!(frames.len() == 4 && frames.is_sorted_by_key(|frame| frame.time) && frames[0].time < milliseconds(1));
}

#[test]
fn a_stream_outlives_a_broken_picture() {
    let mut broken = jpeg(1);
    let scan = broken.windows(2).position(|marker| marker == [0xff, 0xc4]).unwrap();
    broken[scan + 4..scan + 20].fill(0xee);
    // One picture without sense, one cut off by the next, one cut off by the end.
    let half = |number| jpeg(number)[..500].to_vec();
    let bytes = [jpeg(0), broken, jpeg(2), half(3), jpeg(4), half(5)].concat();
    let results: Vec<_> = Source::from_reader(Cursor::new(bytes), Timing::Arrival).unwrap().collect();
    let shown: Vec<_> = results.iter().map(|frame| frame.as_ref().ok().map(|frame| number(&frame.image))).collect();
    assert_eq!(shown, [Some(0), None, Some(2), Some(4), None]);
    let messages: Vec<_> = results.into_iter().filter_map(|frame| frame.err().map(|error| error.to_string())).collect();
    assert!(messages[0].starts_with("standard input: picture 1 of the stream: "), "{}", messages[0]);
    assert!(messages[1].contains("picture 4: the stream ends inside of it"), "{}", messages[1]);
}

#[test]
fn pictures_are_sources_of_one_frame() {
    // A picture with a smaller one attached is a picture.
    let attached = [jpeg(3), encode(&numbered(1, 32, 24), PictureFormat::Jpeg).unwrap()].concat();
    let png = encode(&numbered(3, 64, 48), PictureFormat::Png).unwrap();
    for bytes in [jpeg(3), attached, png] {
        let (_directory, path) = file(&bytes);
        let source = Source::open(&path).unwrap();
        assert_eq!((source.kind(), source.expected_frames()), (SourceKind::Picture, Some(1)));
        let (frames, error) = read(source);
        assert!(error.is_none() && frames.len() == 1 && number(&frames[0].image) == 3);
    }
}

#[test]
fn what_is_no_source_is_named() {
    let check = |bytes: &[u8], expected: &str| {
        let (_directory, path) = file(bytes);
        let message = Source::open(&path).err().unwrap().to_string();
        assert!(message.contains(&format!("input: {expected}")), "{message}");
    };
    check(b"", "the file is empty");
    check(b"some text", "unknown format; known are pictures (JPEG");
    check(b"\0\0\0\x18ftypheic", "HEIC is not supported");
    check(b"\0\0\0\x08ftyp", "damaged or truncated at the end of the file: its index");
    check(b"\x89PNG\r\n\x1a\n", "the Png picture is damaged");
    let error = Source::open(Path::new("no/such/file")).err().unwrap();
    assert!(error.to_string().starts_with("no/such/file: "), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_clips_are_survived(
        which in 0usize..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = fs::read(fixture(["main.mp4", "fragmented.mp4", "cut.mp4"][which])).unwrap();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Ok(Opened::Video(mut video)) = mp4::open(Cursor::new(bytes)) {
            for _ in 0..99 {
                let Ok(Some(_)) = video.next() else { break };
            }
        }
    }

    #[test]
    fn random_streams_are_survived(start in 0usize..4, rest: Vec<u8>) {
        let starts: [&[u8]; 4] = [b"", b"\xff\xd8\xff", b"YUV4MPEG2 W2 H2\nFRAME\n", b"\0\0\0\x20moov\0\0\0\x18trak"];
        let bytes = [starts[start], &rest].concat();
        let _ = mp4::open(Cursor::new(&bytes));
        let _ = next_jpeg(&mut BufReader::new(bytes.as_slice()), 0);
        if let Ok(source) = Source::from_reader(Cursor::new(bytes), Timing::Arrival) {
            source.take(9).for_each(drop);
        }
    }

    #[test]
    fn random_parameter_sets_are_survived(bytes: Vec<u8>) {
        h264::Sps::parse(&bytes);
        for profile in [66, 77, 100] {
            h264::in_decoding_order(&[&[0x67, profile], bytes.as_slice()].concat());
        }
    }
}
