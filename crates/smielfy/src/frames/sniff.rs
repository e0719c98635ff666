//! Telling formats by their first bytes.

use super::{mjpeg, y4m};

/// As many bytes as telling takes.
pub const SNIFF_BYTES: usize = 189;

/// Distance of the sync bytes of an MPEG transport stream.
const TS_PACKET_BYTES: usize = 188;

/// What a file begins like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// No bytes.
    Empty,
    /// JPEG: a picture or MJPEG.
    Jpeg,
    /// Another picture or animation.
    Picture,
    /// YUV4MPEG2.
    Y4m,
    /// MP4 or MOV.
    Mp4,
    /// A container that is left to `ffmpeg`: its name.
    Foreign(&'static str),
    /// A picture that is not supported: its name.
    ForeignPicture(&'static str),
    /// None of these.
    Unknown,
}

/// The format of a file that begins with `bytes`, [`SNIFF_BYTES`] of them or the whole file.
pub fn sniff(bytes: &[u8]) -> Format {
    let at = |place: usize, text: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(text));
    let brand = |brands: &[&[u8]]| at(4, b"ftyp") && brands.iter().any(|brand| at(8, brand));
    let mp4: [&[u8]; 8] = [b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"];
    let pictures: [&[u8]; 3] = [b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM"];
    match () {
        () if bytes.is_empty() => Format::Empty,
        () if at(0, y4m::SIGNATURE) => Format::Y4m,
        () if at(0, mjpeg::SIGNATURE) => Format::Jpeg,
        () if pictures.iter().any(|start| at(0, start)) => Format::Picture,
        () if at(0, b"RIFF") && at(8, b"WEBP") => Format::Picture,
        () if brand(&[b"heic", b"heix", b"hevc", b"mif1", b"msf1"]) => Format::ForeignPicture("HEIC"),
        () if brand(&[b"avif", b"avis"]) => Format::ForeignPicture("AVIF"),
        () if mp4.iter().any(|name| at(4, name)) => Format::Mp4,
        () if at(0, b"II*\0") || at(0, b"MM\0*") => Format::ForeignPicture("TIFF"),
        () => foreign(bytes).map_or(Format::Unknown, Format::Foreign),
    }
}

/// The name of a container that is left to `ffmpeg`.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let at = |place: usize, text: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(text));
    match () {
        () if at(0, b"\x1a\x45\xdf\xa3") => Some("Matroska or WebM"),
        () if at(0, b"RIFF") && at(8, b"AVI ") => Some("AVI"),
        () if at(0, b"FLV\x01") => Some("FLV"),
        () if at(0, b"OggS") => Some("OGG"),
        () if at(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") => Some("ASF"),
        () if at(0, b"\x00\x00\x01\xba") => Some("MPEG program stream"),
        () if at(0, b"G") && at(TS_PACKET_BYTES, b"G") => Some("MPEG transport stream"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formats_by_their_first_bytes() {
        let check = |bytes: &[u8], expected| assert_eq!(sniff(bytes), expected, "{}", bytes.escape_ascii());
        check(b"", Format::Empty);
        check(b"\xff\xd8\xff\xe0", Format::Jpeg);
        check(b"\x89PNG\r\n\x1a\n", Format::Picture);
        check(b"GIF89a", Format::Picture);
        check(b"RIFF\0\0\0\0WEBPVP8 ", Format::Picture);
        check(b"RIFF\0\0\0\0AVI LIST", Format::Foreign("AVI"));
        check(b"YUV4MPEG2 W2 H2\n", Format::Y4m);
        check(b"\0\0\0\x18ftypisom", Format::Mp4);
        check(b"\0\0\0\x18ftypheic", Format::ForeignPicture("HEIC"));
        check(b"\0\0\0\x08wide", Format::Mp4);
        check(b"\x1a\x45\xdf\xa3", Format::Foreign("Matroska or WebM"));
        check(&[b"G".as_slice(), &[0; 187], b"G"].concat(), Format::Foreign("MPEG transport stream"));
        check(b"hello", Format::Unknown);
        check(b"G", Format::Unknown);
    }

    proptest! {
        #[test]
        fn random_bytes_are_survived(bytes: Vec<u8>) {
            sniff(&bytes);
        }
    }
}
