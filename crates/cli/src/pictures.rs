//! Pictures that commands write.

use std::{fs, path::Path};

use anyhow::{Context, bail};
use smielfy_vision::{PictureFormat, RgbImage, encode};

/// The format that the ending of `path` stands for: to be asked before the work is done.
pub fn format_of(path: &Path) -> anyhow::Result<PictureFormat> {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    match PictureFormat::from_extension(&ending) {
        Some(format) => Ok(format),
        None => bail!("`{}` must end in .png, .jpg or .webp", path.display()),
    }
}

/// Writes `image` to `path`.
pub fn write(path: &Path, image: &RgbImage, format: PictureFormat) -> anyhow::Result<()> {
    fs::write(path, encode(image, format)?).with_context(|| format!("cannot write `{}`", path.display()))
}
