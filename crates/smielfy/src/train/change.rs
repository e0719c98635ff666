//! Changes of recipes from the command line: a key and a value go in, the recipe without its file being touched comes out.

use std::str::FromStr;

/// A change of one key of a recipe, written `augment.shift = 0.1` or `name = "trial"`; a text needs no quotes.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The tables on the way and the key.
    path: Vec<String>,
    value: toml::Value,
}

impl FromStr for Change {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let quoted = || text.split_once('=').map(|(key, value)| format!("{key}={:?}", value.trim()).parse());
        let table = text.parse().or_else(|error| quoted().unwrap_or(Err(error)));
        let mut value = toml::Value::Table(table.map_err(|error: toml::de::Error| error.message().to_owned())?);
        let mut path = vec![];
        // What follows the sign may be a table too, which is a value then; dots may stand before it alone.
        let depth = text.split('=').next().unwrap_or_default().split('.').count();
        while path.len() < depth
            && let toml::Value::Table(table) = value
        {
            let mut entries = table.into_iter();
            let (Some((key, inner)), None) = (entries.next(), entries.next()) else {
                return Err("one key at a time, such as `epochs = 10`".into());
            };
            path.push(key);
            value = inner;
        }
        Ok(Self { path, value })
    }
}

impl Change {
    /// Makes the change to a recipe that is TOML still.
    ///
    /// # Errors
    /// What is no table on the way to the key, in words.
    pub(super) fn make(&self, recipe: &mut toml::Table) -> Result<(), String> {
        let (key, tables) = self.path.split_last().expect("a change has a key");
        let mut table = recipe;
        for name in tables {
            let inner = table.entry(name).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            table = inner.as_table_mut().ok_or_else(|| format!("`{}`: `{name}` is no table", self.path.join(".")))?;
        }
        table.insert(key.clone(), self.value.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::train::{Recipe, Task, recipe::tests::RECIPE};

    fn changed(changes: &[&str]) -> Result<Recipe, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recipe.toml");
        std::fs::write(&path, RECIPE).unwrap();
        let changes: Result<Vec<Change>, String> = changes.iter().map(|change| change.parse()).collect();
        Recipe::load(&path, &changes?).map_err(|error| error.to_string())
    }

    #[test]
    fn changes_are_made_to_the_file() {
        let recipe = changed(&[
            "name = trial",
            "epochs=7",
            "augment.shift = 0.3",
            "augment.jpeg = { probability = 0.5, strength = 0.25 }",
            "task.smileys.origin_weights.eye = 2.0",
        ]);
        let recipe = recipe.unwrap();
        assert_eq!((recipe.name.as_str(), recipe.epochs, recipe.augment.shift), ("trial", 7, 0.3));
        assert_eq!(recipe.augment.jpeg, crate::augment::Effect::new(0.5, 0.25));
        let Task::Smileys(task) = &recipe.task else { panic!("a task of smileys: {recipe:?}") };
        assert_eq!(task.origin_weights["eye"], 2.0);
        assert_eq!(changed(&[]).unwrap(), Recipe::parse(RECIPE).unwrap());
    }

    #[test]
    fn changes_that_cannot_be_made_are_named() {
        let cases = [
            ("epoch = 3", "unknown field `epoch`"),
            ("epochs", "key with no value"),
            ("", "one key at a time"),
            ("epochs = 3\nseed = 4", "one key at a time"),
            ("epochs.most = 3", "`epochs` is no table"),
        ];
        for (change, expected) in cases {
            let error = changed(&[change]).unwrap_err();
            assert!(error.contains(expected), "{change}: {error}");
        }
    }

    proptest! {
        #[test]
        fn changes_never_panic(text in "\\PC{0,24}") {
            let _ = text.parse::<Change>();
        }
    }
}
