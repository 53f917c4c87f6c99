//! Rules 1 and 2: the issuer, the tenant and the subject.

use super::{
    Claims, Rules, Tid, TokenRules,
    rejection::{Code, Reason, Rejection},
};
use crate::config::Tenant;

/// Rule 1. Compares the issuer character by character. A template uses the token's own tenant, which must be
/// a GUID, so that the first path segment is the tenant.
pub(super) fn check_issuer(claims: &Claims, rules: &Rules<'_>) -> Result<(), Rejection> {
    let reject = |reason| Err(Rejection::new(Code::Issuer, reason));
    let Some(iss) = claims.iss.as_deref() else {
        return reject(Reason::Missing);
    };
    if rules.directory_claims && claims.tid.is_none() && !matches!(rules.token, TokenRules::Logout)
    {
        return Err(Rejection::new(Code::Tenant, Reason::Missing));
    }
    let tid = claims.tid.as_ref().map(Tid::as_str);
    let expected = match &rules.token {
        TokenRules::Access(access) if rules.directory_claims => match claims.ver.as_deref() {
            Some("2.0") => Some(rules.issuer),
            Some("1.0") => access.v1_issuer,
            Some(_) => None,
            None => return Err(Rejection::new(Code::Version, Reason::Missing)),
        },
        // The crate uses the v2.0 endpoint only, which issues v2.0 ID tokens.
        TokenRules::Id(_)
            if rules.directory_claims && claims.ver.as_deref().is_some_and(|ver| ver != "2.0") =>
        {
            None
        }
        _ => Some(rules.issuer),
    };
    let Some(expected) = expected else {
        return Err(Rejection::new(Code::Version, Reason::NotAllowed));
    };
    if expected.accepts(iss, tid) {
        Ok(())
    } else {
        reject(Reason::Mismatch)
    }
}

/// Rule 2. The tenant equals the one in the issuer, the authority allows it, and the user has a key.
pub(super) fn check_identity(claims: &Claims, rules: &Rules<'_>) -> Result<(), Rejection> {
    if let (Some(tenant), Some(tid)) = (rules.tenant, &claims.tid)
        && tid.guid() != tenant
    {
        return Err(Rejection::new(Code::Tenant, Reason::Mismatch));
    }
    let personal = claims
        .tid
        .as_ref()
        .is_some_and(|tid| tid.as_str() == Tenant::CONSUMER_ID);
    if personal && matches!(rules.authority, Some(Tenant::Organizations)) {
        return Err(Rejection::new(Code::Tenant, Reason::NotAllowed));
    }
    if matches!(rules.token, TokenRules::Logout) {
        return Ok(());
    }
    if claims.sub.is_none() && claims.placeholder_subject {
        return Err(Rejection::new(Code::PlaceholderSubject, Reason::Missing));
    }
    if claims.sub.is_none() {
        return Err(Rejection::new(Code::Subject, Reason::Missing));
    }
    if rules.directory_claims && claims.oid.is_none() {
        return Err(Rejection::new(Code::ObjectId, Reason::Missing));
    }
    Ok(())
}
