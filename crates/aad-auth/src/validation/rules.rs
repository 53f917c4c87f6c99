//! The rules: pure functions over typed claims. Each rule has a number, its source, and a
//! rejection of its own.

use std::time::Duration;

use super::{
    Claims, TokenKind,
    rejection::{Code, Reason, Rejection},
    rules_audience::{check_access_audience, check_audience},
    rules_binding::{check_auth_time, check_confirmation, check_hashes, check_nonce},
    rules_issuer::{check_identity, check_issuer},
    rules_time::check_times,
};
use crate::{
    clock::Timestamp,
    config::{AllowedTenants, Guid, Tenant},
    provider::Issuer,
};

/// What a token must say: what the provider announces, what configuration allows, and what is
/// expected of this kind of token.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The issuer in the metadata.
    pub issuer: &'a Issuer,
    /// The tenant in the issuer, where it names one.
    pub tenant: Option<&'a Guid>,
    /// The tenant segment of the authority; none for a generic provider.
    pub authority: Option<&'a Tenant>,
    /// Whether `tid` and `oid` must be there.
    pub directory_claims: bool,
    /// The application (`AAD_CLIENT_ID`).
    pub client_id: &'a str,
    /// Audiences that an ID or logout token may carry beside it (`AAD_TRUSTED_AUDIENCES`).
    pub trusted_audiences: &'a [Box<str>],
    /// `AAD_ALLOWED_TENANTS`.
    pub tenants: &'a AllowedTenants,
    /// `AAD_CLOCK_LEEWAY`.
    pub leeway: Duration,
    /// The kind of token.
    pub token: TokenRules<'a>,
}

/// What is expected of one kind of token.
#[derive(Clone, Copy)]
pub enum TokenRules<'a> {
    /// An ID token.
    Id(ExpectedIdToken<'a>),
    /// An access token for our API.
    Access(AccessTokenRules<'a>),
    /// A logout token.
    Logout,
}

/// What an ID token must match.
#[derive(Clone, Copy)]
pub struct ExpectedIdToken<'a> {
    /// The nonce.
    pub nonce: ExpectedNonce<'a>,
    /// The access token that came with it, which `at_hash` must match when it is there.
    pub access_token: Option<&'a str>,
    /// The code that was redeemed, which `c_hash` must match when it is there.
    pub code: Option<&'a str>,
    /// `max_age`, when it was asked for.
    pub max_age: Option<Duration>,
}

/// The nonce that an ID token must carry.
#[derive(Clone, Copy)]
pub enum ExpectedNonce<'a> {
    /// At sign-in: exactly this one.
    Exactly(&'a str),
    /// At a refresh: none, or the one of the sign-in (OpenID Connect Core 1.0 section 12.2);
    /// where that one was not kept, none.
    NoneOr(Option<&'a str>),
}

/// What an access token for our API must match.
#[derive(Clone, Copy)]
pub struct AccessTokenRules<'a> {
    /// `AAD_API_AUDIENCE`: any of these.
    pub audiences: &'a [Box<str>],
    /// The issuer of v1 tokens, when they are accepted.
    pub v1_issuer: Option<&'a Issuer>,
    /// Whether the header said `at+jwt` (RFC 9068), which no ID token does.
    pub typed_as_access_token: bool,
}

impl TokenRules<'_> {
    /// The kind.
    pub const fn kind(&self) -> TokenKind {
        match self {
            Self::Id(_) => TokenKind::Id,
            Self::Access(_) => TokenKind::Access,
            Self::Logout => TokenKind::Logout,
        }
    }
}

/// Checks the claims. PURE.
///
/// 1. `iss` is the announced issuer (OpenID Connect Core 1.0 section 3.1.3.7 step 2).
/// 2. `tid`, `oid`, `sub`, `ver` are there and fit the authority (Entra "claims validation").
/// 3. `aud` is us (step 3); 4. `azp` is us (steps 4 and 5).
/// 5. `exp`, 6. `nbf`, 7. `iat`, 8. the lifetime are plausible (steps 9 and 10).
/// 9. `nonce` (step 11), 10. `at_hash`, `c_hash` (section 3.1.3.8), 11. `auth_time` (step 13).
/// 12. The token is not of another kind (RFC 8725 section 3.12).
/// 16. A bearer token is bound to no key (RFC 9449 section 7.2, RFC 8705 section 3).
/// 13. The tenant is allowed: last, since only the holder of a genuine token is told.
///
/// # Errors
/// The first rule that is broken.
pub fn check(claims: &Claims, rules: &Rules<'_>, now: Timestamp) -> Result<(), Rejection> {
    check_kind(claims, rules)?;
    check_issuer(claims, rules)?;
    check_identity(claims, rules)?;
    match &rules.token {
        TokenRules::Access(access) => check_access_audience(claims, access)?,
        TokenRules::Id(_) | TokenRules::Logout => check_audience(claims, rules)?,
    }
    check_times(claims, rules, now)?;
    if let TokenRules::Id(expected) = &rules.token {
        check_nonce(claims, expected)?;
        check_hashes(claims, expected)?;
        check_auth_time(claims, expected, rules.leeway, now)?;
    }
    if let TokenRules::Access(_) = &rules.token {
        check_confirmation(claims)?;
    }
    check_tenant(claims, rules)
}

/// Rule 12. ID tokens carry no logout event; access and logout tokens no nonce; access tokens name
/// the client that asked for them, which Entra's ID tokens do not.
fn check_kind(claims: &Claims, rules: &Rules<'_>) -> Result<(), Rejection> {
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

/// Rule 13.
fn check_tenant(claims: &Claims, rules: &Rules<'_>) -> Result<(), Rejection> {
    let multi_tenant = rules.authority.is_some_and(Tenant::is_multi_tenant);
    let allowed = !multi_tenant
        || claims
            .tid
            .as_ref()
            .is_some_and(|tid| rules.tenants.may_allow(tid.as_str()));
    if allowed {
        Ok(())
    } else {
        Err(Rejection::new(Code::TenantNotAllowed, Reason::NotAllowed))
    }
}

/// What is known of the key that a token names.
#[derive(Clone, Copy)]
pub struct KeyFacts<'a> {
    /// The key's own issuer.
    pub issuer: Option<&'a Issuer>,
    /// The key's own cloud.
    pub cloud_instance_name: Option<&'a str>,
    /// The metadata's cloud.
    pub announced_cloud: Option<&'a str>,
}

/// Checks that the key may sign for the token's issuer and cloud. PURE; `claims` have passed
/// [`check`].
///
/// 14. The key's issuer is the token's, or for v1 tokens the same tenant's v2 issuer (Entra
///     "access tokens", validate the signing key issuer). A key without issuer is accepted unless
///     the authority is multi-tenant.
/// 15. The key's cloud is the metadata's, where both are named (IdentityModel IDX40012).
///
/// # Errors
/// The first rule that is broken.
pub fn check_key(claims: &Claims, rules: &Rules<'_>, key: &KeyFacts<'_>) -> Result<(), Rejection> {
    let tid = claims.tid.as_ref().map(super::Tid::as_str);
    let iss = claims.iss.as_deref().unwrap_or_default();
    let own = match key.issuer {
        Some(issuer) => issuer.accepts(iss, tid) || signs_for_v1(issuer, tid, rules),
        None if rules.issuer.is_template() => {
            return Err(Rejection::new(Code::KeyIssuer, Reason::Missing));
        }
        None => true,
    };
    if !own {
        return Err(Rejection::new(Code::KeyIssuer, Reason::Mismatch));
    }
    match (key.cloud_instance_name, key.announced_cloud) {
        (Some(key), Some(announced)) if key != announced => {
            Err(Rejection::new(Code::KeyCloud, Reason::Mismatch))
        }
        _ => Ok(()),
    }
}

/// v1 and v2 tokens are signed with the same keys, whose issuer is the v2 one. That the token's
/// own issuer is right, rule 1 has checked.
fn signs_for_v1(key: &Issuer, tid: Option<&str>, rules: &Rules<'_>) -> bool {
    let v1_enabled = matches!(
        rules.token,
        TokenRules::Access(AccessTokenRules {
            v1_issuer: Some(_),
            ..
        })
    );
    v1_enabled && tid.is_some_and(|tid| key.for_tenant(tid) == rules.issuer.for_tenant(tid))
}
