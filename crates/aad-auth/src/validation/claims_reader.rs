//! From JSON to typed claims: wrong types are refused where a rule reads the claim, and count as
//! absent elsewhere. JSON `null` is absence.

use serde_json::Value;

use super::{
    Claims, Oid, Roles, Sub, Tid, TokenKind,
    claim_values::{audiences, date, groups, scopes, shown, text, text_if, texts, typed_if},
    json::Kept,
    raw_claims::{Known, RawClaims},
    rejection::{Code, Reason, Rejection},
    roles::Paths,
};
use crate::{
    config::{AuthorityKind, RolesClaim},
    secret::Pii,
};

/// Whose token it is, and of which kind: decides which claims a rule reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reading<'a> {
    /// The kind of token.
    pub kind: TokenKind,
    /// Whose token it is.
    pub provider: ProviderKind,
    /// The claims that hold roles (`AAD_ROLES_CLAIM`).
    pub roles: &'a RolesClaim,
}

/// Which private claims a provider's tokens have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProviderKind {
    /// Entra ID and External ID: `tid`, `oid`, `ver`, `appid` and `idtyp` are read by rules.
    Entra,
    /// A user flow of Azure AD B2C: `tid` and `oid` count where they can be read.
    UserFlow,
    /// Any other: claims of these names mean something else, and are not read. An attribute that
    /// users choose may stand in one. `tid` is kept where it is a GUID: keys of Entra ID, used
    /// as any provider, name an issuer with the tenant's place left open.
    Generic,
}

impl From<&AuthorityKind> for ProviderKind {
    fn from(authority: &AuthorityKind) -> Self {
        match authority {
            AuthorityKind::Entra { .. } => Self::Entra,
            AuthorityKind::UserFlow { .. } => Self::UserFlow,
            AuthorityKind::Generic { .. } => Self::Generic,
        }
    }
}

impl Claims {
    /// Reads a decoded payload.
    ///
    /// # Errors
    /// When it is ambiguous, or a claim that a rule reads has a wrong type: such a claim must never
    /// count as absent (abuse B11).
    pub fn parse(payload: &[u8], reading: Reading<'_>) -> Result<Self, Rejection> {
        let Reading {
            kind,
            provider,
            roles,
        } = reading;
        let mut raw = RawClaims::parse(payload, roles)?;
        // First: what else reads a claim takes it away.
        let (roles, unsaid_roles) = Roles::read(&raw, roles, provider, Paths::ALL);
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
            Known::Oid,
            Code::ObjectId,
            Oid::parse,
        )?;
        let user_flow = provider == ProviderKind::UserFlow;
        let (sub, placeholder_subject) = subject(raw, oid.as_ref().filter(|_| user_flow))?;
        Ok(Self {
            iss: text(raw, Known::Iss, Code::Issuer)?,
            aud: audiences(raw)?,
            sub,
            placeholder_subject,
            tid: typed_if(directory_claims, raw, Known::Tid, Code::Tenant, Tid::parse)?,
            oid,
            exp: date(raw, Known::Exp, Code::Expiry)?,
            nbf: date(raw, Known::Nbf, Code::NotBefore)?,
            iat: date(raw, Known::Iat, Code::IssuedAt)?,
            // Without a moment `max_age` is refused: absence is never taken for a fresh one.
            auth_time: date(raw, Known::AuthTime, Code::AuthTime).unwrap_or_default(),
            jti: text_if(logout, raw, Known::Jti, Code::TokenId)?,
            ver: text_if(directory_claims, raw, Known::Ver, Code::Version)?,
            nonce: text(raw, Known::Nonce, Code::Nonce)?,
            azp: text(raw, Known::Azp, Code::AuthorizedParty)?,
            appid: text_if(entra_access, raw, Known::Appid, Code::AuthorizedParty)?,
            client_id: text_if(access, raw, Known::ClientId, Code::AuthorizedParty)?,
            azpacr: shown(raw, Known::Azpacr),
            at_hash: text(raw, Known::AtHash, Code::AccessTokenHash)?,
            c_hash: text(raw, Known::CHash, Code::CodeHash)?,
            idtyp: text_if(entra_access, raw, Known::Idtyp, Code::Claim)?,
            scopes: if access { scopes(raw)? } else { None },
            bound_to_key: raw.take(Known::Cnf).is_some(),
            roles,
            granted_roles,
            unsaid_roles,
            wids: texts(raw, Known::Wids).unwrap_or_default(),
            groups: groups(raw),
            acr: shown(raw, Known::Acr),
            acrs: texts(raw, Known::Acrs).unwrap_or_default(),
            xms_cc: texts(raw, Known::XmsCc).unwrap_or_default(),
            sid: text_if(logout, raw, Known::Sid, Code::Claim)?,
            login_hint: shown(raw, Known::LoginHint),
            tfp: shown(raw, Known::Tfp),
            name: shown(raw, Known::Name).map(Pii::new),
            preferred_username: shown(raw, Known::PreferredUsername).map(Pii::new),
            email: shown(raw, Known::Email).map(Pii::new),
            logout_event: raw.take(Known::Events).map(|events| {
                let event = events
                    .as_value()
                    .and_then(|events| events.get(LOGOUT_EVENT));
                event.is_some_and(Value::is_object)
            }),
        })
    }
}

/// Takes away the claims that mean something else at this provider.
fn drop_private_claims(raw: &mut RawClaims<'_>, provider: ProviderKind) {
    let private: &[Known] = match provider {
        ProviderKind::Entra => &[],
        ProviderKind::UserFlow => &[Known::Ver, Known::Appid, Known::Idtyp],
        ProviderKind::Generic => &[Known::Ver, Known::Appid, Known::Idtyp, Known::Oid],
    };
    for claim in private {
        let _ = raw.take(*claim);
    }
}

/// `sub`. Azure AD B2C writes the same text for everybody where a user flow's "Subject (sub) claim"
/// is "Not supported"; its other setting writes the object id there, which is the subject then too,
/// so that a user keeps one key when the setting changes. Other providers get no `oid`: there it may
/// be the user's choice, and so may `sub`.
fn subject(raw: &mut RawClaims<'_>, oid: Option<&Oid>) -> Result<(Option<Sub>, bool), Rejection> {
    match raw.take(Known::Sub) {
        Some(Kept::Text(text)) if is_placeholder(&text) => {
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

/// `Not supported currently. Use oid claim.`, however it is spaced, dotted or capitalised.
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
