//! Key generations, and the keys derived from them.

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, LessSafeKey, UnboundKey},
    hkdf, hmac,
};
use zeroize::Zeroizing;

use super::{InstanceLabel, SealPurpose, encoding::push_prefixed};

pub(super) const KEY_ID_LEN: usize = 4;

/// The id of a key generation. Reveals nothing about the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyId(pub(super) [u8; KEY_ID_LEN]);

/// The keys of one secret of the application.
pub struct Generation {
    id: KeyId,
    root: hkdf::Prk,
    label: InstanceLabel,
}

impl Generation {
    pub(super) fn new(root: hkdf::Prk, label: InstanceLabel) -> Self {
        let mut generation = Self {
            id: KeyId([0; KEY_ID_LEN]),
            root,
            label,
        };
        generation.id = KeyId(generation.derive(SealPurpose::Fingerprint, b"id"));
        generation
    }

    /// The generation's id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Derives `N` bytes from the secret, the instance, `purpose` and `context`.
    pub fn derive<const N: usize>(&self, purpose: SealPurpose, context: &[u8]) -> [u8; N] {
        let mut info = Vec::with_capacity(64 + context.len());
        for part in [self.label.as_bytes(), purpose.label(), context] {
            push_prefixed(&mut info, part);
        }
        let mut bytes = [0; N];
        let filled = self
            .root
            .expand(&[&info], Length(N))
            .and_then(|material| material.fill(&mut bytes));
        debug_assert!(filled.is_ok(), "HKDF-SHA-256 yields up to 8,160 bytes");
        bytes
    }

    /// The public fingerprint, by which replicas compare their generations.
    pub fn fingerprint(&self) -> [u8; 8] {
        self.derive(SealPurpose::Fingerprint, b"published")
    }

    pub(super) fn cipher(&self, purpose: SealPurpose, context: &[u8]) -> Option<LessSafeKey> {
        let key = Zeroizing::new(self.derive::<32>(purpose, context));
        let key = UnboundKey::new(&AES_256_GCM_SIV, key.as_ref()).ok()?;
        Some(LessSafeKey::new(key))
    }
}

/// HKDF-Extract (RFC 5869 section 2.2), once for each secret: the library would repeat it for each
/// derivation.
pub(super) fn extract(salt: &hmac::Key, secret: &[u8]) -> hkdf::Prk {
    let key = hmac::sign(salt, secret);
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, key.as_ref())
}

pub(super) struct Length(pub(super) usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
