//! Wrappers for values that must not be printed: secrets and personal data.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A secret text (client secret, token, code). Its memory is wiped when it is dropped, its `Debug` shows
/// nothing, and only [`ExposeSecret`] reads it.
///
/// ```
/// use aad_auth::config::{ExposeSecret, Secret};
///
/// let secret = Secret::from("a~secret");
/// assert_eq!(format!("{secret:?}"), "[secret]");
/// assert_eq!(secret.expose_secret(), "a~secret");
/// ```
#[derive(Clone)]
pub struct Secret(secrecy::SecretString);

/// Reads a [`Secret`]: a trait of its own, so that each place that reads one has to name it.
///
/// See [`Secret`] for an example.
pub trait ExposeSecret {
    /// The secret text.
    fn expose_secret(&self) -> &str;
}

impl ExposeSecret for Secret {
    fn expose_secret(&self) -> &str {
        secrecy::ExposeSecret::expose_secret(&self.0)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Personal data for display only, such as a name or an e-mail address.
///
/// It has no `Display`, and its `Debug` shows nothing. It has neither `Eq` nor `Hash`, so that it cannot
/// become a key: names and addresses change their owners, and an attacker's tenant may claim any of them
/// (nOAuth; Entra "claims validation": authorise by `tid` and `oid`).
///
/// ```
/// use aad_auth::session::Pii;
///
/// let name = Pii::new("Ada Lovelace");
/// assert_eq!(name.expose(), "Ada Lovelace");
/// assert!(!format!("{name:?}").contains("Ada"));
/// ```
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Pii(String);

impl Pii {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for a page whose reader may see it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pii {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::from("canary-secret");
        let name = Pii::new("canary-name");
        assert!(!format!("{secret:?} {name:?}").contains("canary"));
    }
}
