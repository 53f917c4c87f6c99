//! Changes of the published key set.

use serde::{Deserialize, Serialize};

use crate::encoding::base64url;
use crate::jwt::MemberEdit;
use crate::keys::weak_modulus;
use crate::members::Members;

/// A change of the published key set.
///
/// ```
/// use entra_emulator::{Fault, KeyEdit};
/// let roll_over = Fault::keys(KeyEdit::WithoutSigningKey).once();
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyEdit {
    /// Removes all keys.
    Empty,
    /// Removes the signing key, as during a key roll-over.
    WithoutSigningKey,
    /// Keeps only the signing key.
    OnlySigningKey,
    /// Changes each entry (`issuer`, `use`, `alg`, `kid` …).
    EachEntry(MemberEdit),
    /// Changes the signing key's entry.
    SigningEntry(MemberEdit),
    /// Adds an entry at the end: JSON text, which need not be a key.
    Add(String),
    /// Adds an entry at the beginning: JSON text, which need not be a key.
    AddFirst(String),
    /// Adds another key with the signing key's `kid` before it.
    DuplicateKid,
    /// Adds a symmetric key with the signing key's `kid` before it; the text is its value.
    SymmetricKey(String),
    /// Replaces the signing key's modulus by one of this number of bits.
    ShortModulus(usize),
    /// Replaces the signing key by the key of 1024 bits with which [`Mutation::weak_key`](crate::Mutation::weak_key) signs.
    WeakKey,
    /// Sets the signing key's exponent to 1.
    ExponentOne,
    /// Adds this number of generated keys, at most 100,000.
    Many(usize),
}

/// The largest number of keys that [`KeyEdit::Many`] adds.
const MAX_KEYS: usize = 100_000;

/// The entries of a key set, and the JSON texts that edits add before and after them.
#[derive(Default)]
pub(crate) struct KeyList {
    pub(crate) before: Vec<String>,
    pub(crate) keys: Vec<Members>,
    pub(crate) after: Vec<String>,
}

impl KeyList {
    /// Writes the key set as JSON text.
    pub(crate) fn to_text(&self) -> String {
        let keys = self.keys.iter().map(Members::to_text);
        let entries: Vec<String> = self
            .before
            .iter()
            .cloned()
            .chain(keys)
            .chain(self.after.iter().cloned())
            .collect();
        format!("{{\"keys\":[{}]}}", entries.join(","))
    }
}

impl KeyEdit {
    /// Changes the entries; `signing` is the `kid` of the signing key.
    pub(crate) fn apply(&self, list: &mut KeyList, signing: &str) {
        let keys = &mut list.keys;
        let is_signing = |key: &Members| key.get("kid").is_some_and(|kid| kid == signing);
        let own = keys.iter().find(|key| is_signing(key)).cloned();
        match self {
            Self::Empty => keys.clear(),
            Self::WithoutSigningKey => keys.retain(|key| !is_signing(key)),
            Self::OnlySigningKey => keys.retain(is_signing),
            Self::EachEntry(edit) => keys.iter_mut().for_each(|key| edit.apply(key)),
            Self::SigningEntry(edit) => keys
                .iter_mut()
                .filter(|key| is_signing(key))
                .for_each(|key| edit.apply(key)),
            Self::Add(text) => list.after.push(text.clone()),
            Self::AddFirst(text) => list.before.insert(0, text.clone()),
            Self::DuplicateKid => keys
                .splice(0..0, own.map(|key| with_modulus(key, 256)))
                .for_each(drop),
            Self::SymmetricKey(secret) => keys
                .splice(0..0, [symmetric(signing, secret)])
                .for_each(drop),
            Self::ShortModulus(bits) => {
                for key in keys.iter_mut().filter(|key| is_signing(key)) {
                    *key = with_modulus(key.clone(), bits / 8);
                }
            }
            Self::WeakKey => {
                for key in keys.iter_mut().filter(|key| is_signing(key)) {
                    key.set("n", weak_modulus());
                    key.remove("x5c");
                }
            }
            Self::ExponentOne => {
                keys.iter_mut()
                    .filter(|key| is_signing(key))
                    .for_each(|key| key.set("e", "AQ"));
            }
            Self::Many(count) => keys.extend((0..(*count).min(MAX_KEYS)).map(generated)),
        }
    }
}

fn symmetric(kid: &str, secret: &str) -> Members {
    let mut key = Members::default();
    key.set("kty", "oct");
    key.set("use", "sig");
    key.set("kid", kid);
    key.set("k", base64url(secret));
    key
}

/// Replaces the modulus by an arbitrary odd number of this length: no private key belongs to it.
fn with_modulus(mut key: Members, bytes: usize) -> Members {
    let mut modulus: Vec<u8> = (0..bytes.clamp(1, 1 << 20))
        .map(|at| (at % 251) as u8 | 0x81)
        .collect();
    if let Some(first) = modulus.first_mut() {
        *first |= 0xc0;
    }
    key.set("n", base64url(modulus));
    key.remove("x5c");
    key
}

fn generated(number: usize) -> Members {
    let mut key = Members::default();
    key.set("kty", "RSA");
    key.set("use", "sig");
    key.set("kid", format!("invented-{number}"));
    key.set("e", "AQAB");
    with_modulus(key, 256)
}
