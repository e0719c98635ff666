//! Inputs as a user names them: files, folders and standard input.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How names of pictures and videos end.
const EXTENSIONS: [&str; 22] = [
    "jpg", "jpeg", "png", "webp", "gif", "bmp", "mp4", "m4v", "mov", "y4m", "mjpeg", "mjpg", "mkv", "webm", "avi", "flv", "ogg",
    "ogv", "asf", "wmv", "mpg", "mpeg",
];

/// Something to read frames from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file that was named.
    File(PathBuf),
    /// A file found in a folder that was named: the folder, and the file's path from it.
    InFolder(PathBuf, PathBuf),
    /// Standard input, named `-`.
    Stdin,
}

/// An input that is not there or cannot be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{path}`: {source}", path = path.display())]
pub struct InputError {
    /// The input.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

impl Input {
    /// The file to open; `None` for standard input.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Self::File(path) => Some(path.clone()),
            Self::InFolder(folder, path) => Some(folder.join(path)),
            Self::Stdin => None,
        }
    }

    /// Whether it should be a picture or a video: because somebody named it, or because its name says so. What it is, its content says.
    pub fn promises_frames(&self) -> bool {
        let Self::InFolder(_, path) = self else { return true };
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension)))
    }

    /// How records and messages name it.
    pub fn name(&self) -> String {
        self.path().map_or_else(|| "-".to_owned(), |path| path.display().to_string())
    }
}

/// All inputs behind the names given: folders are searched to their depths, in order of names, without hidden files and
/// without following links to folders. What cannot be read comes as an error in its place, so that the rest can be done.
pub fn expand(names: &[PathBuf]) -> Vec<Result<Input, InputError>> {
    let mut inputs = Vec::new();
    for name in names {
        if name.as_os_str() == "-" {
            inputs.push(Ok(Input::Stdin));
        } else if name.is_dir() {
            search(name, Path::new(""), &mut inputs);
        } else {
            let found = fs::metadata(name).map(|_| Input::File(name.clone()));
            inputs.push(found.map_err(|source| InputError { path: name.clone(), source }));
        }
    }
    inputs
}

fn search(root: &Path, below: &Path, inputs: &mut Vec<Result<Input, InputError>>) {
    let folder = root.join(below);
    let entries = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(source) => return inputs.push(Err(InputError { path: folder, source })),
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries.iter().filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b".")) {
        let path = below.join(entry.file_name());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            search(root, &path, inputs);
        } else {
            inputs.push(Ok(Input::InFolder(root.to_owned(), path)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_frames() {
        let inside = |path: &str| Input::InFolder("party".into(), path.into());
        for promising in [inside("a.JPG"), inside("b/c.webm"), Input::File("notes.txt".into()), Input::Stdin] {
            assert!(promising.promises_frames(), "{promising:?}");
        }
        for other in [inside("notes.txt"), inside("jpg"), inside("b.mp4/notes")] {
            assert!(!other.promises_frames(), "{other:?}");
        }
    }

    #[test]
    fn folders_are_searched_in_order_and_what_is_missing_is_told_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("b/c")).unwrap();
        for file in ["z.png", "b/c/1.jpg", "a.gif", ".hidden"] {
            fs::write(root.join(file), "").unwrap();
        }
        let found = expand(&[root.join("nothing"), root.to_owned(), "-".into(), root.join("a.gif")]);
        assert_eq!(found.len(), 6);
        assert!(found[0].as_ref().unwrap_err().to_string().contains("nothing"));
        let found: Vec<Input> = found.into_iter().skip(1).map(Result::unwrap).collect();
        let inside = |path: &str| Input::InFolder(root.to_owned(), path.into());
        let expected = [inside("a.gif"), inside("b/c/1.jpg"), inside("z.png"), Input::Stdin, Input::File(root.join("a.gif"))];
        assert_eq!(found, expected);
    }
}
