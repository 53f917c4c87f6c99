//! A sign-in attempt, sealed into the `state` parameter. The store has nothing of it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{BindingCookie, BindingDigest, Prompt, UserFlow};
use crate::{
    clock::Timestamp,
    config::ReturnTo,
    random::{self, Random},
    seal::{Generation, Keys, OVERHEAD, OpenError, SealPurpose, Sealer},
    secret::Pii,
};

/// A sign-in attempt: everything that the callback needs. So any instance can complete it, and any
/// number of attempts may be open at once.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Attempt {
    /// The transaction id, from which `nonce` and code verifier are derived.
    #[serde(rename = "i")]
    pub(crate) id: TransactionId,
    /// When the attempt began.
    #[serde(rename = "s")]
    pub(crate) started: Timestamp,
    /// The digest of the binding cookie of the browser in which it began.
    #[serde(rename = "b")]
    pub(crate) browser: BindingDigest,
    /// The return address after the sign-in.
    #[serde(rename = "r")]
    pub(crate) return_to: ReturnTo,
    /// The purpose of the attempt.
    #[serde(rename = "p")]
    pub(crate) purpose: AttemptPurpose,
    /// The `prompt` of the authorization request, so that a restart repeats it.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(crate) prompt: Option<Prompt>,
    /// The `login_hint` of the authorization request.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(crate) login_hint: Option<Pii>,
    /// The `domain_hint` of the authorization request.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(crate) domain_hint: Option<String>,
    /// Whether the return address was shortened.
    #[serde(rename = "t", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) shortened: bool,
    /// The number of automatic restarts before this attempt.
    #[serde(rename = "n")]
    pub(crate) number: u8,
    /// The mark of the instance that sealed the attempt; 0 from an earlier release.
    #[serde(rename = "m", default)]
    pub(super) mark: u64,
}

/// The purpose of a sign-in attempt.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum AttemptPurpose {
    /// A plain sign-in. It is complete if the browser has a session younger than the attempt.
    #[serde(rename = "s")]
    SignIn,
    /// A sign-in with `prompt`. It is always completed, even if the browser has a session.
    #[serde(rename = "p")]
    Prompted,
    /// A user flow other than the sign-in (Azure AD B2C). Its code is never redeemed.
    #[serde(rename = "f")]
    UserFlow(UserFlow),
    // Reserved: `q` (silent), `u` (stronger authentication) and `c` (consent) for a session.
}

/// The id of a sign-in attempt: 128 random bits.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub(crate) struct TransactionId([u8; 16]);

impl TransactionId {
    /// The bytes.
    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Attempt {
    /// A new attempt in `browser`.
    pub(crate) fn new(
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

    /// The further user flow that the attempt goes through. `None` for a sign-in.
    pub(super) const fn user_flow(&self) -> Option<UserFlow> {
        match self.purpose {
            AttemptPurpose::UserFlow(flow) => Some(flow),
            _ => None,
        }
    }

    /// When its `state` expires.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.started + ATTEMPT_LIFETIME
    }
}

/// How long an attempt is valid: a user may need time to find a phone, or to get an approval.
pub(crate) const ATTEMPT_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Seals attempts into `state` and opens them again.
pub(crate) struct AttemptSealer {
    sealer: Sealer,
    associated: Vec<u8>,
}

impl AttemptSealer {
    /// A sealer for attempts with this redirect URI.
    pub(crate) fn new(keys: &Keys, redirect_uri: &str) -> Self {
        let mut associated = keys.label().as_bytes().to_vec();
        associated.extend_from_slice(redirect_uri.as_bytes());
        Self {
            sealer: keys.sealer(SealPurpose::Attempt, b""),
            associated,
        }
    }

    /// Seals an attempt into a `state`: base64url, a multiple of 128 characters, at most [`MAX_STATE`].
    /// The padding hides the length of the return address. Hints that do not fit are omitted.
    ///
    /// `None` if the attempt does not fit, which a return address within its limit excludes.
    pub(crate) fn seal(&self, random: &dyn Random, attempt: &Attempt) -> Option<String> {
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

    /// Opens a `state`. Also returns the key generation that nonce and code verifier are derived under.
    pub(crate) fn open<'k>(
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
pub(crate) const MAX_STATE: usize = 2432;

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

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
