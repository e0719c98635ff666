//! The boxes of MP4 and MOV files.
//!
//! A reader or bytes go in; names, places and contents of boxes come out (ISO/IEC 14496-12, 4.2).

use super::super::error::Problem;
use std::io::{ErrorKind, Read};

/// Most bytes of a box that is read into memory: the index of a film of ten hours takes a tenth of it.
const MAX_BOX_BYTES: u64 = 64 << 20;

/// The head of a box in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Four letters.
    pub name: [u8; 4],
    /// Bytes of the head itself, 8 or 16.
    pub own_bytes: u64,
    /// Bytes after the head; `None` if the box goes to the end of the file.
    pub content_bytes: Option<u64>,
}

impl Head {
    /// Reads the head of the next box; `None` at the end of the file.
    pub fn read(reader: &mut impl Read) -> Result<Option<Self>, Problem> {
        let mut bytes = [0; 8];
        match reader.read_exact(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            result => result?,
        }
        let [size, name] = [0, 4].map(|i| [bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
        let (size, own_bytes) = match u64::from(u32::from_be_bytes(size)) {
            0 => return Ok(Some(Self { name, own_bytes: 8, content_bytes: None })),
            1 => (read_u64(reader)?, 16),
            size => (size, 8),
        };
        match size.checked_sub(own_bytes) {
            Some(content) => Ok(Some(Self { name, own_bytes, content_bytes: Some(content) })),
            None => Err(Problem::damaged(format!("box {}", text(name)), "its size is smaller than its head")),
        }
    }

    /// Reads the whole box again as bytes, head included, in the short form of the head; `reader` is behind the head.
    pub fn read_box(self, reader: &mut impl Read) -> Result<Vec<u8>, Problem> {
        let place = || format!("box {}", text(self.name));
        let content = self.content_bytes.unwrap_or(MAX_BOX_BYTES);
        if content > MAX_BOX_BYTES {
            return Err(Problem::damaged(place(), format!("it claims {content} bytes, more than {MAX_BOX_BYTES}")));
        }
        let mut bytes = vec![0; 4];
        bytes.extend(self.name);
        let found = reader.take(content).read_to_end(&mut bytes)? as u64;
        if self.content_bytes.is_some_and(|content| found < content) {
            return Err(Problem::damaged(place(), format!("the file ends after {found} of its {content} bytes")));
        }
        let size = (bytes.len() as u32).to_be_bytes();
        bytes[..4].copy_from_slice(&size);
        Ok(bytes)
    }
}

fn read_u64(reader: &mut impl Read) -> Result<u64, Problem> {
    let mut bytes = [0; 8];
    reader.read_exact(&mut bytes)?;
    Ok(u64::from_be_bytes(bytes))
}

/// A box in memory.
#[derive(Debug, Clone, Copy)]
pub struct Box<'a> {
    /// Four letters.
    pub name: [u8; 4],
    /// Head and content.
    pub whole: &'a [u8],
    /// What is after the head.
    pub content: &'a [u8],
}

/// The boxes that follow each other in `bytes`; ends at nonsense.
pub fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = Box<'_>> {
    std::iter::from_fn(move || {
        let head = Head::read(&mut &*bytes).ok()??;
        let own_bytes = head.own_bytes as usize;
        let size = match head.content_bytes {
            Some(content) => usize::try_from(content).ok()?.checked_add(own_bytes)?,
            None => bytes.len(),
        };
        let (whole, rest) = bytes.split_at_checked(size)?;
        bytes = rest;
        Some(Box { name: head.name, whole, content: whole.get(own_bytes..)? })
    })
}

/// The first box called `name` in `bytes`.
pub fn find(bytes: &[u8], name: [u8; 4]) -> Option<Box<'_>> {
    boxes(bytes).find(|found| found.name == name)
}

/// The name of a box or a codec as text.
pub fn text(name: [u8; 4]) -> String {
    name.escape_ascii().to_string()
}
