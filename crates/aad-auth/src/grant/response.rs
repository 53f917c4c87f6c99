//! A token response: the wire form that openidconnect reads, and the one that we hand out.

use std::{fmt, time::Duration};

use openidconnect::{
    AccessToken, EmptyAdditionalClaims, IdToken, OAuth2TokenResponse, RefreshToken, Scope,
    TokenType,
    core::{CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, Serialize, Serializer, ser};

use crate::secret::Secret;

use super::{BrokenAnswer, lifetime::Lifetime};

/// Assumed when the provider does not say how long the access token lives (`expires_in` is only
/// recommended by RFC 6749 section 5.1): short enough to be safe, long enough not to ask anew at
/// each page.
const ASSUMED_LIFETIME: Duration = Duration::from_secs(600);
const MAX_TOKEN: usize = 128 * 1024;
const MAX_SCOPES: usize = 256;

/// A successful answer of the token endpoint, checked for form. Its `Debug` shows no token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenResponse {
    /// The access token: opaque, unless the API is ours.
    pub access_token: Secret,
    /// The raw ID token, not yet verified.
    pub id_token: Option<Secret>,
    /// The refresh token, which replaces the one before. When there is none, the old one stays
    /// in use (RFC 6749 section 6).
    pub refresh_token: Option<Secret>,
    /// How long the access token lives from now; at most seven days, ten minutes when the
    /// provider does not say.
    pub expires_in: Duration,
    /// When the provider would like it to be refreshed, from now (Entra's `refresh_in`).
    pub refresh_in: Option<Duration>,
    /// The granted scopes; `None` when they are the ones asked for.
    pub scopes: Option<Vec<String>>,
}

/// The members that are read; all others are skipped without being kept.
#[derive(Deserialize)]
pub(super) struct Body {
    #[serde(default = "no_access_token")]
    access_token: AccessToken,
    #[serde(default)]
    token_type: AnyTokenType,
    #[serde(default)]
    expires_in: Option<Lifetime>,
    #[serde(default)]
    refresh_in: Option<Lifetime>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    scope: Option<String>,
}

/// The members of [`Body`], for naming the one that is wrong without quoting the provider.
pub(super) const MEMBERS: [&str; 7] = [
    "access_token",
    "token_type",
    "expires_in",
    "refresh_in",
    "refresh_token",
    "id_token",
    "scope",
];

/// An absent member is refused by [`Body::check`], which can name it; serde could not.
fn no_access_token() -> AccessToken {
    AccessToken::new(String::new())
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct AnyTokenType(String);

impl TokenType for AnyTokenType {}

impl Body {
    /// Checks what the types do not: that the token is a bearer token, and that what will be put
    /// into header fields and forms is made of the characters that may stand there (RFC 6749
    /// appendix A, RFC 6750 section 2.1).
    pub(super) fn check(self) -> Result<TokenResponse, BrokenAnswer> {
        if !self.token_type.0.eq_ignore_ascii_case("bearer") {
            return Err(BrokenAnswer::Member("token_type"));
        }
        let lifetime = |Lifetime(duration)| duration;
        Ok(TokenResponse {
            access_token: token("access_token", self.access_token.into_secret())?,
            // Whatever it is: what is no token, the verifier refuses, and says which rule it broke.
            id_token: self.id_token.map(Secret::from),
            refresh_token: self
                .refresh_token
                .map(|raw| token("refresh_token", raw.into_secret()))
                .transpose()?,
            expires_in: self.expires_in.map_or(ASSUMED_LIFETIME, lifetime),
            refresh_in: self.refresh_in.map(lifetime),
            scopes: self.scope.map(|scope| scopes(&scope)).transpose()?,
        })
    }
}

fn token(member: &'static str, text: String) -> Result<Secret, BrokenAnswer> {
    let visible = |byte: u8| (0x21..0x7f).contains(&byte);
    if text.is_empty() || text.len() > MAX_TOKEN || !text.bytes().all(visible) {
        return Err(BrokenAnswer::Member(member));
    }
    Ok(Secret::from(text))
}

fn scopes(text: &str) -> Result<Vec<String>, BrokenAnswer> {
    let visible = |byte: u8| (0x21..0x7f).contains(&byte);
    let scopes: Vec<_> = text
        .split_ascii_whitespace()
        .take(MAX_SCOPES + 1)
        .map(str::to_owned)
        .collect();
    if scopes.len() > MAX_SCOPES || !scopes.iter().all(|scope| scope.bytes().all(visible)) {
        return Err(BrokenAnswer::Member("scope"));
    }
    Ok(scopes)
}

impl OAuth2TokenResponse for Body {
    type TokenType = AnyTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &AnyTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(|Lifetime(duration)| duration)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

impl
    openidconnect::TokenResponse<
        EmptyAdditionalClaims,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    > for Body
{
    /// Always `None`: the raw ID token goes to our own verifier, so that a claim of an unexpected
    /// type does not make the whole answer unreadable.
    fn id_token(
        &self,
    ) -> Option<
        &IdToken<
            EmptyAdditionalClaims,
            CoreGenderClaim,
            CoreJweContentEncryptionAlgorithm,
            CoreJwsSigningAlgorithm,
        >,
    > {
        None
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token response]")
    }
}

impl Serialize for Body {
    /// The trait wants it; tokens must not be written anywhere this way.
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("a token response is not serialised"))
    }
}
