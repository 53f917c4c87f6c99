//! What the userinfo endpoint says of a user.

use super::{
    Groups, ProviderKind, Roles, Sub,
    claim_values::{groups, shown},
    json::Kept,
    raw_claims::{Known, RawClaims},
    roles::Paths,
    surrogates::without_lone_surrogates,
};
use crate::{config::RolesClaim, secret::Pii};

/// The claims of a userinfo response (OpenID Connect Core 1.0 section 5.3.2) that a session may
/// remember. It is not signed: it counts where it is of the ID token's subject, and only for claims that
/// the ID token does not have. It has no `Debug`: claims are personal.
#[derive(Clone)]
#[non_exhaustive]
pub struct Userinfo {
    /// `sub`
    pub sub: Sub,
    /// `name`
    pub name: Option<Pii>,
    /// `preferred_username`
    pub preferred_username: Option<Pii>,
    /// `email`
    pub email: Option<Pii>,
    /// The roles in those of the claims that hold roles which the ID token does not have.
    pub roles: Roles,
    /// `groups`
    pub groups: Groups,
}

impl Userinfo {
    /// Reads a response, and of the claims that hold roles those at `paths`. `Err` says what is wrong
    /// with it, in our own words.
    ///
    /// # Errors
    /// When it is no JSON object, has a claim twice, or has no usable `sub`.
    pub(crate) fn parse(
        body: &[u8],
        claim: &RolesClaim,
        provider: ProviderKind,
        paths: Paths,
    ) -> Result<Self, &'static str> {
        let repaired = without_lone_surrogates(body);
        let body = repaired.as_deref().unwrap_or(body);
        let mut raw = RawClaims::parse(body, claim)
            .map_err(|_| "it is no JSON object, or has a claim twice")?;
        // First: what else reads a claim takes it away.
        let (roles, _) = Roles::read(&raw, claim, provider, paths);
        let raw = &mut raw;
        let sub = raw.take(Known::Sub).and_then(Kept::into_text);
        let sub = sub.and_then(|text| Sub::parse(&text));
        Ok(Self {
            sub: sub.ok_or("`sub` is missing or is no text")?,
            name: shown(raw, Known::Name).map(Pii::new),
            preferred_username: shown(raw, Known::PreferredUsername).map(Pii::new),
            email: shown(raw, Known::Email).map(Pii::new),
            roles,
            groups: groups(raw),
        })
    }
}
