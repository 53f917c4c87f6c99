//! Rules 5 to 8: the validity period.

use std::time::Duration;

use super::{
    Claims, NumericDate, Rules, TokenKind,
    logout_token::expiry,
    rejection::{Code, Reason, Rejection},
};
use crate::clock::Timestamp;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Entra's longest access tokens (with continuous access evaluation) live 28 hours.
const LONGEST_DIRECTORY: Duration = DAY.saturating_mul(2);
/// Other providers let applications choose. No sensible lifetime exceeds a month.
const LONGEST_GENERIC: Duration = DAY.saturating_mul(31);
/// A logout token is a message, not a credential that a client stores.
const LONGEST_LOGOUT: Duration = HOUR;

/// 5. `exp` has not passed. ID and access tokens need it; a logout token without it expires two minutes
///    after `iat`. 6. `nbf`, if present, has passed. 7. `iat` is not in the future. ID and logout tokens
///    need it, and it must be recent. 8. The lifetime from `iat` to `exp` is plausible.
pub(super) fn check_times(
    claims: &Claims,
    rules: &Rules<'_>,
    now: Timestamp,
) -> Result<(), Rejection> {
    let leeway = rules.leeway;
    let kind = rules.token.kind();
    let exp = expiry_of(claims, kind)?;
    if now >= exp + leeway {
        return Err(Rejection::new(Code::Expiry, Reason::Expired));
    }
    if let Some(nbf) = claims.nbf
        && nbf.timestamp() > now + leeway
    {
        return Err(Rejection::new(Code::NotBefore, Reason::NotYetValid));
    }
    let Some(iat) = claims.iat else {
        return match kind {
            TokenKind::Access => Ok(()),
            TokenKind::Id | TokenKind::Logout => {
                Err(Rejection::new(Code::IssuedAt, Reason::Missing))
            }
        };
    };
    let iat = iat.timestamp();
    if iat > now + leeway {
        return Err(Rejection::new(Code::IssuedAt, Reason::NotYetValid));
    }
    // A genuine ID or logout token arrives soon after its issue. An attacker may replay an old one (abuse
    // B12, G10).
    if kind != TokenKind::Access && now.since(iat) > freshness(kind) + leeway {
        return Err(Rejection::new(Code::IssuedAt, Reason::Expired));
    }
    if exp <= iat || exp.since(iat) > longest(kind, rules.directory_claims) {
        return Err(Rejection::new(Code::Expiry, Reason::Malformed));
    }
    Ok(())
}

fn expiry_of(claims: &Claims, kind: TokenKind) -> Result<Timestamp, Rejection> {
    match kind {
        TokenKind::Logout => expiry(claims).ok_or(Rejection::new(Code::IssuedAt, Reason::Missing)),
        TokenKind::Id | TokenKind::Access => {
            let exp = claims.exp.map(NumericDate::timestamp);
            exp.ok_or(Rejection::new(Code::Expiry, Reason::Missing))
        }
    }
}

/// The maximum age of a token at its arrival.
const fn freshness(kind: TokenKind) -> Duration {
    match kind {
        TokenKind::Logout => HOUR,
        TokenKind::Id | TokenKind::Access => DAY,
    }
}

/// The longest plausible lifetime.
const fn longest(kind: TokenKind, directory_claims: bool) -> Duration {
    match kind {
        TokenKind::Logout => LONGEST_LOGOUT,
        _ if directory_claims => LONGEST_DIRECTORY,
        _ => LONGEST_GENERIC,
    }
}
