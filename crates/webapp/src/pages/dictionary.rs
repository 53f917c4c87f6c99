//! The dictionary of claims: the meaning of each in one line.

mod entries;
mod entry;
mod topic;

use self::Topic::Technical;
pub use self::{entries::ENTRIES, entry::Entry, topic::Topic};

/// Finds the entry of a claim. Unknown claims are technical, since new ones may appear at any time.
pub fn look_up(name: &str) -> Entry {
    ENTRIES
        .iter()
        .find(|entry| entry.name == name)
        .copied()
        .unwrap_or(Entry {
            name: "",
            topic: Technical,
            meaning: "This application does not know this claim.",
            is_time: false,
            never_a_key: false,
        })
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
    fn shows_an_unknown_claim_as_technical() {
        assert_eq!(look_up("extn.costCentre").topic, Technical);
    }
}
