//! The key of a record or index set.

use std::{fmt, sync::Arc};

use super::{
    StoreError,
    limits::{MAX_KEY, is_name},
};

/// The key of a record or index set: at most [`MAX_KEY`] printable ASCII characters without blanks. Cheap
/// to clone.
///
/// Keys of this crate have the form `<instance label>:<kind>:<digest>`. A store may treat them as opaque.
/// A bounded store reads the kind: `a` and `n` mark application data, `r`, `all` and `j` mark
/// revocations, and everything else belongs to sign-ins.
///
/// ```
/// use aad_auth::store::{Key, StoreError};
///
/// let key = Key::new("shop:cart:1")?;
/// assert_eq!(key.as_str(), "shop:cart:1");
/// assert_eq!(Key::new("two words"), Err(StoreError::TooLarge));
/// # Ok::<_, StoreError>(())
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key(Arc<str>);

impl Key {
    /// A key. Hash foreign text before you make it part of a key.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] if the text is empty, too long, or not printable ASCII.
    pub fn new(text: impl AsRef<str>) -> Result<Self, StoreError> {
        let text = text.as_ref();
        if is_name(text, MAX_KEY) {
            Ok(Self(text.into()))
        } else {
            Err(StoreError::TooLarge)
        }
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows no text: a key identifies a person's session.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_empty_long_and_unprintable_keys() {
        let long = "k".repeat(MAX_KEY + 1);
        for text in ["", "a b", "a\0b", "a\nb", "ä", &long] {
            assert_eq!(Key::new(text), Err(StoreError::TooLarge), "{text:?}");
        }
        assert!(Key::new("k".repeat(MAX_KEY)).is_ok());
    }

    #[test]
    fn debug_does_not_show_the_key() {
        assert_eq!(format!("{:?}", Key::new("canary").unwrap()), "Key");
    }
}
