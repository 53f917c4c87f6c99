//! The rules: pure functions over typed claims. Each rule has a number, a source, and its own
//! rejection.

use super::{
    Claims, Rules, TokenRules,
    rejection::{Code, Reason, Rejection},
    rules_audience::{check_access_audience, check_audience},
    rules_binding::{check_auth_time, check_confirmation, check_hashes, check_nonce},
    rules_issuer::{check_identity, check_issuer},
    rules_kind::check_kind,
    rules_time::check_times,
};
use crate::{clock::Timestamp, config::Tenant};

/// Checks the claims. A pure function.
///
/// 1. `iss` is the announced issuer (OpenID Connect Core 1.0 section 3.1.3.7 step 2).
/// 2. `tid`, `oid`, `sub`, `ver` are present and match the authority (Entra "claims validation").
/// 3. `aud` is the application (step 3); 4. `azp` is the application (steps 4 and 5).
/// 5. `exp`, 6. `nbf`, 7. `iat`, 8. the lifetime are plausible (steps 9 and 10).
/// 9. `nonce` (step 11), 10. `at_hash`, `c_hash` (section 3.1.3.8), 11. `auth_time` (step 13).
/// 12. The token is not of another kind (RFC 8725 section 3.12).
/// 16. A bearer token is not bound to a key (RFC 9449 section 7.2, RFC 8705 section 3).
/// 13. The tenant is allowed. Checked last, since only a client with a genuine token gets this answer.
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

/// Rule 13. Applies to multi-tenant authorities.
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
