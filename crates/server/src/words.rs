//! What the pages say that is data: the consent text and the poses, in English and Russian.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use smielfy::smileys::Smiley;

const CONSENT: &str = include_str!("../consent.toml");
const POSES_RU: &str = include_str!("../poses.ru.toml");

/// What a person agrees to.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Of the text.
    pub version: String,
    /// Its paragraphs in each language.
    pub text: Translated<Vec<String>>,
}

/// Something in the languages of the pages.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Translated<T> {
    /// English.
    pub en: T,
    /// Russian.
    pub ru: T,
}

impl Default for Consent {
    /// The text of the project's `consent.toml`.
    fn default() -> Self {
        toml::from_str(CONSENT).expect("the embedded text is valid, as a test shows")
    }
}

/// What the face does for a smiley; in English where there is no translation, as for a user's own smileys.
pub fn pose(smiley: &Smiley) -> Translated<String> {
    let russian: HashMap<String, String> = toml::from_str(POSES_RU).expect("the embedded list is valid, as a test shows");
    let en = smiley.pose.clone();
    Translated { ru: russian.get(&smiley.id).cloned().unwrap_or_else(|| en.clone()), en }
}

#[cfg(test)]
mod tests {
    use smielfy::smileys::Smileys;

    use super::*;

    #[test]
    fn the_consent_is_as_long_in_both_languages_and_says_what_the_law_asks_for() {
        let consent = Consent::default();
        assert_eq!(consent.text.en.len(), consent.text.ru.len());
        let english = consent.text.en.join(" ");
        for word in ["18", "kept", "erase", "review", "publish", "example", "match faces"] {
            assert!(english.contains(word), "{word}");
        }
    }

    #[test]
    fn all_poses_are_translated() {
        for smiley in &Smileys::default() {
            let pose = pose(smiley);
            assert_ne!(pose.en, pose.ru, "{}", smiley.id);
        }
    }
}
