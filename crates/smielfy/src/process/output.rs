//! Where annotated frames go: nowhere, to a picture, or to a video.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use smielfy_vision::{EncodeError, PictureFormat, RgbImage, encode};

use super::Input;
use crate::{
    annotate::{Mark, annotate},
    frames::{FramesError, SourceKind, VideoWriter},
};

/// Added to the name of a file or folder for its annotated copy.
const SUFFIX: &str = "smiley";

/// A result that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The system refuses the file.
    #[error("cannot write `{path}`: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The picture does not fit the format.
    #[error("cannot write `{path}`: {source}", path = path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What the encoder says.
        source: EncodeError,
    },
    /// The video cannot be written.
    #[error(transparent)]
    Video(#[from] FramesError),
    /// The result would take the place of its own input.
    #[error("`{path}` is the input itself: give another output", path = path.display())]
    OverInput {
        /// The file.
        path: PathBuf,
    },
    /// The name does not say a format that can be written.
    #[error("`{path}` has no ending that can be written: pictures are written as {pictures}, videos as .mp4", path = path.display(), pictures = ".jpg, .png, .webp or .bmp")]
    Format {
        /// The file.
        path: PathBuf,
    },
}

/// Where annotated frames go.
pub enum Output {
    /// Nowhere: records alone are wanted.
    Nowhere,
    /// To a picture; of several frames the last one stays.
    Picture(PathBuf, PictureFormat),
    /// To a video.
    Video(Box<VideoWriter>),
    /// A video that is ended.
    Done,
}

impl Output {
    /// An output to the file `path` for frames from a source of this kind: a picture, or a video in which all takes `slow`
    /// times as long. Folders on the way are made.
    ///
    /// # Errors
    /// [`OutputError`] if the file is the input itself, has the wrong ending, or cannot be made.
    pub fn create(path: &Path, kind: SourceKind, slow: f64, input: &Input) -> Result<Self, OutputError> {
        let same = |input: PathBuf| fs::canonicalize(input).ok().zip(fs::canonicalize(path).ok()).is_some_and(|(a, b)| a == b);
        if input.path().is_some_and(same) {
            return Err(OutputError::OverInput { path: path.to_owned() });
        }
        let parent = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(parent).map_err(|source| OutputError::File { path: parent.to_owned(), source })?;
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match (kind, PictureFormat::from_extension(&ending)) {
            (SourceKind::Picture, Some(format)) => Ok(Self::Picture(path.to_owned(), format)),
            (SourceKind::Video | SourceKind::Stream, _) if ending == "mp4" => {
                Ok(Self::Video(Box::new(VideoWriter::new(path, slow)?)))
            }
            _ => Err(OutputError::Format { path: path.to_owned() }),
        }
    }

    /// Draws `marks` on a frame and writes it.
    pub(super) fn write(&mut self, image: &mut RgbImage, time: Duration, marks: &[Mark]) -> Result<(), OutputError> {
        match self {
            Self::Nowhere | Self::Done => Ok(()),
            Self::Picture(path, format) => {
                annotate(image, marks);
                let bytes = encode(image, *format).map_err(|source| OutputError::Picture { path: path.clone(), source })?;
                fs::write(&*path, bytes).map_err(|source| OutputError::File { path: path.clone(), source })
            }
            Self::Video(writer) => {
                annotate(image, marks);
                Ok(writer.write(image, time)?)
            }
        }
    }

    /// Ends the output; a video's last frame is shown for `last_duration`.
    pub(super) fn finish(&mut self, last_duration: Duration) -> Result<(), OutputError> {
        match std::mem::replace(self, Self::Done) {
            Self::Video(writer) => Ok(writer.finish(last_duration)?),
            Self::Nowhere | Self::Picture(..) | Self::Done => Ok(()),
        }
    }
}

/// Where the annotated copy of `input` goes.
///
/// With `out` given: into that folder if `out_is_folder`, to that file otherwise. Without: beside the input, as
/// `NAME.smiley.ENDING`; of a folder, into the folder `NAME.smiley`. A picture keeps its ending if it can be written and is a
/// PNG else; a video becomes `.mp4`.
pub fn default_output(input: &Input, kind: SourceKind, out: Option<&Path>, out_is_folder: bool) -> PathBuf {
    if let (Some(out), false) = (out, out_is_folder) {
        return out.to_owned();
    }
    let (folder, file) = match input {
        Input::File(path) => (path.parent().map(Path::to_owned), PathBuf::from(path.file_name().unwrap_or_default())),
        Input::InFolder(folder, path) => (Some(folder.with_added_extension(SUFFIX)), path.clone()),
        Input::Stdin => (None, PathBuf::from("stdin.mp4")),
    };
    let ending = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let ending = match kind {
        SourceKind::Video | SourceKind::Stream => "mp4",
        SourceKind::Picture if PictureFormat::from_extension(&ending).is_some() => &ending,
        SourceKind::Picture => "png",
    };
    match (out, input) {
        (Some(out), _) => out.join(file.with_extension(ending)),
        (None, Input::InFolder(..)) => folder.unwrap_or_default().join(file.with_extension(ending)),
        (None, _) => folder.unwrap_or_default().join(file.with_extension(format!("{SUFFIX}.{ending}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_results() {
        let file = |path: &str| Input::File(path.into());
        let inside = Input::InFolder("party".into(), "day 1/a.JPG".into());
        let (picture, video) = (SourceKind::Picture, SourceKind::Video);
        let cases = [
            (file("a/me.jpg"), picture, None, "a/me.smiley.jpg"),
            (file("me.gif"), video, None, "me.smiley.mp4"),
            (file("me.tiff"), picture, None, "me.smiley.png"),
            (inside.clone(), picture, None, "party.smiley/day 1/a.jpg"),
            (Input::Stdin, SourceKind::Stream, None, "stdin.smiley.mp4"),
            (file("a/me.jpg"), picture, Some("out"), "out/me.jpg"),
            (inside, picture, Some("out"), "out/day 1/a.jpg"),
        ];
        for (input, kind, out, expected) in cases {
            assert_eq!(default_output(&input, kind, out.map(Path::new), true), Path::new(expected));
        }
        assert_eq!(default_output(&file("a.jpg"), picture, Some(Path::new("b.png")), false), Path::new("b.png"));
    }

    #[test]
    fn an_input_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, "picture").unwrap();
        let result = Output::create(&path, SourceKind::Picture, 1.0, &Input::File(path.clone()));
        assert!(matches!(result, Err(OutputError::OverInput { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"picture");
    }
}
