//! Files of JSON lines that are only ever added to: each line is written at once, and what a kill cut off is dropped when they are read.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Serialize, de::DeserializeOwned};

use super::LabelError;

/// The lines of the file at `path`, none if there is no file, and a warning if the last one was half written: it is cut off.
///
/// # Errors
/// The file cannot be read, or a whole line makes no sense.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<(Vec<T>, Option<String>), LabelError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), None)),
        Err(error) => return Err(LabelError::of(path)(error)),
    };
    let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let parse = |(number, line): (usize, &[u8])| {
        let wrong =
            |error: serde_json::Error| LabelError::Line { path: path.to_owned(), line: number + 1, why: error.to_string() };
        serde_json::from_slice(line).map_err(wrong)
    };
    let lines = bytes[..whole].split(|&byte| byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let lines = lines.map(parse).collect::<Result<Vec<T>, _>>()?;
    if whole == bytes.len() {
        return Ok((lines, None));
    }
    let cut = File::options().write(true).open(path).and_then(|file| file.set_len(whole as u64));
    cut.map_err(LabelError::of(path))?;
    Ok((lines, Some(format!("`{}`: the last line was half written and is dropped", path.display()))))
}

/// Opens the file at `path` in `folder` for adding lines, and makes it if need be; no other program can do so meanwhile.
pub(super) fn open_alone(path: &Path, folder: &Path) -> Result<File, LabelError> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LabelError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(error)) => Err(LabelError::of(path)(error)),
    }
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

/// Opens the file at `path` for adding lines, and makes it if need be.
pub(super) fn open(path: &Path) -> Result<File, LabelError> {
    File::options().append(true).create(true).open(path).map_err(LabelError::of(path))
}

/// Adds a line to `file`, which is at `path`.
pub(super) fn add(mut file: &File, path: &Path, line: &impl Serialize) -> Result<(), LabelError> {
    let mut text = serde_json::to_string(line).expect("plain data has a JSON form");
    text.push('\n');
    file.write_all(text.as_bytes()).map_err(LabelError::of(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_was_cut_off_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.jsonl");
        assert_eq!(read::<u32>(&path).unwrap(), (vec![], None));
        let file = open(&path).unwrap();
        for number in [7, 8] {
            add(&file, &path, &number).unwrap();
        }
        assert_eq!(read::<u32>(&path).unwrap(), (vec![7, 8], None));
        let mut cut = fs::read(&path).unwrap();
        cut.extend(b"12");
        fs::write(&path, cut).unwrap();
        let (numbers, warning) = read::<u32>(&path).unwrap();
        assert_eq!(numbers, [7, 8]);
        assert!(warning.unwrap().contains("lines.jsonl"));
        add(&open(&path).unwrap(), &path, &9).unwrap();
        assert_eq!(read::<u32>(&path).unwrap(), (vec![7, 8, 9], None));
    }

    #[test]
    fn lines_without_sense_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.jsonl");
        fs::write(&path, "7\nseven\n").unwrap();
        assert!(read::<u32>(&path).unwrap_err().to_string().contains("line 2"));
    }
}
