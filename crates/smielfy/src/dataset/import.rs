//! Several datasets of smileys made one: folders go in, a folder with all of their pictures comes out.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use csv::StringRecord;

use super::{DatasetError, IMAGES_FOLDER, MANIFEST_FILE, SmileyDataset, SmileySample, samples::COLUMNS};

/// What was imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// How many pictures.
    pub pictures: usize,
    /// How many of them had the name of another one, and lie in a folder named like their dataset now.
    pub renamed: usize,
}

/// A manifest as it is written, with whatever columns it has.
struct Source {
    folder: PathBuf,
    dataset: SmileyDataset,
    columns: Vec<String>,
    rows: Vec<StringRecord>,
}

/// Copies the datasets in `folders` into the new folder `out`. Columns that some of them lack are empty there. Groups keep their names:
/// of one name in two datasets is one group.
///
/// # Errors
/// [`DatasetError`] if one of them cannot be read, `out` holds a dataset already or cannot be written, or a group would straddle splits.
pub fn import(folders: &[PathBuf], out: &Path) -> Result<Imported, DatasetError> {
    let manifest = out.join(MANIFEST_FILE);
    if manifest.exists() {
        return Err(DatasetError::Occupied { path: out.to_owned() });
    }
    let sources = folders.iter().map(|folder| Source::read(folder)).collect::<Result<Vec<_>, _>>()?;
    let samples = |source: &Source| source.dataset.samples().to_vec();
    let all: Vec<SmileySample> = sources.iter().flat_map(samples).collect();
    SmileyDataset::new(out.to_owned(), String::new(), all)?;

    let mut columns: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
    for column in sources.iter().flat_map(|source| &source.columns) {
        if !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    let failed = |error: csv::Error| DatasetError::Write { path: manifest.clone(), source: error.into() };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).map_err(failed)?;
    let (mut names, mut renamed) = (BTreeSet::new(), 0);
    for source in &sources {
        // A picture with several faces has several rows.
        let prefix = source.prefix(&names);
        renamed += usize::from(!prefix.is_empty()) * source.rows.len();
        for (row, sample) in source.rows.iter().zip(source.dataset.samples()) {
            let file = format!("{prefix}{}", sample.file);
            copy(&source.folder, &sample.file, out, &file)?;
            let cell = |column: &String| match source.columns.iter().position(|name| name == column) {
                _ if column == "file" => file.clone(),
                Some(index) => row[index].to_owned(),
                None => String::new(),
            };
            writer.write_record(columns.iter().map(cell)).map_err(failed)?;
        }
        names.extend(source.dataset.samples().iter().map(|sample| format!("{prefix}{}", sample.file)));
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.into_error().into()))?;
    write(&manifest, &bytes)?;
    Ok(Imported { pictures: names.len(), renamed })
}

impl Source {
    fn read(folder: &Path) -> Result<Self, DatasetError> {
        let dataset = SmileyDataset::load(folder)?;
        let path = folder.join(MANIFEST_FILE);
        let failed = |error: csv::Error| DatasetError::Read { path: path.clone(), source: error.into() };
        let mut reader = csv::Reader::from_path(&path).map_err(failed)?;
        let columns = reader.headers().map_err(failed)?.iter().map(str::to_owned).collect();
        let rows = reader.records().collect::<Result<_, _>>().map_err(failed)?;
        Ok(Self { folder: folder.to_owned(), dataset, columns, rows })
    }

    /// What is put before the names of its files so that none is among `taken`: nothing, or a folder named like its own.
    fn prefix(&self, taken: &BTreeSet<String>) -> String {
        let own = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let name = own.file_name().map_or_else(|| "dataset".to_owned(), |name| name.to_string_lossy().into_owned());
        let numbered = (2..).map(|number| format!("{name}-{number}/"));
        let mut prefixes = [String::new(), format!("{name}/")].into_iter().chain(numbered);
        let is_free =
            |prefix: &String| self.dataset.samples().iter().all(|sample| !taken.contains(&format!("{prefix}{}", sample.file)));
        prefixes.find(is_free).expect("there are endless numbers")
    }
}

fn copy(folder: &Path, file: &str, out: &Path, name: &str) -> Result<(), DatasetError> {
    let (from, to) = (folder.join(IMAGES_FOLDER).join(file), out.join(IMAGES_FOLDER).join(name));
    let bytes = fs::read(&from).map_err(|source| DatasetError::Read { path: from, source })?;
    write(&to, &bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), DatasetError> {
    let failed = |source| DatasetError::Write { path: path.to_owned(), source };
    path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, bytes)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::testing::{SMILEY_HEADER as HEADER, folder, message};

    /// A dataset of these rows, each `file,group,split`, with pictures of one byte.
    fn dataset(rows: &[&str], extra: &str) -> tempfile::TempDir {
        let line = |row: &&str| {
            let [file, group, split] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
            format!("{file},wink,{group},{split},web,eye,2,2,0,0,1{}\n", if extra.is_empty() { "" } else { ",7" })
        };
        let header = if extra.is_empty() { HEADER.to_owned() } else { format!("{HEADER},{extra}") };
        let manifest = format!("{header}\n{}", rows.iter().map(line).collect::<String>());
        let files: Vec<(&str, Vec<u8>)> =
            rows.iter().map(|row| (row.split(',').next().unwrap(), row.as_bytes().to_vec())).collect();
        folder(&manifest, &files)
    }

    fn import_of(sources: &[&tempfile::TempDir], out: &Path) -> Result<Imported, DatasetError> {
        import(&sources.iter().map(|source| source.path().to_owned()).collect::<Vec<_>>(), out)
    }

    #[test]
    fn pictures_of_one_name_are_kept_apart_and_all_columns_kept() {
        let (first, second) = (dataset(&["a.png,g,train", "b.png,h,valid"], "time_s"), dataset(&["a.png,i,test"], ""));
        let out = tempfile::tempdir().unwrap();
        assert_eq!(import_of(&[&first, &second], out.path()).unwrap(), Imported { pictures: 3, renamed: 1 });
        let merged = SmileyDataset::load(out.path()).unwrap();
        let bytes = |index: usize| fs::read_to_string(out.path().join("images").join(&merged.samples()[index].file)).unwrap();
        assert_eq!((bytes(0), bytes(2)), ("a.png,g,train".into(), "a.png,i,test".into()));
        let manifest = fs::read_to_string(out.path().join("manifest.csv")).unwrap();
        assert!(manifest.lines().next().unwrap().ends_with(",face_side,time_s"), "{manifest}");
        assert!(manifest.lines().nth(3).unwrap().ends_with(",1,"), "{manifest}");
        assert!(message(import_of(&[&first], out.path())).contains("holds a dataset already"));
    }

    #[test]
    fn groups_that_would_straddle_splits_are_refused_before_anything_is_written() {
        let (first, second) = (dataset(&["a.png,person-1,train"], ""), dataset(&["b.png,person-1,valid"], ""));
        let out = tempfile::tempdir().unwrap();
        let error = message(import_of(&[&first, &second], out.path()));
        assert!(error.contains("`person-1` (train, valid)"), "{error}");
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
    }
}
