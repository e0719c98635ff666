//! A folder of OBJ files becomes one packed file, beside which the notice of its license lies.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Kit, KitError, obj};
use crate::replace::replace;

/// File that the MIT license asks to travel with the kit.
const LICENSE: &str = "LICENSE";
/// Who holds the rights, by which that file is told from licenses of other things.
const HOLDER: &str = "Institute for Creative Technologies";

/// How many files [`pack_kit`] reads.
pub const KIT_FILES: usize = 1 + obj::MODES + super::KIT_SHAPES;

/// What was packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackSummary {
    /// Vertices of the mesh.
    pub vertices: usize,
    /// Triangles of the mesh.
    pub triangles: usize,
    /// Modes of identity.
    pub modes: usize,
    /// Blendshapes.
    pub shapes: usize,
    /// Length of the packed file.
    pub bytes: usize,
    /// Where the notice of the license was written, if there was one in the folder or above it.
    pub license: Option<PathBuf>,
}

/// Packs the OBJ files of `folder` into the file `out`, whole or not at all; `on_file` is called after each of the
/// [`KIT_FILES`] that are read, from several threads.
///
/// # Errors
/// [`KitError`]: files are missing or damaged, or the packed one cannot be written.
pub fn pack_kit(folder: &Path, out: &Path, on_file: impl Fn() + Sync) -> Result<PackSummary, KitError> {
    let path = folder.to_owned();
    if !folder.exists() {
        return Err(KitError::Missing { path });
    }
    if !folder.is_dir() {
        return Err(KitError::Damaged { path, why: "it is not a folder of OBJ files".into() });
    }
    let file = obj::read_folder(folder, obj::MODES, &on_file)?;
    let bytes = file.to_bytes();
    let summary = PackSummary {
        vertices: file.neutral.len(),
        triangles: file.triangles.len(),
        modes: file.identity.len(),
        shapes: file.expression.len(),
        bytes: bytes.len(),
        license: None,
    };
    // What cannot be used is not written.
    Kit::from_file(&file, folder)?;
    write(out, &bytes)?;
    Ok(PackSummary { license: copy_license(folder, out)?, ..summary })
}

/// Writes the notice beside `out`: as `LICENSE`, or under the name of `out` if another one lies there.
fn copy_license(folder: &Path, out: &Path) -> Result<Option<PathBuf>, KitError> {
    let real = fs::canonicalize(folder).map_err(|source| KitError::File { path: folder.to_owned(), source })?;
    let notices = real.ancestors().take(2).filter_map(|folder| fs::read(folder.join(LICENSE)).ok());
    let notice = notices.into_iter().find(|notice| String::from_utf8_lossy(notice).contains(HOLDER));
    let Some(notice) = notice else { return Ok(None) };
    let plain = out.with_file_name(LICENSE);
    let is_free = fs::read(&plain).map_or_else(|error| error.kind() == io::ErrorKind::NotFound, |there| there == notice);
    let path = if is_free { plain } else { out.with_extension(LICENSE) };
    write(&path, &notice)?;
    Ok(Some(path))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), KitError> {
    replace(path, bytes).map_err(|source| KitError::File { path: path.to_owned(), source })
}
