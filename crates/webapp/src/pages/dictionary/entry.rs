//! One entry of the dictionary, and short ways to write it.

use super::topic::Topic::{self, User, Validity};

/// The entry of one claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entry {
    /// As in the token, such as `oid`.
    pub name: &'static str,
    /// The section of the page.
    pub topic: Topic,
    /// One sentence of at most 120 characters.
    pub meaning: &'static str,
    /// Whether the value is a NumericDate (RFC 7519 section 2).
    pub is_time: bool,
    /// Whether the value may pass to another user. No application may identify or authorise users by it.
    pub never_a_key: bool,
}

pub(super) const fn entry(name: &'static str, topic: Topic, meaning: &'static str) -> Entry {
    Entry {
        name,
        topic,
        meaning,
        is_time: false,
        never_a_key: false,
    }
}

/// A claim for display. It may change, and another directory may have the same value.
pub(super) const fn name_like(name: &'static str, meaning: &'static str) -> Entry {
    Entry {
        never_a_key: true,
        ..entry(name, User, meaning)
    }
}

pub(super) const fn time(name: &'static str, meaning: &'static str) -> Entry {
    Entry {
        is_time: true,
        ..entry(name, Validity, meaning)
    }
}
