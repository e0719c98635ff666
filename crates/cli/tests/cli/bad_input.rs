//! Bad input gets a clear error that names it and exit code 2, never a panic.

use std::{fs, path::Path};

use smielfy_vision::{PictureFormat, RgbImage, encode};
use tempfile::tempdir;

use crate::support::{demo, smielfy};

/// A PNG whose header says this size; its pixels are missing.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut png = encode(&RgbImage::new(1, 1), PictureFormat::Png).unwrap();
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

/// The checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

fn assert_refused(path: &Path, expected: &str) {
    let run = smielfy(["recognize".as_ref(), path.as_os_str()]);
    assert_eq!(run.code, 2, "{}: {}{}", path.display(), run.stdout, run.stderr);
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(run.stderr.contains(name) && run.stderr.contains(expected), "{name}: {}", run.stderr);
}

#[test]
fn what_is_no_picture_is_refused_by_name() {
    let folder = tempdir().unwrap();
    let jpeg = fs::read(demo(1).0).unwrap();
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("empty.jpg", vec![], "empty"),
        ("text.png", b"Dear diary, today I pulled a face.\n".to_vec(), "unknown"),
        ("truncated.jpg", jpeg[..jpeg.len() / 3].to_vec(), ""),
        ("nothing.png", png_header(0, 0), ""),
        ("huge.png", png_header(30_000, 30_000), "too large"),
        ("short.png", png_header(100, 100), ""),
        ("noise.mp4", b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2 and nothing that belongs here".to_vec(), ""),
    ];
    for (name, bytes, expected) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        assert_refused(&path, expected);
    }
    assert_refused(&folder.path().join("missing.jpg"), "cannot read");
}

#[test]
fn a_cause_is_told_once() {
    for arguments in [["recognize", "missing.jpg"], ["recognize", "Cargo.toml"], ["train", "missing.toml"]] {
        let run = smielfy(arguments);
        let (_, cause) = run.stderr.trim_end().rsplit_once(": ").unwrap();
        assert_eq!(run.stderr.matches(cause).count(), 1, "{}", run.stderr);
    }
}

#[test]
fn a_misnamed_picture_is_read_for_what_it_is() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("really-a-jpeg.png");
    fs::copy(demo(1).0, &path).unwrap();
    let run = smielfy(["recognize".as_ref(), path.as_os_str()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(folder.path().join("really-a-jpeg.smiley.png").is_file());
}

#[test]
fn odd_but_sound_pictures_are_answered() {
    let folder = tempdir().unwrap();
    for (width, height) in [(1, 1), (3000, 2), (2, 900), (16, 16)] {
        let path = folder.path().join(format!("{width}x{height}.png"));
        fs::write(&path, encode(&RgbImage::new(width, height), PictureFormat::Png).unwrap()).unwrap();
        let run = smielfy(["recognize".as_ref(), path.as_os_str(), "--json".as_ref()]);
        assert_eq!(run.code, 0, "{width}x{height}: {}", run.stderr);
        assert_eq!(run.json()[0]["faces"].as_array().unwrap().len(), 0, "{width}x{height}");
    }
}

#[test]
fn impossible_flags_and_outputs_are_refused() {
    let folder = tempdir().unwrap();
    let picture = demo(1).0;
    let picture = picture.to_str().unwrap();
    let document = folder.path().join("out.docx");
    let cases: [&[&str]; 6] = [
        &["recognize"],
        &["recognize", picture, "--slow", "0"],
        &["recognize", picture, "--floor", "2"],
        &["recognize", picture, "-o", document.to_str().unwrap()],
        &["recognize", picture, "-o", picture],
        &["recognize", picture, "--weights", picture],
    ];
    for arguments in cases {
        let run = smielfy(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stdout);
        assert!(!run.stderr.is_empty(), "{arguments:?}");
    }
}
