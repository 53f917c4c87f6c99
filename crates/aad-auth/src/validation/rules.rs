//! The parameters of the rules.

use std::time::Duration;

use super::TokenKind;
use crate::{
    config::{AllowedTenants, Guid, Tenant},
    provider::Issuer,
};

/// The values that a token must match: from the metadata, from the settings, and for its kind.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The issuer in the metadata.
    pub issuer: &'a Issuer,
    /// The tenant in the issuer. `None` where the issuer has none.
    pub tenant: Option<&'a Guid>,
    /// The tenant segment of the authority. `None` for a generic provider.
    pub authority: Option<&'a Tenant>,
    /// Whether `tid` and `oid` are required.
    pub directory_claims: bool,
    /// The client id (`AAD_CLIENT_ID`).
    pub client_id: &'a str,
    /// Audiences that an ID or logout token may have beside the client id (`AAD_TRUSTED_AUDIENCES`).
    pub trusted_audiences: &'a [Box<str>],
    /// `AAD_ALLOWED_TENANTS`.
    pub tenants: &'a AllowedTenants,
    /// `AAD_CLOCK_LEEWAY`.
    pub leeway: Duration,
    /// The values for this kind of token.
    pub token: TokenRules<'a>,
}

/// The values that a token of one kind must match.
#[derive(Clone, Copy)]
pub enum TokenRules<'a> {
    /// An ID token.
    Id(ExpectedIdToken<'a>),
    /// An access token for the application's API.
    Access(AccessTokenRules<'a>),
    /// A logout token.
    Logout,
}

/// The values that an ID token must match.
#[derive(Clone, Copy)]
pub struct ExpectedIdToken<'a> {
    /// The nonce.
    pub nonce: ExpectedNonce<'a>,
    /// The access token of the same response. `at_hash`, if present, must match it.
    pub access_token: Option<&'a str>,
    /// The redeemed code. `c_hash`, if present, must match it.
    pub code: Option<&'a str>,
    /// The requested `max_age`.
    pub max_age: Option<Duration>,
}

/// The nonce that an ID token must have.
#[derive(Clone, Copy)]
pub enum ExpectedNonce<'a> {
    /// At sign-in: exactly this nonce.
    Exactly(&'a str),
    /// At a refresh: no nonce, or the nonce of the sign-in (OpenID Connect Core 1.0 section 12.2). `None`
    /// where that one was not stored.
    NoneOr(Option<&'a str>),
}

/// The values that an access token for the application's API must match.
#[derive(Clone, Copy)]
pub struct AccessTokenRules<'a> {
    /// The accepted audiences (`AAD_API_AUDIENCE`).
    pub audiences: &'a [Box<str>],
    /// The issuer of v1.0 tokens. `None` where they are refused.
    pub v1_issuer: Option<&'a Issuer>,
    /// Whether the header has `at+jwt` (RFC 9068), which no ID token has.
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
