//! What can go wrong with frames, by whose fault it is.

use smielfy_vision::DecodeError;
use std::io;
use thiserror::Error;

/// A failure to read or write frames: which file, and what is wrong with it.
#[derive(Debug, Error)]
#[error("{name}: {problem}")]
pub struct FramesError {
    /// The file as it was given, or `standard input`.
    pub name: String,
    /// What is wrong.
    #[source]
    pub problem: Problem,
}

/// What is wrong with an input or an output.
#[derive(Debug, Error)]
pub enum Problem {
    /// The operating system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// There are no bytes in it.
    #[error("the file is empty")]
    Empty,
    /// It begins like nothing that is known.
    #[error(
        "unknown format; known are pictures (JPEG, PNG, WebP, GIF, BMP) and video (MP4, MOV, Y4M, MJPEG and, with `ffmpeg`, \
         MKV, WebM, AVI, FLV, OGG, ASF, MPEG)"
    )]
    Unknown,
    /// A stream that cannot be read again is in neither of the formats for that.
    #[error("not a stream of MJPEG or Y4M; save it to a file and give the file")]
    NotAStream,
    /// A picture cannot be decoded.
    #[error(transparent)]
    Picture(#[from] DecodeError),
    /// One picture of a stream cannot be decoded; those after it may be fine.
    #[error("picture {index} of the stream: {source}")]
    StreamPicture {
        /// Number of the picture, from 0.
        index: u64,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// There is nothing to see in it, only, say, sound.
    #[error("there is no video in it")]
    NoVideo,
    /// Its pictures are larger than smielfy decodes.
    #[error("pictures of {width} x {height} pixels are too large; the limit is {limit} pixels in all")]
    TooLarge {
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// Most pixels of a frame.
        limit: u64,
    },
    /// A kind of content that neither smielfy nor an `ffmpeg` run by it reads.
    #[error("{what} is not supported; convert it first")]
    Unsupported {
        /// The kind of content.
        what: String,
    },
    /// The bytes end too early or contradict themselves; frames before this place are fine.
    #[error("damaged or truncated at {place}: {reason}")]
    Damaged {
        /// Where: a frame or a part of the file.
        place: String,
        /// What is found there.
        reason: String,
    },
    /// Only `ffmpeg` could read it.
    #[error(
        "{what} needs `ffmpeg`, which was not found on the PATH; install it, or convert the file to MP4 with H.264 (8 bits, \
         4:2:0, progressive)"
    )]
    FfmpegMissing {
        /// Codec or container.
        what: String,
    },
    /// `ffmpeg` was run and failed.
    #[error("`ffmpeg` cannot read it: {message}")]
    Ffmpeg {
        /// Last words of `ffmpeg`.
        message: String,
    },
    /// A frame given to a video writer is not as large as the first one.
    #[error("frame {index} is not of the same size as the first one")]
    OtherSize {
        /// Number of the frame, from 0.
        index: u64,
    },
    /// The video codec refuses.
    #[error("H.264 codec: {0}")]
    Codec(#[from] openh264::Error),
}

impl Problem {
    /// With the `name` of the input or output.
    pub(super) fn of(self, name: &str) -> FramesError {
        FramesError { name: name.to_owned(), problem: self }
    }

    /// Damage of the file at `place`.
    pub(super) fn damaged(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Damaged { place: place.into(), reason: reason.into() }
    }
}
