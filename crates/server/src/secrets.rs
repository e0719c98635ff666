//! Secrets of 128 random bits: receipt codes, voters' tokens, the admin's secret. The server keeps their hashes alone.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Bytes of a secret: 128 bits cannot be guessed, however many requests are made.
const BYTES: usize = 16;
/// Crockford's base 32: no letter that is taken for another one, by eye or on the phone.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a secret as it is written: 5 bits each.
const CHARACTERS: usize = (BYTES * 8).div_ceil(5);
/// Characters between two dashes.
const GROUP: usize = 5;

/// A secret as its owner has it. It is shown by [`fmt::Display`], and never by `Debug`, so that no log has it by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; BYTES]);

/// What the server keeps of a secret: SHA-256, as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretHash(String);

impl Secret {
    /// A new one from the system's source of randomness.
    pub fn random() -> Self {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).expect("the system has randomness; nothing can be secret without");
        Self(bytes)
    }

    /// Reads a secret as a person types it: in either case, with or without dashes and spaces, `O` for `0`, `I` and `L` for `1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut value = 0_u128;
        let mut characters = 0;
        for character in text.chars().filter(|character| !matches!(character, '-' | ' ')) {
            let digit = digit(character)?;
            characters += 1;
            if characters == 1 && digit >= 8 {
                return None; // 26 characters have 130 bits: the first one has 3
            }
            value = value << 5 | u128::from(digit);
        }
        (characters == CHARACTERS).then(|| Self(value.to_be_bytes()))
    }

    /// What the server keeps.
    pub fn hash(&self) -> SecretHash {
        SecretHash(hex(&Sha256::digest(self.0)))
    }
}

impl fmt::Display for Secret {
    /// Groups of five with dashes between them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = u128::from_be_bytes(self.0);
        for index in 0..CHARACTERS {
            if index > 0 && index % GROUP == 0 {
                formatter.write_str("-")?;
            }
            let digit = value >> (5 * (CHARACTERS - 1 - index)) & 31;
            write!(formatter, "{}", char::from(ALPHABET[digit as usize]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

impl SecretHash {
    /// The hash that the database has in this text.
    pub fn from_database(text: String) -> Self {
        Self(text)
    }

    /// As the database has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two hashes are the same, in a time that does not tell where they differ.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

/// A name that nobody can foretell, such as that of a photo: 32 hexadecimal digits.
pub fn random_name() -> String {
    hex(&Secret::random().0)
}

/// A number below `end`, any of them; `end` is far below 2^64.
pub fn below(end: u64) -> u64 {
    u128::from_be_bytes(Secret::random().0) as u64 % end
}

/// SHA-256 of `bytes` as 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// `bytes` as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The value of a character of [`ALPHABET`], or of one that is taken for it.
fn digit(character: char) -> Option<u8> {
    let character = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|&known| char::from(known) == character).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_typed_back() {
        for _ in 0..100 {
            let secret = Secret::random();
            let text = secret.to_string();
            assert_eq!(text.len(), 31, "{text}");
            assert_eq!(Secret::parse(&text), Some(secret.clone()));
            let sloppy = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            assert_eq!(Secret::parse(&sloppy), Some(secret));
        }
        assert_eq!(Secret([255; 16]).to_string(), "7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-Z");
    }

    #[test]
    fn anything_else_is_no_secret() {
        for text in [
            "",
            "7ZZZZ",
            "8ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-Z",
            "7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZ",
            "7ZZZU-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-Z",
        ] {
            assert_eq!(Secret::parse(text), None, "{text}");
        }
    }

    #[test]
    fn hashes_tell_secrets_apart_and_debug_output_tells_none() {
        let (one, other) = (Secret::random(), Secret::random());
        assert!(one.hash().matches(&one.hash()));
        assert!(!one.hash().matches(&other.hash()));
        assert_eq!(format!("{one:?}"), "Secret(..)");
    }
}
