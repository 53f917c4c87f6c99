//! Rules 9 to 11: the ID token belongs to this sign-in. Rule 16: the bearer token needs no proof of
//! possession.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use super::{
    Claims, ExpectedIdToken, ExpectedNonce,
    rejection::{Code, Reason, Rejection},
};
use crate::clock::Timestamp;

/// Rule 9. Compares in constant time: the nonce is a secret until it is used.
pub(super) fn check_nonce(
    claims: &Claims,
    expected: &ExpectedIdToken<'_>,
) -> Result<(), Rejection> {
    let reject = |reason| Err(Rejection::new(Code::Nonce, reason));
    match (expected.nonce, claims.nonce.as_deref()) {
        (ExpectedNonce::Exactly(""), _) => reject(Reason::Malformed),
        (ExpectedNonce::Exactly(_), None) => reject(Reason::Missing),
        (ExpectedNonce::NoneOr(_), None) => Ok(()),
        (ExpectedNonce::NoneOr(None), Some(_)) => reject(Reason::NotAllowed),
        (ExpectedNonce::Exactly(nonce) | ExpectedNonce::NoneOr(Some(nonce)), Some(found)) => {
            if equal(nonce, found) {
                Ok(())
            } else {
                reject(Reason::Mismatch)
            }
        }
    }
}

/// Rule 10. Every supported algorithm uses SHA-256. An `at_hash` without an access token is refused: a check
/// that is not possible must not count as passed (abuse B15).
pub(super) fn check_hashes(
    claims: &Claims,
    expected: &ExpectedIdToken<'_>,
) -> Result<(), Rejection> {
    if let Some(found) = claims.at_hash.as_deref() {
        let code = Code::AccessTokenHash;
        let access_token = expected
            .access_token
            .ok_or(Rejection::new(code, Reason::Unknown))?;
        check_hash(found, access_token, code)?;
    }
    // At the token endpoint `c_hash` is optional, and a refresh has no code.
    match (claims.c_hash.as_deref(), expected.code) {
        (Some(found), Some(code)) => check_hash(found, code, Code::CodeHash),
        _ => Ok(()),
    }
}

fn check_hash(found: &str, value: &str, code: Code) -> Result<(), Rejection> {
    let hash = digest(&SHA256, value.as_bytes());
    let half = hash.as_ref().get(..16).unwrap_or_default();
    if equal(&URL_SAFE_NO_PAD.encode(half), found) {
        Ok(())
    } else {
        Err(Rejection::new(code, Reason::Mismatch))
    }
}

/// Rule 11. Applies where `max_age` was requested.
pub(super) fn check_auth_time(
    claims: &Claims,
    expected: &ExpectedIdToken<'_>,
    leeway: Duration,
    now: Timestamp,
) -> Result<(), Rejection> {
    let Some(max_age) = expected.max_age else {
        return Ok(());
    };
    let auth_time = claims
        .auth_time
        .ok_or(Rejection::new(Code::AuthTime, Reason::Missing))?
        .timestamp();
    if auth_time > now + leeway {
        return Err(Rejection::new(Code::AuthTime, Reason::NotYetValid));
    }
    if now.since(auth_time) > max_age.saturating_add(leeway) {
        return Err(Rejection::new(Code::AuthTime, Reason::Expired));
    }
    Ok(())
}

/// Rule 16. A token with `cnf` (RFC 7800) needs a proof of possession: DPoP (`jkt`), a client certificate
/// (`x5t#S256`) or a signed request (`jwk`, `kid`). The crate checks no such proof, so that a stolen token
/// must not pass as a plain bearer token. Any value of `cnf` counts, also an empty object or another type.
pub(super) fn check_confirmation(claims: &Claims) -> Result<(), Rejection> {
    if claims.bound_to_key {
        Err(Rejection::new(Code::Confirmation, Reason::NotAllowed))
    } else {
        Ok(())
    }
}

fn equal(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}
