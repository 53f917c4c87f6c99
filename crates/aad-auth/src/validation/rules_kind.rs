//! Rule 12: the token is not of another kind.

use super::{
    Claims, Rules, TokenRules,
    rejection::{Code, Reason, Rejection},
};

/// Rule 12. ID tokens have no logout event. Access and logout tokens have no nonce. Access tokens name the
/// client that requested them, which Entra's ID tokens do not.
pub(super) fn check_kind(claims: &Claims, rules: &Rules<'_>) -> Result<(), Rejection> {
    let kind = |reason| Err(Rejection::new(Code::Kind, reason));
    match &rules.token {
        TokenRules::Id(_) if claims.logout_event.is_some() => kind(Reason::NotAllowed),
        TokenRules::Id(_) => Ok(()),
        TokenRules::Access(_)
            if claims.nonce.is_some()
                || claims.at_hash.is_some()
                || claims.c_hash.is_some()
                || claims.logout_event.is_some() =>
        {
            kind(Reason::NotAllowed)
        }
        TokenRules::Access(access) => {
            let client = if rules.directory_claims {
                claims.azp.is_some() || claims.appid.is_some()
            } else {
                access.typed_as_access_token || claims.scopes.is_some()
            };
            if client {
                Ok(())
            } else {
                kind(Reason::Missing)
            }
        }
        TokenRules::Logout => check_logout(claims),
    }
}

/// OpenID Connect Back-Channel Logout 1.0 section 2.6, steps 4 to 7.
fn check_logout(claims: &Claims) -> Result<(), Rejection> {
    if claims.nonce.is_some() {
        return Err(Rejection::new(Code::Nonce, Reason::NotAllowed));
    }
    match claims.logout_event {
        None => return Err(Rejection::new(Code::Events, Reason::Missing)),
        Some(false) => return Err(Rejection::new(Code::Events, Reason::Malformed)),
        Some(true) => {}
    }
    if claims.jti.as_deref().is_none_or(str::is_empty) {
        return Err(Rejection::new(Code::TokenId, Reason::Missing));
    }
    if claims.sub.is_none() && claims.sid.as_deref().is_none_or(str::is_empty) {
        return Err(Rejection::new(Code::Subject, Reason::Missing));
    }
    Ok(())
}
