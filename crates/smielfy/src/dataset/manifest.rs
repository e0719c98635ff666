//! Manifests: `manifest.csv` of a dataset's folder goes in, rows of a wanted type with their places come out.
//!
//! Columns are found by the names in the first line, in any order; columns that nobody asked for are passed over.

use super::{DatasetError, Split, UnknownSplit, samples::SMILEY_COLUMN};
use csv::{ByteRecord, Position, Reader, ReaderBuilder, Terminator, WriterBuilder};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The manifest in a dataset's folder.
pub(crate) const MANIFEST_FILE: &str = "manifest.csv";
/// The folder of pictures in a dataset's folder.
pub(crate) const IMAGES_FOLDER: &str = "images";

/// The text of a manifest.
pub(super) struct Manifest {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// One row of a manifest.
pub(super) struct Row<R> {
    /// Where it starts in the manifest, in bytes.
    pub start: u64,
    /// What it says.
    pub values: R,
}

/// SHA-256 of a manifest's bytes, as 64 hexadecimal digits.
pub(crate) fn hash_of(manifest: &[u8]) -> String {
    Sha256::digest(manifest).iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"))
}

/// A manifest of smileys in which the rows of these numbers, from 0, have other labels, or are left out for `None`. Lines end as they did.
pub(crate) fn relabeled(manifest: &[u8], labels: &HashMap<usize, Option<&str>>) -> Result<Vec<u8>, csv::Error> {
    let mut reader = Reader::from_reader(manifest);
    let headers = reader.byte_headers()?.clone();
    let first_end = manifest.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let has_returns = manifest[..first_end].ends_with(b"\r");
    let terminator = if has_returns { Terminator::CRLF } else { Terminator::Any(b'\n') };
    let mut writer = WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    writer.write_byte_record(&headers)?;
    for (number, row) in reader.byte_records().enumerate() {
        let row = row?;
        let label = match labels.get(&number) {
            Some(None) => continue,
            Some(Some(label)) => Some(label.as_bytes()),
            None => None,
        };
        let cell = |(column, value)| label.filter(|_| headers[column] == *SMILEY_COLUMN.as_bytes()).unwrap_or(value);
        writer.write_record(row.iter().enumerate().map(cell))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

impl Manifest {
    /// Reads the manifest of the dataset in the folder `root`.
    pub(super) fn read(root: &Path) -> Result<Self, DatasetError> {
        let path = root.join(MANIFEST_FILE);
        let bytes = fs::read(&path).map_err(|source| DatasetError::Read { path: path.clone(), source })?;
        Ok(Self { path, bytes })
    }

    /// SHA-256 of the manifest's bytes, as 64 hexadecimal digits.
    pub(super) fn hash(&self) -> String {
        hash_of(&self.bytes)
    }

    /// Whether the first line names this column.
    pub(super) fn has_column(&self, name: &str) -> bool {
        self.reader().byte_headers().is_ok_and(|headers| headers.iter().any(|header| header == name.as_bytes()))
    }

    /// All rows; `columns` are the names that `R` needs.
    pub(super) fn rows<R: DeserializeOwned>(&self, columns: &[&str]) -> Result<Vec<Row<R>>, DatasetError> {
        let mut reader = self.reader();
        let headers = reader.byte_headers().map_err(|error| self.csv_error(&error, &[]))?.clone();
        let names: Vec<String> = headers.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        self.require(columns, &names)?;
        let mut rows = Vec::new();
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|error| self.csv_error(&error, &names))? {
            let values = record.deserialize(Some(&headers)).map_err(|error| self.csv_error(&error, &names))?;
            rows.push(Row { start: record.position().map_or(0, Position::byte), values });
        }
        Ok(rows)
    }

    /// The line, from 1, of the row that starts at the byte `start`.
    ///
    /// Counted here, as `csv` is one line off where lines end with CR and LF.
    pub(super) fn line(&self, start: u64) -> u64 {
        let (before, row) = self.bytes.split_at(self.bytes.len().min(start as usize));
        let line_ends = row.iter().take_while(|byte| b"\r\n".contains(byte));
        1 + before.iter().chain(line_ends).filter(|&&byte| byte == b'\n').count() as u64
    }

    /// The error that `column` of the row at `start` says something impossible.
    pub(super) fn value_error(&self, start: u64, column: &str, message: impl Into<String>) -> DatasetError {
        DatasetError::Value {
            path: self.path.clone(),
            line: self.line(start),
            column: column.to_owned(),
            message: message.into(),
        }
    }

    /// The split that the value of the column `split` names.
    pub(super) fn split(&self, start: u64, name: &str) -> Result<Split, DatasetError> {
        name.parse().map_err(|error: UnknownSplit| self.value_error(start, "split", error.to_string()))
    }

    /// Refuses a `file` that is not a plain path inside the folder of pictures.
    pub(super) fn check_file(&self, start: u64, file: &str) -> Result<(), DatasetError> {
        let inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
        if inside && !file.is_empty() {
            return Ok(());
        }
        let message = format!("`{file}` is not a file in `{IMAGES_FOLDER}/`; give its path from there, without `..`");
        Err(self.value_error(start, "file", message))
    }

    /// Refuses numbers that are infinite or not numbers.
    pub(super) fn check_finite(&self, start: u64, values: &[(&str, f32)]) -> Result<(), DatasetError> {
        match values.iter().find(|(_, value)| !value.is_finite()) {
            Some((column, value)) => Err(self.value_error(start, column, format!("{value} is not a number of pixels"))),
            None => Ok(()),
        }
    }

    fn reader(&self) -> Reader<&[u8]> {
        ReaderBuilder::new().from_reader(&self.bytes)
    }

    fn require(&self, columns: &[&str], names: &[String]) -> Result<(), DatasetError> {
        let missing: Vec<String> =
            columns.iter().filter(|column| !names.iter().any(|name| name == *column)).map(|name| format!("`{name}`")).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(DatasetError::MissingColumns { path: self.path.clone(), columns: missing.join(", ") })
    }

    fn csv_error(&self, error: &csv::Error, names: &[String]) -> DatasetError {
        let start = error.position().map_or(0, Position::byte);
        let line = self.line(start);
        match error.kind() {
            csv::ErrorKind::Deserialize { err, .. } => {
                let column = err.field().and_then(|field| names.get(field as usize));
                let message = err.kind().to_string();
                match column {
                    Some(column) => self.value_error(start, column, message),
                    None => DatasetError::Line { path: self.path.clone(), line, message },
                }
            }
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => DatasetError::Line {
                path: self.path.clone(),
                line,
                message: format!("{len} values where the first line has {expected_len}"),
            },
            _ => DatasetError::Line { path: self.path.clone(), line, message: error.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_get_other_labels_or_are_left_out_and_all_else_stays() {
        let manifest = "file,note,smiley\na.png,\"1, 2\",wink\nb.png,,grin\nc.png,3,kiss\n";
        let check = |labels: &[(usize, Option<&str>)], expected: &str| {
            for end in ["\n", "\r\n"] {
                let before = manifest.replace('\n', end);
                let changed = relabeled(before.as_bytes(), &labels.iter().copied().collect()).unwrap();
                assert_eq!(String::from_utf8(changed).unwrap(), expected.replace('\n', end));
            }
        };
        check(&[], manifest);
        check(&[(0, Some("none")), (1, None)], "file,note,smiley\na.png,\"1, 2\",none\nc.png,3,kiss\n");
    }
}
