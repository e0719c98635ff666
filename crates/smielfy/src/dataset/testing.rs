//! Folders for the tests of datasets: a manifest and pictures go in, a folder that is deleted when it is dropped comes out.

use smielfy_vision::{PictureFormat, RgbImage, encode};
use std::fmt::Debug;
use std::fs;
use tempfile::TempDir;

/// The columns of a manifest of smileys.
pub const SMILEY_HEADER: &str = "file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side";

/// A folder with this manifest and these `(file, bytes)` in `images/`.
pub fn folder(manifest: &str, images: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = folder_of_bytes(manifest.as_bytes());
    fs::create_dir(folder.path().join("images")).unwrap();
    for (file, bytes) in images {
        fs::write(folder.path().join("images").join(file), bytes).unwrap();
    }
    folder
}

/// A folder with this manifest only.
pub fn folder_of_bytes(manifest: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("manifest.csv"), manifest).unwrap();
    folder
}

/// The text of the error that was expected.
pub fn message<T: Debug, E: std::error::Error>(result: Result<T, E>) -> String {
    result.unwrap_err().to_string()
}

/// A picture as PNG.
pub fn png(image: &RgbImage) -> Vec<u8> {
    encode(image, PictureFormat::Png).unwrap()
}
