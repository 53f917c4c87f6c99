use serde::{Deserialize, Serialize};

use crate::encoding::base64url;
use crate::jwt::MemberEdit;
use crate::keys::weak_modulus;
use crate::members::Members;

/// One change of the key set.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyEdit {
    /// No keys at all.
    Empty,
    /// The signing key is not published: a partial set, as during a roll-over.
    WithoutSigningKey,
    /// Only the signing key is published.
    OnlySigningKey,
    /// Each entry is changed (`issuer`, `use`, `alg`, `kid` …).
    EachEntry(MemberEdit),
    /// Only the signing key's entry is changed.
    SigningEntry(MemberEdit),
    /// An entry more; JSON text that need not be valid as a key.
    Add(String),
    /// An entry more at the beginning.
    AddFirst(String),
    /// A second key under the signing key's `kid`, before it.
    DuplicateKid,
    /// A symmetric key under the signing key's `kid`, with the client secret or any text as its value.
    SymmetricKey(String),
    /// The signing key's entry holds a modulus of so many bits.
    ShortModulus(usize),
    /// The signing key's entry holds a real key of 1024 bits, which [`Mutation::weak_key`](crate::Mutation::weak_key) signs with.
    WeakKey,
    /// The signing key's entry has exponent 1.
    ExponentOne,
    /// So many invented keys more.
    Many(usize),
}

/// A key set is served up to this many keys.
const MAX_KEYS: usize = 100_000;

/// The entries of a key set, with texts that are no key before and after them.
#[derive(Default)]
pub(crate) struct KeyList {
    pub(crate) before: Vec<String>,
    pub(crate) keys: Vec<Members>,
    pub(crate) after: Vec<String>,
}

impl KeyList {
    /// The JSON text of the key set.
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
    /// Changes the entries; `signing` is the `kid` that signs.
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
            Self::Many(count) => keys.extend((0..(*count).min(MAX_KEYS)).map(invented)),
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

/// An odd number of this length that nobody can factor here: good enough for a public key without an owner.
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

fn invented(number: usize) -> Members {
    let mut key = Members::default();
    key.set("kty", "RSA");
    key.set("use", "sig");
    key.set("kid", format!("invented-{number}"));
    key.set("e", "AQAB");
    with_modulus(key, 256)
}
