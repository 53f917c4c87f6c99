//! The key of a record.

use std::{fmt, sync::Arc};

use super::{MAX_KEY, StoreError};

/// The key of a record or index set, by convention `<instance label>:<kind>:<digest>`. Cheap to
/// clone. At most [`MAX_KEY`] printable ASCII characters without blanks.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key(Arc<str>);

impl Key {
    /// A key. What an outsider supplies is hashed before it becomes part of one.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] when the text is empty, too long, or not printable ASCII.
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

/// A key names a person's session: even its hash stays out of logs.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

pub(super) fn is_name(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_graphic())
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
