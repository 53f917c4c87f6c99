//! Rules 3 and 4: the audience and the authorised party.

use super::{
    AccessTokenRules, Claims, Rules, TokenKind,
    rejection::{Code, Reason, Rejection},
};

/// Checks ID and logout tokens. The application must be an audience, and the authorised party if `azp` is
/// present. Further audiences must be trusted, and an ID token with several needs `azp` (OpenID Connect Core
/// 1.0 section 3.1.3.7 steps 3 to 5).
pub(super) fn check_audience(claims: &Claims, rules: &Rules<'_>) -> Result<(), Rejection> {
    let is_client = |aud: &str| aud == rules.client_id;
    if claims.aud.is_empty() {
        return Err(Rejection::new(Code::Audience, Reason::Missing));
    }
    if !claims.aud.iter().any(|aud| is_client(aud)) {
        return Err(Rejection::new(Code::Audience, Reason::Mismatch));
    }
    if !claims
        .aud
        .iter()
        .all(|aud| is_client(aud) || rules.trusted_audiences.contains(aud))
    {
        return Err(Rejection::new(Code::FurtherAudience, Reason::NotAllowed));
    }
    match claims.azp.as_deref() {
        Some(azp) if azp != rules.client_id => {
            Err(Rejection::new(Code::AuthorizedParty, Reason::Mismatch))
        }
        // A logout token has no `azp`: it grants no access (Back-Channel Logout 1.0).
        None if claims.aud.len() > 1 && rules.token.kind() == TokenKind::Id => {
            Err(Rejection::new(Code::AuthorizedParty, Reason::Missing))
        }
        _ => Ok(()),
    }
}

/// Checks access tokens. One audience must equal a configured one, character by character (RFC 7519 section
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
