//! What each claim means, in one line.

mod entries;
mod topic;

use self::Topic::{Technical, When, Who};
pub use self::{entries::ENTRIES, topic::Topic};

/// What is known about a claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The claim's name.
    pub name: &'static str,
    /// The question it answers.
    pub topic: Topic,
    /// One line.
    pub meaning: &'static str,
    /// Whether its number is a NumericDate (RFC 7519 section 2).
    pub is_time: bool,
    /// Whether it can change hands, so that nobody may be recognised or authorised by it.
    pub never_a_key: bool,
}

/// The entry of a claim; unknown claims are technical, since new ones may appear at any time.
pub fn look_up(name: &str) -> Entry {
    ENTRIES
        .iter()
        .find(|entry| entry.name == name)
        .copied()
        .unwrap_or(Entry {
            name: "",
            topic: Technical,
            meaning: "Not a claim that this application knows.",
            is_time: false,
            never_a_key: false,
        })
}

const fn entry(name: &'static str, topic: Topic, meaning: &'static str) -> Entry {
    Entry {
        name,
        topic,
        meaning,
        is_time: false,
        never_a_key: false,
    }
}

/// For display: may change, and another directory may claim the same.
const fn name_like(name: &'static str, meaning: &'static str) -> Entry {
    Entry {
        never_a_key: true,
        ..entry(name, Who, meaning)
    }
}

const fn time(name: &'static str, meaning: &'static str) -> Entry {
    Entry {
        is_time: true,
        ..entry(name, When, meaning)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_claim_has_one_entry_and_one_line() {
        let names: HashSet<_> = ENTRIES.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), ENTRIES.len());
        for entry in ENTRIES {
            assert!(entry.meaning.ends_with('.'), "{}", entry.name);
            assert!(entry.meaning.len() <= 120, "{}", entry.name);
        }
    }

    /// nOAuth: what an attacker's tenant can set is never a key.
    #[test]
    fn names_and_addresses_are_never_a_key_and_ids_are() {
        for name in ["email", "preferred_username", "upn", "unique_name", "name"] {
            assert!(look_up(name).never_a_key, "{name}");
        }
        for name in ["oid", "sub", "tid", "iss"] {
            assert!(!look_up(name).never_a_key, "{name}");
        }
    }

    #[test]
    fn an_unknown_claim_is_shown_all_the_same() {
        assert_eq!(look_up("extn.costCentre").topic, Technical);
    }
}
