//! Reads typed claims from JSON. A wrong type is refused where a rule reads the claim, and counts as
//! absent elsewhere. JSON `null` counts as absent.

use serde_json::Value;

use super::{
    Claims, ClaimsContext, Oid, ProviderKind, RolePaths, Roles, Sub, Tid, TokenKind,
    claim_values::{audiences, date, groups, scopes, shown, text, text_if, texts, typed_if},
    json::BorrowedValue,
    raw_claims::{KnownClaim, RawClaims},
    rejection::{Code, Reason, Rejection},
};
use crate::secret::Pii;

impl Claims {
    /// Reads a decoded payload.
    ///
    /// # Errors
    /// When the payload is ambiguous, or a claim that a rule reads has a wrong type: such a claim must
    /// not count as absent (abuse B11).
    pub fn parse(payload: &[u8], context: ClaimsContext<'_>) -> Result<Self, Rejection> {
        let ClaimsContext {
            kind,
            provider,
            roles,
        } = context;
        let mut raw = RawClaims::parse(payload, roles)?;
        // Roles first: the other readers remove the claims that they read.
        let (roles, absent_role_paths) = Roles::read(&raw, roles, provider, RolePaths::ALL);
        let granted_roles = roles.are_granted(&raw, provider);
        let raw = &mut raw;
        let directory_claims = provider == ProviderKind::Entra;
        drop_private_claims(raw, provider);
        let access = kind == TokenKind::Access;
        let logout = kind == TokenKind::Logout;
        let entra_access = access && directory_claims;
        let oid = typed_if(
            directory_claims,
            raw,
            KnownClaim::Oid,
            Code::ObjectId,
            Oid::parse,
        )?;
        let user_flow = provider == ProviderKind::UserFlow;
        let (sub, placeholder_subject) = subject(raw, oid.as_ref().filter(|_| user_flow))?;
        Ok(Self {
            iss: text(raw, KnownClaim::Iss, Code::Issuer)?,
            aud: audiences(raw)?,
            sub,
            placeholder_subject,
            tid: typed_if(
                directory_claims,
                raw,
                KnownClaim::Tid,
                Code::Tenant,
                Tid::parse,
            )?,
            oid,
            exp: date(raw, KnownClaim::Exp, Code::Expiry)?,
            nbf: date(raw, KnownClaim::Nbf, Code::NotBefore)?,
            iat: date(raw, KnownClaim::Iat, Code::IssuedAt)?,
            // `max_age` refuses an absent time, so that an unreadable one is no risk.
            auth_time: date(raw, KnownClaim::AuthTime, Code::AuthTime).unwrap_or_default(),
            jti: text_if(logout, raw, KnownClaim::Jti, Code::TokenId)?,
            ver: text_if(directory_claims, raw, KnownClaim::Ver, Code::Version)?,
            nonce: text(raw, KnownClaim::Nonce, Code::Nonce)?,
            azp: text(raw, KnownClaim::Azp, Code::AuthorizedParty)?,
            appid: text_if(entra_access, raw, KnownClaim::Appid, Code::AuthorizedParty)?,
            client_id: text_if(access, raw, KnownClaim::ClientId, Code::AuthorizedParty)?,
            azpacr: shown(raw, KnownClaim::Azpacr),
            at_hash: text(raw, KnownClaim::AtHash, Code::AccessTokenHash)?,
            c_hash: text(raw, KnownClaim::CHash, Code::CodeHash)?,
            idtyp: text_if(entra_access, raw, KnownClaim::Idtyp, Code::Claim)?,
            scopes: if access { scopes(raw)? } else { None },
            bound_to_key: raw.take(KnownClaim::Cnf).is_some(),
            roles,
            granted_roles,
            absent_role_paths,
            wids: texts(raw, KnownClaim::Wids).unwrap_or_default(),
            groups: groups(raw),
            acr: shown(raw, KnownClaim::Acr),
            acrs: texts(raw, KnownClaim::Acrs).unwrap_or_default(),
            xms_cc: texts(raw, KnownClaim::XmsCc).unwrap_or_default(),
            sid: text_if(logout, raw, KnownClaim::Sid, Code::Claim)?,
            login_hint: shown(raw, KnownClaim::LoginHint),
            tfp: shown(raw, KnownClaim::Tfp),
            name: shown(raw, KnownClaim::Name).map(Pii::new),
            preferred_username: shown(raw, KnownClaim::PreferredUsername).map(Pii::new),
            email: shown(raw, KnownClaim::Email).map(Pii::new),
            logout_event: logout_event(raw),
        })
    }
}

/// Whether `events` names a back-channel logout. `None` without `events`.
fn logout_event(raw: &mut RawClaims<'_>) -> Option<bool> {
    let events = raw.take(KnownClaim::Events)?;
    let event = events
        .as_value()
        .and_then(|events| events.get(LOGOUT_EVENT));
    Some(event.is_some_and(Value::is_object))
}

/// Removes the claims that have another meaning at this provider.
fn drop_private_claims(raw: &mut RawClaims<'_>, provider: ProviderKind) {
    let private: &[KnownClaim] = match provider {
        ProviderKind::Entra => &[],
        ProviderKind::UserFlow => &[KnownClaim::Ver, KnownClaim::Appid, KnownClaim::Idtyp],
        ProviderKind::Generic => &[
            KnownClaim::Ver,
            KnownClaim::Appid,
            KnownClaim::Idtyp,
            KnownClaim::Oid,
        ],
    };
    for claim in private {
        let _ = raw.take(*claim);
    }
}

/// Reads `sub`. Azure AD B2C sends the same text for every user where a user flow's "Subject (sub)
/// claim" is "Not supported". Its other setting sends the object id. So `oid` replaces that text, and a
/// user keeps one key when the setting changes. At other providers users may choose `oid` and `sub`:
/// there `oid` is not used.
fn subject(raw: &mut RawClaims<'_>, oid: Option<&Oid>) -> Result<(Option<Sub>, bool), Rejection> {
    match raw.take(KnownClaim::Sub) {
        Some(BorrowedValue::Text(text)) if is_placeholder(&text) => {
            Ok((oid.and_then(|oid| Sub::parse(oid.as_str())), true))
        }
        kept => {
            let malformed = Rejection::new(Code::Subject, Reason::Malformed);
            let sub = kept
                .map(|kept| {
                    let text = kept.into_text();
                    text.and_then(|text| Sub::parse(&text)).ok_or(malformed)
                })
                .transpose()?;
            Ok((sub, false))
        }
    }
}

/// Whether `sub` begins with `Not supported currently`, with any case, spaces and punctuation.
fn is_placeholder(sub: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    let mut letters = sub
        .bytes()
        .filter(plain)
        .map(|byte| byte.to_ascii_lowercase());
    PLACEHOLDER.bytes().all(|byte| letters.next() == Some(byte))
}

const PLACEHOLDER: &str = "notsupportedcurrently";

const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[cfg(test)]
#[path = "claims_reader_tests.rs"]
mod tests;
