//! What the userinfo endpoint says of a user.

use super::{
    Groups, Sub,
    claim_values::{groups, roles, shown},
    raw_claims::{Known, RawClaims},
};
use crate::secret::Pii;

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
    /// App roles, from the claim in which an ID token has them.
    pub roles: Option<Vec<Box<str>>>,
    /// `groups`
    pub groups: Groups,
}

impl Userinfo {
    /// Reads a response. `Err` says what is wrong with it, in our own words.
    ///
    /// # Errors
    /// When it is no JSON object, has a claim twice, or has no usable `sub`.
    pub fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let mut raw =
            RawClaims::parse(body).map_err(|_| "it is no JSON object, or has a claim twice")?;
        let raw = &mut raw;
        let sub = raw.take(Known::Sub).and_then(super::json::Kept::into_text);
        let sub = sub.and_then(|text| Sub::parse(&text));
        Ok(Self {
            sub: sub.ok_or("`sub` is missing or is no text")?,
            name: shown(raw, Known::Name).map(Pii::new),
            preferred_username: shown(raw, Known::PreferredUsername).map(Pii::new),
            email: shown(raw, Known::Email).map(Pii::new),
            roles: roles(raw),
            groups: groups(raw),
        })
    }
}
