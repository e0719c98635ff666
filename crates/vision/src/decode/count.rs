//! Counting the frames of a picture file without decoding them.
//!
//! The bytes of a GIF, PNG or WebP file go in, a number of frames comes out: block headers are walked, pixels are skipped.

use std::io::{BufRead, ErrorKind, Result, Seek, SeekFrom};

/// The number of frames of the picture file that `reader` is at the start of, which is where it is left again.
///
/// 1 for a still picture and for every format without animations; frames after damage are not counted, but the first one
/// always is.
///
/// # Errors
/// The reader cannot be read or sought.
pub fn frame_count(reader: &mut (impl BufRead + Seek)) -> Result<u32> {
    let start = reader.stream_position()?;
    let mut count = 0;
    let result = count_frames(reader, &mut count);
    reader.seek(SeekFrom::Start(start))?;
    match result {
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(count.max(1)),
    }
}

/// Adds the frames of the file to `count`; an error of kind `UnexpectedEof` where the file ends in the middle.
fn count_frames(reader: &mut (impl BufRead + Seek), count: &mut u32) -> Result<()> {
    match read::<6>(reader)? {
        [0x89, b'P', b'N', b'G', ..] => count_png(reader, count),
        [b'G', b'I', b'F', ..] => count_gif(reader, count),
        [b'R', b'I', b'F', b'F', ..] => count_webp(reader, count),
        _ => Ok(()),
    }
}

/// PNG: the number stands in the chunk `acTL`, which comes before the first picture data.
fn count_png(reader: &mut (impl BufRead + Seek), count: &mut u32) -> Result<()> {
    read::<2>(reader)?;
    loop {
        let length = u32::from_be_bytes(read(reader)?);
        match &read::<4>(reader)? {
            b"acTL" => {
                *count = u32::from_be_bytes(read(reader)?);
                return Ok(());
            }
            b"IDAT" | b"IEND" => return Ok(()),
            _ => reader.seek_relative(i64::from(length) + 4)?,
        }
    }
}

/// WebP: every frame of an animation is a chunk `ANMF`; chunks are padded to even lengths.
fn count_webp(reader: &mut (impl BufRead + Seek), count: &mut u32) -> Result<()> {
    read::<6>(reader)?;
    loop {
        let name: [u8; 4] = read(reader)?;
        let length = u32::from_le_bytes(read(reader)?);
        if &name == b"ANMF" {
            *count += 1;
        }
        reader.seek_relative(i64::from(length) + i64::from(length % 2))?;
    }
}

/// GIF: every frame begins with an image descriptor.
fn count_gif(reader: &mut (impl BufRead + Seek), count: &mut u32) -> Result<()> {
    let [.., flags, _, _] = read::<7>(reader)?;
    skip_color_table(reader, flags)?;
    loop {
        match read::<1>(reader)? {
            [0x2c] => {
                *count += 1;
                let [.., flags] = read::<9>(reader)?;
                skip_color_table(reader, flags)?;
                read::<1>(reader)?;
            }
            [0x21] => drop(read::<1>(reader)?),
            _ => return Ok(()),
        }
        skip_sub_blocks(reader)?;
    }
}

/// Skips the color table that `flags` of a GIF descriptor announce.
fn skip_color_table(reader: &mut (impl BufRead + Seek), flags: u8) -> Result<()> {
    let colors = if flags & 0x80 == 0 { 0 } else { 2 << (flags & 7) };
    reader.seek_relative(3 * colors)
}

/// Skips data in the sub-blocks of GIF: each begins with its length, an empty one ends them.
fn skip_sub_blocks(reader: &mut (impl BufRead + Seek)) -> Result<()> {
    loop {
        match read::<1>(reader)? {
            [0] => return Ok(()),
            [length] => reader.seek_relative(i64::from(length))?,
        }
    }
}

/// The next bytes of `reader`.
fn read<const N: usize>(reader: &mut impl BufRead) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}
