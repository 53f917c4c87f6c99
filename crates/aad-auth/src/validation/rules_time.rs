//! Rules 5 to 8: whether this is the token's moment.

use std::time::Duration;

use super::{
    Claims, Rules, TokenKind,
    logout_token::expiry,
    rejection::{Code, Reason, Rejection},
};
use crate::clock::Timestamp;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Entra's longest access tokens (with continuous access evaluation) live 28 hours.
const LONGEST_DIRECTORY: Duration = DAY.saturating_mul(2);
/// Other providers let applications choose; a month is beyond any sensible choice.
const LONGEST_GENERIC: Duration = DAY.saturating_mul(31);
/// A logout token is a message, not a credential to keep.
const LONGEST_LOGOUT: Duration = HOUR;

/// 5. `exp` has not passed. ID and access tokens need it; a logout token without one expires two
///    minutes after `iat`. 6. `nbf`, when there is one, has passed. 7. `iat` is needed but in access
///    tokens, and lies neither ahead nor, for tokens that are taken at once, long ago. 8. From `iat`
///    to `exp` is no longer than any genuine token lives.
pub(super) fn check_times(
    claims: &Claims,
    rules: &Rules<'_>,
    now: Timestamp,
) -> Result<(), Rejection> {
    let leeway = rules.leeway;
    let kind = rules.token.kind();
    let exp = match kind {
        TokenKind::Logout => {
            expiry(claims).ok_or(Rejection::new(Code::IssuedAt, Reason::Missing))?
        }
        TokenKind::Id | TokenKind::Access => claims
            .exp
            .ok_or(Rejection::new(Code::Expiry, Reason::Missing))?
            .timestamp(),
    };
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
    // Taken at once, so an old one was kept by somebody (abuse B12, G10).
    if kind != TokenKind::Access && now.since(iat) > freshness(kind) + leeway {
        return Err(Rejection::new(Code::IssuedAt, Reason::Expired));
    }
    if exp <= iat || exp.since(iat) > longest(kind, rules.directory_claims) {
        return Err(Rejection::new(Code::Expiry, Reason::Malformed));
    }
    Ok(())
}

const fn freshness(kind: TokenKind) -> Duration {
    match kind {
        TokenKind::Logout => HOUR,
        TokenKind::Id | TokenKind::Access => DAY,
    }
}

const fn longest(kind: TokenKind, directory_claims: bool) -> Duration {
    match kind {
        TokenKind::Logout => LONGEST_LOGOUT,
        _ if directory_claims => LONGEST_DIRECTORY,
        _ => LONGEST_GENERIC,
    }
}
