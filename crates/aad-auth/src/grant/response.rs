//! A token response: the wire form that openidconnect reads, and the one that we hand out.

use std::{fmt, time::Duration};

use openidconnect::{
    AccessToken, EmptyAdditionalClaims, IdToken, OAuth2TokenResponse, RefreshToken, Scope,
    TokenType,
    core::{CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

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
    /// The access token: opaque, unless the API is ours. `None` where the scopes name no API and the
    /// provider makes none then, as Azure AD B2C does.
    pub access_token: Option<Secret>,
    /// The raw ID token, not yet verified.
    pub id_token: Option<Secret>,
    /// The refresh token, which replaces the one before. When there is none, the old one stays
    /// in use (RFC 6749 section 6).
    pub refresh_token: Option<Secret>,
    /// How long the access token lives from now; at most seven days, ten minutes when the
    /// provider does not say.
    pub expires_in: Duration,
    /// When the provider would like it to be refreshed, from now (Entra's `refresh_in`).
    #[cfg_attr(
        not(feature = "unstable-internals"),
        expect(dead_code, reason = "only tests read it")
    )]
    pub refresh_in: Option<Duration>,
    /// The granted scopes; `None` when they are the ones asked for.
    pub scopes: Option<Vec<String>>,
}

/// The members that are read; all others are skipped without being kept. `null` is absence, and so
/// is an empty text.
#[derive(Deserialize)]
pub(super) struct Body {
    #[serde(default = "no_access_token", deserialize_with = "token_or_none")]
    access_token: AccessToken,
    #[serde(default)]
    token_type: Option<AnyTokenType>,
    #[serde(default, deserialize_with = "lifetime")]
    expires_in: Option<Lifetime>,
    #[serde(default, deserialize_with = "lifetime")]
    refresh_in: Option<Lifetime>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    scope: Option<ScopeMember>,
}

/// A text of scopes separated by blanks (RFC 6749 section 3.3), or an array of scopes.
#[derive(Deserialize)]
#[serde(untagged)]
enum ScopeMember {
    Text(String),
    Array(Vec<String>),
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

/// openidconnect's trait wants one: the empty one stands for none.
fn no_access_token() -> AccessToken {
    AccessToken::new(String::new())
}

fn token_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccessToken, D::Error> {
    let token = Option::<AccessToken>::deserialize(deserializer)?;
    Ok(token.unwrap_or_else(no_access_token))
}

/// A lifetime; an empty text is none.
fn lifetime<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Lifetime>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Member {
        Known(Lifetime),
        Text(String),
    }
    match Option::<Member>::deserialize(deserializer)? {
        Some(Member::Known(lifetime)) => Ok(Some(lifetime)),
        Some(Member::Text(text)) if text.is_empty() => Ok(None),
        Some(Member::Text(_)) => Err(serde::de::Error::custom("not a lifetime in seconds")),
        None => Ok(None),
    }
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
        let lifetime = |Lifetime(duration)| duration;
        let access_token = present(self.access_token.into_secret());
        let kind = self.token_type.map(|AnyTokenType(kind)| kind);
        let kind = kind.filter(|kind| !kind.is_empty());
        // It speaks of the access token. Without one it may be left out, but not be something else.
        let is_bearer = kind
            .as_deref()
            .map(|kind| kind.eq_ignore_ascii_case("bearer"));
        if !is_bearer.unwrap_or(access_token.is_none()) {
            return Err(BrokenAnswer::Member("token_type"));
        }
        let refresh_token = self.refresh_token.map(RefreshToken::into_secret);
        let id_token = self.id_token.and_then(present);
        if access_token.is_none() && id_token.is_none() {
            return Err(BrokenAnswer::Member("access_token"));
        }
        Ok(TokenResponse {
            access_token: access_token
                .map(|text| token("access_token", text))
                .transpose()?,
            // Whatever it is: what is no token, the verifier refuses, and says which rule it broke.
            id_token: id_token.map(Secret::from),
            refresh_token: refresh_token
                .and_then(present)
                .map(|text| token("refresh_token", text))
                .transpose()?,
            expires_in: self.expires_in.map_or(ASSUMED_LIFETIME, lifetime),
            refresh_in: self.refresh_in.map(lifetime),
            scopes: match self.scope {
                Some(ScopeMember::Text(text)) => {
                    present(text).map(|text| scopes(&text)).transpose()?
                }
                Some(ScopeMember::Array(members)) => Some(scopes(&members.join(" "))?),
                None => None,
            },
        })
    }
}

/// An empty text is absence.
fn present(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
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
        static NONE: AnyTokenType = AnyTokenType(String::new());
        self.token_type.as_ref().unwrap_or(&NONE)
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
