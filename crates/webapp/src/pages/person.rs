//! The signed-in person, for display.

use aad_auth::User;
use serde::Serialize;

/// The signed-in person, for display only: no name identifies a user.
#[derive(Clone, Serialize)]
pub struct Person {
    name: String,
    initials: String,
    username: Option<String>,
    tenant: String,
}

impl Person {
    /// Describes a signed-in user. The tenant is its id; at other providers it is the issuer.
    pub fn of(user: &User) -> Self {
        let issuer = || match user.issuer().split_once("://") {
            Some((_, rest)) => rest,
            None => user.issuer(),
        };
        let tenant = user.tid().unwrap_or_else(issuer);
        Self::new(user.name().as_str(), user.user_name(), tenant)
    }

    /// Describes a person by display name, user name, and the tenant's name or id.
    pub fn new(name: &str, username: Option<&str>, tenant: &str) -> Self {
        Self {
            name: name.to_owned(),
            initials: initials(name),
            username: username.filter(|text| *text != name).map(str::to_owned),
            tenant: tenant.to_owned(),
        }
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[personal]")
    }
}

/// The first letters of the first and last word, as capitals; `?` when there are none.
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    let letters: String = first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect();
    if letters.is_empty() {
        "?".to_owned()
    } else {
        letters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_any_name() {
        for (name, expected) in [
            ("Adele Vance", "AV"),
            ("ada", "A"),
            ("Jean-Luc van den Berg", "JB"),
            ("\"<b>\" Ünal", "BÜ"),
            ("  ", "?"),
            ("李 明", "李明"),
        ] {
            assert_eq!(initials(name), expected);
        }
    }
}
