//! Rules 3 and 4: for whom the token was made.

use super::{
    AccessTokenRules, Claims,
    rejection::{Code, Reason, Rejection},
};

/// ID and logout tokens: the application is the only audience, and the authorised party when one
/// is named. Other audiences are not trusted, so one of them refuses the token (OpenID Connect
/// Core 1.0 section 3.1.3.7 steps 3 to 5).
pub(super) fn check_audience(claims: &Claims, client_id: &str) -> Result<(), Rejection> {
    match claims.aud.as_slice() {
        [] => return Err(Rejection::new(Code::Audience, Reason::Missing)),
        [one] if &**one == client_id => {}
        _ => return Err(Rejection::new(Code::Audience, Reason::Mismatch)),
    }
    match claims.azp.as_deref() {
        Some(azp) if azp != client_id => {
            Err(Rejection::new(Code::AuthorizedParty, Reason::Mismatch))
        }
        _ => Ok(()),
    }
}

/// Access tokens: one of the configured audiences, character by character (RFC 7519 section
/// 4.1.3; RFC 9068 section 4).
pub(super) fn check_access_audience(
    claims: &Claims,
    rules: &AccessTokenRules<'_>,
) -> Result<(), Rejection> {
    if claims.aud.is_empty() {
        return Err(Rejection::new(Code::Audience, Reason::Missing));
    }
    if claims.aud.iter().any(|aud| rules.audiences.contains(aud)) {
        Ok(())
    } else {
        Err(Rejection::new(Code::Audience, Reason::Mismatch))
    }
}
