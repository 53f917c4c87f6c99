//! Rules 14 and 15: the key may sign for the token's issuer and cloud.

use super::{
    AccessTokenRules, Claims, Rules, Tid, TokenRules,
    rejection::{Code, Reason, Rejection},
};
use crate::provider::Issuer;

/// The restrictions of the key that a token names.
#[derive(Clone, Copy)]
pub(crate) struct KeyFacts<'a> {
    /// The only issuer whose tokens the key may sign.
    pub(crate) issuer: Option<&'a Issuer>,
    /// The cloud of the key.
    pub(crate) cloud_instance_name: Option<&'a str>,
    /// The cloud in the metadata.
    pub(crate) announced_cloud: Option<&'a str>,
}

/// Checks that the key may sign for the token's issuer and cloud. A pure function. `claims` have passed
/// [`check`](super::check).
///
/// 14. The key's issuer is the token's, or for v1 tokens the same tenant's v2 issuer (Entra
///     "access tokens", validate the signing key issuer). A key without issuer is accepted, unless
///     the authority is multi-tenant.
/// 15. The clouds of key and metadata are equal, where both have one (IdentityModel IDX40012).
///
/// # Errors
/// The first rule that is broken.
pub(crate) fn check_key(
    claims: &Claims,
    rules: &Rules<'_>,
    key: &KeyFacts<'_>,
) -> Result<(), Rejection> {
    let tid = claims.tid.as_ref().map(Tid::as_str);
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

/// Whether a key of the v2.0 issuer may sign this token: v1.0 and v2.0 tokens have the same keys. Rule 1 has
/// checked the token's own issuer.
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
