//! Identifiers of tenants, applications and objects.

use std::fmt;

/// A GUID in the form of tokens: lower case, with hyphens, 36 characters.
///
/// ```
/// use aad_auth::config::Guid;
///
/// let id = Guid::parse("F645AD92-E38D-4D1A-B510-D1B09A74A8CA");
/// assert!(id.is_some_and(|id| id.as_str() == "f645ad92-e38d-4d1a-b510-d1b09a74a8ca"));
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Guid(Box<str>);

impl Guid {
    /// Parses a setting. Upper case becomes lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        Self::is_canonical(&lower).then(|| Self(lower.into()))
    }

    /// Parses a value of a token or document. Only the exact form is accepted, so that two spellings of
    /// one id never become two users (abuse B1).
    pub fn parse_exact(text: &str) -> Option<Self> {
        Self::is_canonical(text).then(|| Self(text.into()))
    }

    /// Whether `text` is a GUID in the exact form.
    pub(crate) fn is_canonical(text: &str) -> bool {
        text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Guid {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_is_lowered_in_configuration_and_refused_in_tokens() {
        let upper = "F645AD92-E38D-4D1A-B510-D1B09A74A8CA";
        assert_eq!(
            Guid::parse(upper).unwrap().as_str(),
            upper.to_ascii_lowercase()
        );
        assert!(Guid::parse_exact(upper).is_none());
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [
            "",
            "common",
            "{f645ad92-e38d-4d1a-b510-d1b09a74a8ca}",
            "f645ad92e38d4d1ab510d1b09a74a8ca",
            "f645ad92-e38d-4d1a-b510-d1b09a74a8cg",
            "f645ad92-e38d-4d1a-b510-d1b09a74a8ca ",
        ] {
            assert!(Guid::parse(text).is_none(), "{text}");
        }
    }
}
