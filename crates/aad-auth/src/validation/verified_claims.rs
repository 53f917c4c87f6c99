//! Claims of a token whose signature and rules were checked.

use std::fmt;

use serde_json::{Map, Value};

use super::{Claims, Groups, Oid, Sub, Tid, UserKey};
use crate::{clock::Timestamp, secret::Pii};

/// The claims of a verified token.
pub struct VerifiedClaims {
    claims: Box<Claims>,
    payload: Box<[u8]>,
    directory_claims: bool,
}

impl VerifiedClaims {
    pub(super) const fn new(
        claims: Box<Claims>,
        payload: Box<[u8]>,
        directory_claims: bool,
    ) -> Self {
        Self {
            claims,
            payload,
            directory_claims,
        }
    }

    pub(super) const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The approximate size in memory, in bytes.
    pub(super) fn size(&self) -> usize {
        // The typed claims hold a second copy of the texts in the payload.
        self.payload.len() * 2 + size_of::<Self>() + size_of::<Claims>()
    }

    /// The key under which the application may store data of this user. `None` in a logout token that
    /// names a session only.
    pub fn user_key(&self) -> Option<UserKey> {
        if self.directory_claims {
            let (tid, oid) = (self.claims.tid.clone()?, self.claims.oid.clone()?);
            return Some(UserKey::Directory { tid, oid });
        }
        Some(UserKey::Subject {
            iss: self.claims.iss.clone()?,
            sub: self.claims.sub.clone()?,
        })
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        self.claims.iss.as_deref().unwrap_or_default()
    }

    /// The subject.
    pub const fn sub(&self) -> Option<&Sub> {
        self.claims.sub.as_ref()
    }

    /// The tenant (`tid`). Always present with an Entra authority.
    pub const fn tid(&self) -> Option<&Tid> {
        self.claims.tid.as_ref()
    }

    /// The object id (`oid`). Always present with an Entra authority.
    pub const fn oid(&self) -> Option<&Oid> {
        self.claims.oid.as_ref()
    }

    /// The name, for display only.
    pub const fn name(&self) -> Option<&Pii> {
        self.claims.name.as_ref()
    }

    /// The user name, for display only.
    pub const fn preferred_username(&self) -> Option<&Pii> {
        self.claims.preferred_username.as_ref()
    }

    /// The e-mail address, for display only: it is not verified.
    pub const fn email(&self) -> Option<&Pii> {
        self.claims.email.as_ref()
    }

    /// Roles, from the claims that `AAD_ROLES_CLAIM` names.
    pub fn roles(&self) -> &[Box<str>] {
        self.claims.roles.listed()
    }

    /// Whether there may be roles that [`Self::roles`] does not list ([`Roles::is_incomplete`](super::Roles::is_incomplete)).
    pub const fn roles_are_incomplete(&self) -> bool {
        self.claims.roles.is_incomplete()
    }

    /// The roles, with the notice that there may be more.
    pub(crate) const fn all_roles(&self) -> &super::Roles {
        &self.claims.roles
    }

    /// The paths of `AAD_ROLES_CLAIM` at which the token has no value.
    pub(crate) const fn absent_role_paths(&self) -> super::RolePaths {
        self.claims.absent_role_paths
    }

    /// Ids of directory roles (`wids`).
    pub fn directory_roles(&self) -> &[Box<str>] {
        &self.claims.wids
    }

    /// The groups in the token, or the notice that there are too many.
    pub const fn groups(&self) -> &Groups {
        &self.claims.groups
    }

    /// Authentication contexts that are satisfied (`acrs`).
    pub fn auth_contexts(&self) -> &[Box<str>] {
        &self.claims.acrs
    }

    /// The session at the provider (`sid`).
    pub fn sid(&self) -> Option<&str> {
        self.claims.sid.as_deref()
    }

    /// When the user authenticated (`auth_time`).
    pub fn auth_time(&self) -> Option<Timestamp> {
        self.claims.auth_time.map(super::NumericDate::timestamp)
    }

    /// When it was issued.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.claims.iat.map(super::NumericDate::timestamp)
    }

    /// When it expires, without leeway.
    pub fn expires_at(&self) -> Timestamp {
        self.claims
            .exp
            .map(super::NumericDate::timestamp)
            .unwrap_or_default()
    }

    /// All claims as they were signed, for a page that shows them to the user. Decisions belong to the
    /// typed claims.
    pub fn claim_map(&self) -> Map<String, Value> {
        // The payload was read before, under the same limits.
        serde_json::from_slice(&self.payload).unwrap_or_default()
    }
}

impl fmt::Debug for VerifiedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedClaims([personal])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::{TokenKind, test_claims::at_entra};

    #[test]
    fn its_size_is_the_frames_and_the_payload_twice() {
        let size = |payload: &[u8]| {
            let claims = Claims::parse(payload, at_entra(TokenKind::Id)).unwrap();
            VerifiedClaims::new(Box::new(claims), payload.into(), true).size()
        };
        let frames = size_of::<VerifiedClaims>() + size_of::<Claims>();
        assert_eq!(size(b"{}"), frames + 4);
        assert_eq!(size(br#"{"a":1}"#), size(b"{}") + 10);
    }
}
