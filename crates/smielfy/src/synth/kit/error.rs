//! Why a head kit cannot be used, and what to do about it.

use std::path::PathBuf;

/// Where a head kit can be had, for people who have none.
pub const KIT_SOURCE: &str = "a head kit is the folder `FaceXModel` of ICT-FaceKit (MIT license, \
     https://github.com/ICT-VGL/ICT-FaceKit) or the file that `smielfy synth pack` makes of it";
/// Files that an error names at most.
const NAMED_FILES: usize = 3;

/// Why a head kit cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// There is no such file.
    #[error("no head kit at `{path}`: {KIT_SOURCE}", path = path.display())]
    Missing {
        /// The file or folder.
        path: PathBuf,
    },
    /// A file of the kit cannot be read or written.
    #[error("cannot access `{path}`: {source}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The bytes are not those of a kit.
    #[error("`{path}` is not a head kit: {why}; {KIT_SOURCE}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A folder has not all OBJ files.
    #[error("`{folder}` lacks {names}; {KIT_SOURCE}", folder = folder.display(), names = listed(missing))]
    Incomplete {
        /// The folder.
        folder: PathBuf,
        /// Names of the files that are not there.
        missing: Vec<String>,
    },
    /// An OBJ file is not as ICT-FaceKit has it.
    #[error("`{path}`: {why}; copy it anew from ICT-FaceKit", path = path.display())]
    Part {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and on which line.
        why: String,
    },
}

fn listed(names: &[String]) -> String {
    let named: Vec<String> = names.iter().take(NAMED_FILES).map(|name| format!("`{name}`")).collect();
    let named = named.join(", ");
    match names.len().saturating_sub(NAMED_FILES) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
