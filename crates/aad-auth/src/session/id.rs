//! The session id in the cookie, and its digest in the store.

use std::fmt;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::{
    random::{self, Random},
    seal::InstanceLabel,
    store::{Key, StoreError},
};

/// A session id: 256 random bits that only the browser's cookie holds.
///
/// The store has a digest of it. The keys that seal the session's records are derived from the id, so
/// a stolen store reveals nothing.
#[derive(Clone)]
pub struct SessionId(Zeroizing<[u8; 32]>);

impl SessionId {
    /// A new id.
    pub fn new(random: &dyn Random) -> Self {
        Self(Zeroizing::new(random::bytes(random)))
    }

    /// Parses the value of a cookie. `None` if it has not the form that this crate writes.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        let exact = value.len() == TEXT_LENGTH
            && URL_SAFE_NO_PAD.decode_slice(value, bytes.as_mut()) == Ok(32);
        exact.then_some(Self(bytes))
    }

    /// The cookie's value.
    pub fn to_cookie(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_ref()))
    }

    /// The digest by which caches and the store identify the session.
    pub fn digest(&self) -> SessionDigest {
        let mut digest = [0; 32];
        digest.copy_from_slice(digest::digest(&digest::SHA256, self.0.as_ref()).as_ref());
        SessionDigest(digest)
    }

    /// The bytes, as context of key derivation.
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId")
    }
}

/// SHA-256 of a session id.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct SessionDigest([u8; 32]);

impl SessionDigest {
    pub(super) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The store's key for one kind of record of this session.
    pub(super) fn key(&self, label: InstanceLabel, kind: &str) -> Result<Key, StoreError> {
        store_key(label, kind, &self.0)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Parses the text of a digest. `None` if it is none.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let exact =
            text.len() == TEXT_LENGTH && URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) == Ok(32);
        exact.then_some(Self(bytes))
    }
}

/// A key of the form `<instance label>:<kind>:<digest>`.
pub(crate) fn store_key(
    label: InstanceLabel,
    kind: &str,
    digest: &[u8],
) -> Result<Key, StoreError> {
    let label = URL_SAFE_NO_PAD.encode(label.as_bytes());
    let digest = URL_SAFE_NO_PAD.encode(digest);
    Key::new(format!("{label}:{kind}:{digest}"))
}

/// A key of the form `<instance label>:<kind>:`, for records that exist once per instance.
pub(crate) fn instance_key(label: InstanceLabel, kind: &str) -> Result<Key, StoreError> {
    store_key(label, kind, b"")
}

const TEXT_LENGTH: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_cookie_value_comes_back() {
        let id = SessionId::new(&SystemRandom);
        let again = SessionId::parse(id.to_cookie().as_bytes()).unwrap();
        assert!(id.digest() == again.digest());
    }

    #[test]
    fn refuses_what_is_no_session_id() {
        let good = SessionId::new(&SystemRandom).to_cookie().to_string();
        for value in [
            "",
            "x",
            &good[1..],
            &format!("{good}A"),
            &format!("{}=", &good[1..]),
            &"+".repeat(43),
        ] {
            assert!(SessionId::parse(value.as_bytes()).is_none(), "{value}");
        }
    }
}
