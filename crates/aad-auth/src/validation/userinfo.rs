//! The claims of a userinfo response.

use super::{
    Groups, ProviderKind, RolePaths, Roles, Sub,
    claim_values::{groups, shown},
    json::BorrowedValue,
    raw_claims::{KnownClaim, RawClaims},
    surrogates::without_lone_surrogates,
};
use crate::{config::RolesClaim, secret::Pii};

/// The claims of a userinfo response (OpenID Connect Core 1.0 section 5.3.2) that a session stores. The
/// response is not signed. It counts for the subject of the ID token only, and only for claims that the ID
/// token does not have. No `Debug`: claims are personal.
#[derive(Clone)]
pub(crate) struct Userinfo {
    /// `sub`
    pub(crate) sub: Sub,
    /// `name`
    pub(crate) name: Option<Pii>,
    /// `preferred_username`
    pub(crate) preferred_username: Option<Pii>,
    /// `email`
    pub(crate) email: Option<Pii>,
    /// The roles, from the paths of `AAD_ROLES_CLAIM` that the ID token does not have.
    pub(crate) roles: Roles,
    /// `groups`
    pub(crate) groups: Groups,
}

impl Userinfo {
    /// Reads a response, with the roles at `paths`.
    ///
    /// # Errors
    /// The problem, without text of the provider: no JSON object, a claim twice, or no usable `sub`.
    pub(crate) fn parse(
        body: &[u8],
        claim: &RolesClaim,
        provider: ProviderKind,
        paths: RolePaths,
    ) -> Result<Self, &'static str> {
        let repaired = without_lone_surrogates(body);
        let body = repaired.as_deref().unwrap_or(body);
        let mut raw = RawClaims::parse(body, claim)
            .map_err(|_| "it is no JSON object, or has a claim twice")?;
        // Roles first: the other readers remove the claims that they read.
        let (roles, _) = Roles::read(&raw, claim, provider, paths);
        let raw = &mut raw;
        let sub = raw.take(KnownClaim::Sub).and_then(BorrowedValue::into_text);
        let sub = sub.and_then(|text| Sub::parse(&text));
        Ok(Self {
            sub: sub.ok_or("`sub` is missing or is no text")?,
            name: shown(raw, KnownClaim::Name).map(Pii::new),
            preferred_username: shown(raw, KnownClaim::PreferredUsername).map(Pii::new),
            email: shown(raw, KnownClaim::Email).map(Pii::new),
            roles,
            groups: groups(raw),
        })
    }
}
