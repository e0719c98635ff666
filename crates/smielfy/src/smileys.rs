//! The smileys that can be told apart, as data: the text of `smileys.toml` goes in, a list with an order comes out.
//!
//! The order is the order of a net's outputs; an *index* below is a place in that order. [`Smileys::default`] are the 17 of
//! the project's own `smileys.toml`, which is embedded; [`Smileys::parse`] reads a user's own list.

use serde::Deserialize;
use std::collections::HashMap;

/// The project's own list.
const EMBEDDED: &str = include_str!("../../../smileys.toml");

/// Label of a face that shows no smiley in particular: half-strength, talking, between two poses. No smiley has this id.
pub const NONE: &str = "none";

/// One class: a pose of the face with its name and its emoticon.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smiley {
    /// Unique name, as in manifests, on the command line and in JSON.
    pub id: String,
    /// How it is drawn; printable ASCII.
    pub emoticon: String,
    /// What the face does, for the person who labels.
    pub pose: String,
    /// The id that this pose becomes in a mirror; itself when `None`.
    pub mirror: Option<String>,
}

/// What is wrong with a list of smileys.
#[derive(Debug, thiserror::Error)]
pub enum SmileysError {
    /// The text is not TOML, or has other keys than a list of smileys.
    #[error("not a list of smileys: {0}")]
    Parse(#[from] toml::de::Error),
    /// There is no `[[smiley]]` in the list.
    #[error("the list of smileys is empty; add at least one `[[smiley]]`")]
    Empty,
    /// A smiley has the id [`NONE`].
    #[error("no smiley can have the id `{NONE}`: it labels faces that show no smiley in particular; rename it")]
    Reserved,
    /// Two smileys have this id.
    #[error("two smileys have the id `{0}`; rename one")]
    Duplicate(String),
    /// The `mirror` of a smiley is not in the list.
    #[error("smiley `{id}` has the mirror `{mirror}`, which is not in the list")]
    UnknownMirror {
        /// The smiley with that mirror.
        id: String,
        /// What it names.
        mirror: String,
    },
    /// The mirror image of the mirror image is another pose.
    #[error("smiley `{id}` has the mirror `{mirror}`, whose mirror is not `{id}`; set both")]
    OneWayMirror {
        /// The smiley with that mirror.
        id: String,
        /// What it names.
        mirror: String,
    },
}

/// A list of smileys with unique ids, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smileys {
    list: Vec<Smiley>,
    index_of_id: HashMap<String, usize>,
    mirrors: Vec<usize>,
}

impl Default for Smileys {
    /// The 17 smileys of the project.
    fn default() -> Self {
        Self::parse(EMBEDDED).expect("the embedded list is valid, as a test shows")
    }
}

impl Smileys {
    /// Reads a list: TOML with one `[[smiley]]` each, see `smileys.toml` of the project.
    ///
    /// # Errors
    /// Text that is not such a list, an empty list, an id twice, a mirror that is not in the list or does not mirror back,
    /// the id [`NONE`].
    pub fn parse(text: &str) -> Result<Self, SmileysError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct List {
            #[serde(default)]
            smiley: Vec<Smiley>,
        }
        let smileys = toml::from_str::<List>(text)?.smiley;
        if smileys.is_empty() {
            return Err(SmileysError::Empty);
        }
        if smileys.iter().any(|smiley| smiley.id == NONE) {
            return Err(SmileysError::Reserved);
        }
        let index_of_id = index(&smileys)?;
        let mirrors = mirrors(&smileys, &index_of_id)?;
        Ok(Self { list: smileys, index_of_id, mirrors })
    }

    /// How many there are, at least 1: the width of a net's output.
    #[expect(clippy::len_without_is_empty, reason = "a list is never empty")]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Smiley> {
        self.list.iter()
    }

    /// The smiley at `index`, which must be less than [`Smileys::len`].
    pub fn get(&self, index: usize) -> &Smiley {
        &self.list[index]
    }

    /// The index of the smiley with this id, if there is one.
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.index_of_id.get(id).copied()
    }

    /// The index of the pose that the pose at `index` becomes in a mirror.
    pub fn mirror(&self, index: usize) -> usize {
        self.mirrors[index]
    }

    /// All ids, in order: the labels of a weight file.
    pub fn ids(&self) -> Vec<String> {
        self.iter().map(|smiley| smiley.id.clone()).collect()
    }
}

impl<'a> IntoIterator for &'a Smileys {
    type Item = &'a Smiley;
    type IntoIter = std::slice::Iter<'a, Smiley>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn index(smileys: &[Smiley]) -> Result<HashMap<String, usize>, SmileysError> {
    let mut index_of_id = HashMap::new();
    for (index, smiley) in smileys.iter().enumerate() {
        if index_of_id.insert(smiley.id.clone(), index).is_some() {
            return Err(SmileysError::Duplicate(smiley.id.clone()));
        }
    }
    Ok(index_of_id)
}

fn mirrors(smileys: &[Smiley], index_of_id: &HashMap<String, usize>) -> Result<Vec<usize>, SmileysError> {
    let mirror_id = |smiley: &Smiley| smiley.mirror.clone().unwrap_or_else(|| smiley.id.clone());
    let mut mirrors = Vec::new();
    for smiley in smileys {
        let (id, mirror) = (smiley.id.clone(), mirror_id(smiley));
        match index_of_id.get(&mirror) {
            None => return Err(SmileysError::UnknownMirror { id, mirror }),
            Some(&other) if mirror_id(&smileys[other]) != id => {
                return Err(SmileysError::OneWayMirror { id, mirror });
            }
            Some(&other) => mirrors.push(other),
        }
    }
    Ok(mirrors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A list of these `(id, mirror)`.
    fn list(smileys: &[(&str, Option<&str>)]) -> String {
        let table = |(id, mirror): &(&str, Option<&str>)| {
            let mirror = mirror.map(|mirror| format!("mirror = \"{mirror}\"\n")).unwrap_or_default();
            format!("[[smiley]]\nid = \"{id}\"\nemoticon = \":)\"\npose = \"any\"\n{mirror}")
        };
        smileys.iter().map(table).collect()
    }

    #[test]
    fn the_embedded_list_has_the_order_of_the_product() {
        let smileys = Smileys::default();
        let ids = "neutral smile grin laugh frown cry surprise scream angry yuck wink tongue kiss skew sealed closed wide";
        let emoticons = ":| :) :D XD :( :'( :O D: >:( :S ;) :P :* :/ :X -_- O_O";
        assert_eq!(smileys.ids().join(" "), ids);
        assert_eq!(smileys.iter().map(|smiley| smiley.emoticon.as_str()).collect::<Vec<_>>().join(" "), emoticons);
        assert_eq!(smileys.len(), 17);
        for (index, smiley) in smileys.iter().enumerate() {
            assert_eq!(smileys.index_of(&smiley.id), Some(index));
            assert_eq!(smileys.mirror(index), index, "each of these poses is its own mirror image");
        }
        assert_eq!(smileys.index_of("Neutral"), None);
    }

    #[test]
    fn mirrors_exchange_two_poses() {
        let text = list(&[("left", Some("right")), ("plain", None), ("right", Some("left")), ("even", Some("even"))]);
        let smileys = Smileys::parse(&text).unwrap();
        assert_eq!((0..4).map(|index| smileys.mirror(index)).collect::<Vec<_>>(), [2, 1, 0, 3]);
    }

    #[test]
    fn impossible_lists_are_refused() {
        let cases = [
            (String::new(), "the list of smileys is empty"),
            (list(&[("a", None), ("b", None), ("a", None)]), "two smileys have the id `a`"),
            (list(&[("a", None), ("none", None)]), "no smiley can have the id `none`"),
            (list(&[("a", Some("b"))]), "smiley `a` has the mirror `b`, which is not in the list"),
            (list(&[("a", Some("b")), ("b", None)]), "smiley `a` has the mirror `b`, whose mirror is not `a`"),
            ("[[smiley]]\nid = \"a\"\n".to_owned(), "not a list of smileys"),
            (list(&[("a", None)]) + "color = 1\n", "not a list of smileys"),
            ("smiley".to_owned(), "not a list of smileys"),
        ];
        for (text, expected) in cases {
            let error = Smileys::parse(&text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z\\[\\]=\"\n ]{0,80}") {
            if let Ok(smileys) = Smileys::parse(&text) {
                prop_assert!(smileys.len() > 0);
            }
        }
    }
}
