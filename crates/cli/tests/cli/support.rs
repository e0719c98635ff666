//! Running the command, and the pictures and datasets that the tests make for it.

use std::{
    fmt::Write as _,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use smielfy::smileys::Smileys;
use smielfy_vision::{BoundingBox, PictureFormat, RgbImage, decode, draw_text, encode, text_size};

/// What a run of the command gave.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The lines of standard output as JSON.
    pub fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub fn smielfy<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    finish(command(arguments).output().unwrap())
}

/// The command with `input` on its standard input.
pub fn smielfy_with_input(arguments: &[&str], input: &[u8]) -> Run {
    let mut command = command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let run = finish(child.wait_with_output().unwrap());
    writer.join().unwrap();
    run
}

pub fn command<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smielfy"));
    command.args(arguments).env("RUST_BACKTRACE", "0");
    command
}

fn finish(output: Output) -> Run {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let run = Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) };
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run
}

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A demo picture and its true faces with their smileys.
pub fn demo(number: u32) -> (PathBuf, Vec<(String, BoundingBox)>) {
    let folder = root().join("assets/demo");
    let truth = fs::read_to_string(folder.join(format!("demo-{number}.json"))).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let faces = truth["faces"].as_array().unwrap().iter().map(|face| (face["smiley"].as_str().unwrap().to_owned(), bounds(face)));
    (folder.join(format!("demo-{number}.jpg")), faces.collect())
}

/// The square of a face in JSON.
pub fn bounds(face: &Value) -> BoundingBox {
    let number = |key: &str| face[key].as_f64().unwrap() as f32;
    BoundingBox::new(number("x"), number("y"), number("side"))
}

pub fn read_picture(path: &Path) -> RgbImage {
    decode(&fs::read(path).unwrap()).unwrap()
}

pub fn write_picture(path: &Path, image: &RgbImage) {
    let ending = path.extension().unwrap().to_str().unwrap();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, encode(image, PictureFormat::from_extension(ending).unwrap()).unwrap()).unwrap();
}

/// A dataset whose "faces" are typed emoticons in random places and colors: something that a small net can learn.
pub fn emoticon_dataset(folder: &Path, train_per_class: usize, valid_per_class: usize) {
    let mut manifest = "file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side\n".to_owned();
    let mut numbers = Numbers(7);
    for smiley in &Smileys::default() {
        for index in 0..train_per_class + valid_per_class {
            let split = if index < train_per_class { "train" } else { "valid" };
            let file = format!("{}-{index}.png", smiley.id);
            write_picture(&folder.join("images").join(&file), &emoticon_picture(&smiley.emoticon, &mut numbers));
            writeln!(manifest, "{file},{},{file},{split},drawn,eye,64,64,8,8,48", smiley.id).unwrap();
        }
    }
    fs::write(folder.join("manifest.csv"), manifest).unwrap();
}

fn emoticon_picture(emoticon: &str, numbers: &mut Numbers) -> RgbImage {
    let paper = [(); 3].map(|()| 150 + numbers.below(100) as u8);
    let ink = [(); 3].map(|()| numbers.below(80) as u8);
    let mut image = RgbImage::from_fn(64, 64, |_, _| paper.into());
    let height = 20 + numbers.below(5);
    let (width, _) = text_size(emoticon, height);
    let left = 32 - width as i32 / 2 + numbers.below(5) as i32 - 2;
    draw_text(&mut image, emoticon, left, 32 - height as i32 / 2 + numbers.below(5) as i32 - 2, height, ink);
    image
}

/// A stream of numbers that are random enough for pictures (Knuth's MMIX generator).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % end
    }
}
