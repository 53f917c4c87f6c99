//! Return addresses on the application's own origin, and the greatest length of a redirect.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A return address: path, query and fragment on the application's own origin.
///
/// Only [`BaseUrl::return_to`](super::BaseUrl::return_to) makes one. It is safe in a `Location` header.
///
/// ```
/// use aad_auth::config::BaseUrl;
///
/// let base = BaseUrl::parse("https://app.example.com")?;
/// assert_eq!(base.return_to("/orders?page=2").as_str(), "/orders?page=2");
/// assert_eq!(base.return_to("//evil.example/").as_str(), "/");
/// # Ok::<_, &str>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ReturnTo(String);

/// A return address from outside, shortened to [`ReturnTo::MAX_LENGTH`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct KeptAddress {
    /// The address that is kept.
    pub(crate) address: ReturnTo,
    /// Whether its fragment, query or path was too long, and was removed.
    pub(crate) shortened: bool,
}

/// The longest address of a redirect, in characters.
///
/// nginx with its default buffers answers 502 when the head of a response exceeds 4 KiB. Entra ID
/// refuses longer queries (AADSTS90015).
pub const MAX_REDIRECT: usize = 3000;

impl ReturnTo {
    /// The longest return address, in bytes. It fits into the `state` of an authorization request that
    /// keeps to 3,000 characters.
    pub const MAX_LENGTH: usize = 1536;

    /// For [`BaseUrl`](super::BaseUrl), which has checked the address.
    pub(super) const fn checked(address: String) -> Self {
        Self(address)
    }

    /// Shorter forms of the address: without its fragment, then without its query too.
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
