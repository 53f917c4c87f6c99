//! The dictionary of claims: the meaning of each in one line.

mod entries;
mod entry;
mod topic;

use aad_auth::config::RolesClaim;

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

/// The entry of a claim. Any claim may hold roles (`AAD_ROLES_CLAIM`).
pub fn explain(name: &str, roles: &RolesClaim) -> Entry {
    let entry = look_up(name);
    let meaning = match (name == "roles", roles.reads(name)) {
        (true, false) => "Not used here: AAD_ROLES_CLAIM names other claims.",
        (false, true) => "Your roles are read from this claim (AAD_ROLES_CLAIM).",
        _ => return entry,
    };
    Entry {
        topic: Topic::Permissions,
        meaning,
        ..entry
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

    #[test]
    fn claims_that_hold_roles_are_named_and_roles_that_are_not_read_too() {
        let meaning = |setting: &str, name: &str| {
            let roles = RolesClaim::parse(setting).unwrap();
            let entry = explain(name, &roles);
            (entry.topic == Topic::Permissions, entry.meaning)
        };
        let (for_what, read) = meaning("realm_access.roles", "realm_access");
        assert!(for_what && read.contains("AAD_ROLES_CLAIM"));
        let (_, not_read) = meaning("realm_access.roles", "roles");
        assert!(not_read.contains("Not used here"));
        assert_eq!(meaning("roles", "roles").1, look_up("roles").meaning);
        assert_eq!(meaning("roles", "groups").1, look_up("groups").meaning);
        assert_ne!(meaning("groups", "groups").1, look_up("groups").meaning);
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
