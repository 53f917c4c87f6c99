//! One sign-in attempt, sealed into the `state` parameter. Nothing of it is stored.

use std::time::Duration;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{BindingCookie, Prompt, UserFlow};
use crate::{
    clock::Timestamp,
    config::ReturnTo,
    random::{self, Random},
    seal::{Generation, Keys, OVERHEAD, OpenError, SealPurpose, Sealer},
    secret::Pii,
};

/// One sign-in attempt: everything the callback needs, so that any instance can finish it and any
/// number of them may be open at once.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Attempt {
    /// The transaction id: `nonce` and code verifier are derived from it.
    #[serde(rename = "i")]
    pub id: TransactionId,
    /// When it began.
    #[serde(rename = "s")]
    pub started: Timestamp,
    /// Digest of the binding cookie of the browser in which it began.
    #[serde(rename = "b")]
    pub browser: BindingDigest,
    /// Where the browser goes afterwards.
    #[serde(rename = "r")]
    pub return_to: ReturnTo,
    /// What it is for.
    #[serde(rename = "p")]
    pub purpose: AttemptPurpose,
    /// What the user was asked for, so that a restart asks for it again.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// Whom the provider's page was to offer.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<Pii>,
    /// Which sign-in page the provider was to go to at once.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub domain_hint: Option<String>,
    /// Whether the return address is only part of what was asked for.
    #[serde(rename = "t", default, skip_serializing_if = "std::ops::Not::not")]
    pub shortened: bool,
    /// 0, and one more after each automatic restart.
    #[serde(rename = "n")]
    pub number: u8,
    /// Which instance has sealed it; 0 when an earlier release has.
    #[serde(rename = "m", default)]
    pub(super) mark: u64,
}

/// What a sign-in attempt is for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum AttemptPurpose {
    /// A sign-in that may meet a session which is younger already, and is then done.
    #[serde(rename = "s")]
    SignIn,
    /// A sign-in that asked the user for something (`prompt`): it is always completed.
    #[serde(rename = "p")]
    Prompted,
    /// Another user flow than the one for signing in (Azure AD B2C). Its code is never redeemed.
    #[serde(rename = "f")]
    UserFlow(UserFlow),
    // Reserved: `q` (without any page), `u` (more authentication) and `c` (consent) for a session.
}

/// The first 16 bytes of a SHA-256 digest.
pub type BindingDigest = [u8; 16];

/// Names a sign-in attempt. Random, 128 bits.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct TransactionId([u8; 16]);

impl TransactionId {
    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Attempt {
    /// A new attempt in `browser`.
    pub fn new(
        random: &dyn Random,
        now: Timestamp,
        browser: &BindingCookie,
        return_to: ReturnTo,
        purpose: AttemptPurpose,
    ) -> Self {
        Self {
            id: TransactionId(random::bytes(random)),
            started: now,
            browser: browser.digest(),
            return_to,
            purpose,
            prompt: None,
            login_hint: None,
            domain_hint: None,
            shortened: false,
            number: 0,
            mark: 0,
        }
    }

    /// When its `state` stops being accepted.
    pub fn expires_at(&self) -> Timestamp {
        self.started + LIFE
    }
}

/// How long an attempt may take: a user may have to find a phone, or to be approved by somebody.
pub const LIFE: Duration = Duration::from_secs(60 * 60);

/// Seals attempts into `state` and opens them again.
pub struct AttemptSealer {
    sealer: Sealer,
    associated: Vec<u8>,
}

impl AttemptSealer {
    /// A sealer for attempts that come back to `redirect_uri`.
    pub fn new(keys: &Keys, redirect_uri: &str) -> Self {
        let mut associated = keys.label().as_bytes().to_vec();
        associated.extend_from_slice(redirect_uri.as_bytes());
        Self {
            sealer: keys.sealer(SealPurpose::Attempt, b""),
            associated,
        }
    }

    /// The `state` of an attempt: base64url, a multiple of 128 characters (its length must not
    /// tell the length of the return address), at most [`MAX_STATE`]. Hints that do not fit beside
    /// the return address are left out: they spare the user a little typing, no more.
    ///
    /// `None` when the attempt does not fit, which a return address within its limit excludes.
    pub fn seal(&self, random: &dyn Random, attempt: &Attempt) -> Option<String> {
        self.seal_whole(random, attempt).or_else(|| {
            let without_hints = Attempt {
                login_hint: None,
                domain_hint: None,
                ..attempt.clone()
            };
            self.seal_whole(random, &without_hints)
        })
    }

    fn seal_whole(&self, random: &dyn Random, attempt: &Attempt) -> Option<String> {
        let mut plaintext = serde_json::to_vec(attempt).ok()?;
        let padded = (plaintext.len() + OVERHEAD).next_multiple_of(BLOCK) - OVERHEAD;
        plaintext.resize(padded, b' ');
        let sealed = self.sealer.seal(random, &self.associated, &plaintext);
        let state = URL_SAFE_NO_PAD.encode(sealed);
        (state.len() <= MAX_STATE).then_some(state)
    }

    /// Opens a `state`, and names the key generation that nonce and verifier are derived under.
    pub fn open<'k>(
        &self,
        keys: &'k Keys,
        state: &str,
    ) -> Result<(Attempt, &'k Generation), OpenError> {
        if state.len() > MAX_STATE {
            return Err(OpenError::Malformed);
        }
        let sealed = URL_SAFE_NO_PAD
            .decode(state)
            .map_err(|_| OpenError::Malformed)?;
        let opened = self.sealer.open(&self.associated, &sealed)?;
        let generation = keys.generation(opened.key).ok_or(OpenError::UnknownKey)?;
        let attempt =
            serde_json::from_slice(&opened.plaintext).map_err(|_| OpenError::Malformed)?;
        Ok((attempt, generation))
    }
}

/// The longest `state` in characters.
const MAX_STATE: usize = 2432;

/// 96 bytes are 128 characters of base64url.
const BLOCK: usize = 96;

/// The `nonce` of an attempt (OpenID Connect Core 1.0 section 3.1.2.1), 256 bits.
pub(super) fn nonce(generation: &Generation, id: &TransactionId) -> String {
    URL_SAFE_NO_PAD.encode(generation.derive::<32>(SealPurpose::Nonce, id.as_bytes()))
}

/// The PKCE code verifier of an attempt (RFC 7636 section 4.1), 256 bits.
pub(super) fn code_verifier(generation: &Generation, id: &TransactionId) -> String {
    URL_SAFE_NO_PAD.encode(generation.derive::<32>(SealPurpose::CodeVerifier, id.as_bytes()))
}

/// The first 16 bytes of SHA-256 of `bytes`.
pub(crate) fn short_digest(bytes: &[u8]) -> BindingDigest {
    let mut short = [0; 16];
    short.copy_from_slice(&digest::digest(&digest::SHA256, bytes).as_ref()[..16]);
    short
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
