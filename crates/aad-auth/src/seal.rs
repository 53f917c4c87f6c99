//! Authenticated encryption and key derivation from the application's secret.
//!
//! Every key is derived by HKDF-SHA-256 (RFC 5869) for one [`SealPurpose`] of one [`InstanceLabel`], so
//! that nothing sealed by one instance, application or provider opens anything of another. The
//! cipher is AES-256-GCM-SIV (RFC 8452): strangers decide how many messages are sealed under one
//! key, and with random 96-bit nonces a repeated nonce must not be a catastrophe.

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest, hkdf, hmac,
};
use zeroize::Zeroizing;

use crate::random::{self, Random};

/// What a derived key is for. One text per use; never reused for another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealPurpose {
    /// One sign-in attempt in the `state` parameter.
    Attempt,
    /// The `nonce` of an attempt.
    Nonce,
    /// The PKCE code verifier of an attempt.
    CodeVerifier,
    /// The `state` of an end-session request.
    SignOut,
    /// The record of a session.
    Session,
    /// Tokens of a session.
    Vault,
    /// Names of index sets.
    IndexName,
    /// Entries of index sets.
    IndexEntry,
    /// The outcome of an attempt, shared between instances.
    Outcome,
    /// The application's own session data.
    AppData,
    /// A key that the application asks for.
    ApplicationKey,
    /// The provider's last known metadata and keys.
    ProviderSnapshot,
    /// The published fingerprint of a key generation.
    Fingerprint,
}

impl SealPurpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Attempt => b"attempt",
            Self::Nonce => b"nonce",
            Self::CodeVerifier => b"code verifier",
            Self::SignOut => b"sign out",
            Self::Session => b"session",
            Self::Vault => b"vault",
            Self::IndexName => b"index name",
            Self::IndexEntry => b"index entry",
            Self::Outcome => b"outcome",
            Self::AppData => b"app data",
            Self::ApplicationKey => b"application key",
            Self::ProviderSnapshot => b"provider snapshot",
            Self::Fingerprint => b"fingerprint",
        }
    }
}

/// Which instance of the middleware this is: a digest over issuer or authority, client id and
/// route prefix. Goes into every key, store key and index name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InstanceLabel([u8; 16]);

impl InstanceLabel {
    /// The label of the instance that signs in at `authority` as `client_id` under `prefix`.
    pub fn new(authority: &str, client_id: &str, prefix: &str) -> Self {
        let mut input = Vec::new();
        for part in [authority, client_id, prefix] {
            push_prefixed(&mut input, part.as_bytes());
        }
        let mut label = [0; 16];
        label.copy_from_slice(&digest::digest(&digest::SHA256, &input).as_ref()[..16]);
        Self(label)
    }

    /// The label's bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Names the key generation that sealed something; says nothing about the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyId([u8; KEY_ID_LEN]);

/// All key generations of one instance: the first one seals, all of them open.
pub struct Keys {
    generations: Vec<Generation>,
    label: InstanceLabel,
}

impl Keys {
    /// Derives the generations from the application's secrets (`AAD_SESSION_SECRET`), newest first.
    ///
    /// Returns `None` when there is no secret: nothing may be sealed under a key everybody knows.
    pub fn new<S: AsRef<[u8]>>(secrets: &[S], label: InstanceLabel) -> Option<Self> {
        let salt = hmac::Key::new(hmac::HMAC_SHA256, b"aad-auth 1");
        let generations: Vec<_> = secrets
            .iter()
            .filter(|secret| !secret.as_ref().is_empty())
            .map(|secret| Generation::new(extract(&salt, secret.as_ref()), label))
            .collect();
        (!generations.is_empty()).then_some(Self { generations, label })
    }

    /// The instance these keys belong to.
    pub const fn label(&self) -> InstanceLabel {
        self.label
    }

    /// The generation that seals.
    pub fn current(&self) -> &Generation {
        &self.generations[0]
    }

    /// All generations, newest first.
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The generation named `id`.
    pub fn generation(&self, id: KeyId) -> Option<&Generation> {
        self.generations
            .iter()
            .find(|generation| generation.id == id)
    }

    /// A sealer for `purpose`, with keys that depend on `context` too (a session id, or nothing).
    pub fn sealer(&self, purpose: SealPurpose, context: &[u8]) -> Sealer {
        Sealer {
            keys: self
                .generations
                .iter()
                .filter_map(|generation| {
                    Some((generation.id, generation.cipher(purpose, context)?))
                })
                .collect(),
        }
    }
}

/// HKDF-Extract (RFC 5869 section 2.2), once for each secret: the library's own would be computed again at
/// each derivation.
fn extract(salt: &hmac::Key, secret: &[u8]) -> hkdf::Prk {
    let key = hmac::sign(salt, secret);
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, key.as_ref())
}

/// One generation of the application's secret.
pub struct Generation {
    id: KeyId,
    root: hkdf::Prk,
    label: InstanceLabel,
}

impl Generation {
    fn new(root: hkdf::Prk, label: InstanceLabel) -> Self {
        let mut generation = Self {
            id: KeyId([0; KEY_ID_LEN]),
            root,
            label,
        };
        generation.id = KeyId(generation.derive(SealPurpose::Fingerprint, b"id"));
        generation
    }

    /// The generation's name.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// `N` bytes that depend on the secret, the instance, `purpose` and `context`.
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

    /// What other instances may see to tell whether they share this generation.
    pub fn fingerprint(&self) -> [u8; 8] {
        self.derive(SealPurpose::Fingerprint, b"published")
    }

    fn cipher(&self, purpose: SealPurpose, context: &[u8]) -> Option<LessSafeKey> {
        let key = Zeroizing::new(self.derive::<32>(purpose, context));
        let key = UnboundKey::new(&AES_256_GCM_SIV, key.as_ref()).ok()?;
        Some(LessSafeKey::new(key))
    }
}

/// Seals and opens messages of one purpose.
pub struct Sealer {
    keys: Vec<(KeyId, LessSafeKey)>,
}

impl Sealer {
    /// Seals `plaintext`, bound to `associated` data that must be given again to open it.
    ///
    /// The result is `version | key id | nonce | ciphertext | tag`; [`OVERHEAD`] bytes longer.
    pub fn seal(&self, random: &dyn Random, associated: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let Some((id, key)) = self.keys.first() else {
            debug_assert!(false, "Keys has at least one generation");
            return Vec::new();
        };
        let nonce: [u8; NONCE_LEN] = random::bytes(random);
        let mut sealed = Vec::with_capacity(OVERHEAD + plaintext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&id.0);
        sealed.extend_from_slice(&nonce);
        let aad = associated_data(&sealed[..1 + KEY_ID_LEN], associated);
        let mut message = plaintext.to_vec();
        let done = key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut message,
        );
        debug_assert!(done.is_ok(), "messages are far below the cipher's limit");
        sealed.extend_from_slice(&message);
        sealed
    }

    /// Opens what [`Self::seal`] made with the same `associated` data.
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<Opened, OpenError> {
        if sealed.len() < OVERHEAD {
            return Err(OpenError::Malformed);
        }
        let (header, rest) = sealed.split_at(1 + KEY_ID_LEN);
        let (nonce, message) = rest.split_at(NONCE_LEN);
        if header.first() != Some(&VERSION) {
            return Err(OpenError::Malformed);
        }
        let (id, key) = self
            .keys
            .iter()
            .find(|(id, _)| id.0 == header[1..])
            .ok_or(OpenError::UnknownKey)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError::Malformed)?;
        let mut message = message.to_vec();
        let length = key
            .open_in_place(
                nonce,
                Aad::from(associated_data(header, associated)),
                &mut message,
            )
            .map_err(|_| OpenError::Forged)?
            .len();
        message.truncate(length);
        Ok(Opened {
            plaintext: message,
            key: *id,
        })
    }
}

/// An opened message and the generation that had sealed it.
pub struct Opened {
    /// What had been sealed.
    pub plaintext: Vec<u8>,
    /// The generation.
    pub key: KeyId,
}

/// Why a sealed message does not open.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// Too short, or of a version that this release does not read.
    #[error("not a sealed message of this version")]
    Malformed,
    /// Sealed under a key generation that this instance does not have.
    #[error("sealed under a key that this instance does not have")]
    UnknownKey,
    /// Changed, or made for another purpose or instance.
    #[error("not sealed by this instance")]
    Forged,
}

/// By how many bytes a sealed message is longer than its plaintext.
pub const OVERHEAD: usize = 1 + KEY_ID_LEN + NONCE_LEN + TAG_LEN;

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const TAG_LEN: usize = 16;

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn associated_data(header: &[u8], associated: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(header.len() + associated.len() + 8);
    push_prefixed(&mut data, header);
    push_prefixed(&mut data, associated);
    data
}

/// Appends `part` behind its length, so that no two lists of parts have the same bytes.
fn push_prefixed(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(part);
}

#[cfg(test)]
mod tests;
