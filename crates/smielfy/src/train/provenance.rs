//! What a net learned from, for the card of its weights.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Datasets and sources of a training.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Hash of each dataset's manifest by the name of its folder, that of the validation pictures included.
    pub data: BTreeMap<String, String>,
    /// Sources of the pictures that are trained on.
    pub sources: BTreeSet<String>,
}

impl Provenance {
    /// Adds the dataset in `folder`; one of several folders of the same name is told by its path.
    pub(super) fn add_folder(&mut self, folder: &Path, hash: &str) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_other = self.data.get(&name).is_some_and(|known| known != hash);
        let name = if is_other { folder.display().to_string() } else { name };
        self.data.insert(name, hash.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_same_name_are_told_apart() {
        let mut provenance = Provenance::default();
        for (folder, hash) in [("real/scenes", "1"), ("rendered/scenes", "2"), ("copy/scenes", "1")] {
            provenance.add_folder(Path::new(folder), hash);
        }
        let expected = [("rendered/scenes", "2"), ("scenes", "1")];
        assert_eq!(provenance.data, expected.map(|(name, hash)| (name.to_owned(), hash.to_owned())).into());
    }
}
