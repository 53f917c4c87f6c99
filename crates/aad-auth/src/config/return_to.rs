//! Local return addresses, and how long an address may be.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A return address: path, query and fragment on the application's own origin. Made by
/// [`BaseUrl::return_to`](super::BaseUrl::return_to) only; safe in a `Location` header.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ReturnTo(String);

/// A return address from outside, as far as it fits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeptAddress {
    /// The address.
    pub address: ReturnTo,
    /// Whether its fragment, query or path was too long and is gone.
    pub shortened: bool,
}

/// The longest address that a redirect carries, in characters. nginx as it is delivered answers 502
/// where the head of a response exceeds 4 KiB, and Entra ID refuses longer queries (AADSTS90015).
pub const MAX_REDIRECT: usize = 3000;

impl ReturnTo {
    /// The longest return address in bytes: what fits into the `state` of an authorization request
    /// within `MAX_REDIRECT`.
    pub const MAX_LENGTH: usize = 1536;

    /// For [`BaseUrl`](super::BaseUrl), which checks.
    pub(super) const fn checked(address: String) -> Self {
        Self(address)
    }

    /// The same address without its fragment, then without its query too.
    pub(crate) fn shorter(&self) -> impl Iterator<Item = Self> {
        let cut = |at: &[char]| {
            let (kept, _) = self.0.split_once(at)?;
            Some(Self(kept.to_owned()))
        };
        [cut(&['#']), cut(&['?', '#'])].into_iter().flatten()
    }

    /// Path, query and fragment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::BaseUrl;

    #[test]
    fn shorter_forms_are_prefixes() {
        let base = BaseUrl::parse("https://app.example.test").unwrap();
        let shorter = |address: &str| {
            let shorter: Vec<_> = base.return_to(address).shorter().collect();
            shorter
                .iter()
                .map(|a| a.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(shorter("/a?b=?c#d?e"), ["/a?b=?c", "/a"]);
        assert_eq!(shorter("/a#d?e"), ["/a", "/a"]);
        assert_eq!(shorter("/a?b"), ["/a"]);
        assert_eq!(shorter("/a"), [""; 0]);
    }
}
