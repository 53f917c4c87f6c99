//! Identifiers of users and tenants. Each has a type of its own, and no name or address converts to one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::Guid;

/// The tenant (`tid`): a GUID in its exact form.
///
/// ```
/// use aad_auth::Tid;
///
/// assert!(Tid::parse("f645ad92-e38d-4d1a-b510-d1b09a74a8ca").is_some());
/// assert!(Tid::parse("contoso.onmicrosoft.com").is_none());
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Tid(Guid);

impl Tid {
    /// Parses the exact form: lower case, hyphenated. Refuses the empty GUID, which is no tenant.
    pub fn parse(text: &str) -> Option<Self> {
        let guid = Guid::parse_exact(text).filter(|_| text != EMPTY_GUID);
        guid.map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The GUID.
    pub const fn guid(&self) -> &Guid {
        &self.0
    }
}

/// Some systems write this where they have no id. Several users would share it.
const EMPTY_GUID: &str = "00000000-0000-0000-0000-000000000000";

impl fmt::Display for Tid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Deserialize, Eq, Hash, PartialEq, Serialize)]
        #[serde(try_from = "Box<str>", into = "Box<str>")]
        pub struct $name(Box<str>);

        impl $name {
            /// Parses printable ASCII of a limited length, without blanks at its ends. Refuses the empty
            /// GUID, which identifies no user.
            pub fn parse(text: &str) -> Option<Self> {
                let plain = (1..=$max).contains(&text.len())
                    && text.trim() == text
                    && text != EMPTY_GUID
                    && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
                plain.then(|| Self(text.into()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<Box<str>> for $name {
            type Error = &'static str;

            fn try_from(text: Box<str>) -> Result<Self, Self::Error> {
                Self::parse(&text).ok_or("not an identifier")
            }
        }

        impl From<$name> for Box<str> {
            fn from(identifier: $name) -> Self {
                identifier.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([personal])"))
            }
        }
    };
}

identifier!(
    /// The user or service principal in a tenant (`oid`). A key only together with [`Tid`].
    ///
    /// ```
    /// use aad_auth::Oid;
    ///
    /// assert!(Oid::parse("00000000-0000-0000-66f3-3332eca7ea81").is_some());
    /// assert!(Oid::parse("00000000-0000-0000-0000-000000000000").is_none());
    /// ```
    Oid, 128
);
identifier!(
    /// The subject (`sub`). Entra issues a different one for each application. A key only together with the
    /// issuer (OpenID Connect Core 1.0 section 5.7).
    ///
    /// ```
    /// use aad_auth::Sub;
    ///
    /// assert!(Sub::parse("auth0|5f7c8ec7c33c6c004bbafe82").is_some());
    /// assert!(Sub::parse(" ").is_none());
    /// ```
    Sub, 255
);

impl Serialize for Tid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Tid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a tenant id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_long_and_unprintable_identifiers_are_refused() {
        for text in ["", " ", "a ", "a\nb", "é", &"x".repeat(300)] {
            assert!(
                Oid::parse(text).is_none() && Sub::parse(text).is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_tenant_is_written_in_its_one_form() {
        let text = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
        assert_eq!(Tid::parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn the_empty_guid_identifies_no_user() {
        assert!(Tid::parse(EMPTY_GUID).is_none() && Oid::parse(EMPTY_GUID).is_none());
        assert!(Sub::parse(EMPTY_GUID).is_none());
    }

    #[test]
    fn debug_shows_no_identifier() {
        let sub = Sub::parse("canary").unwrap();
        assert!(!format!("{sub:?}").contains("canary"));
    }
}
