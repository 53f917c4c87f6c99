//! Token responses: the body that openidconnect reads, and the checked response.

use std::{fmt, time::Duration};

use openidconnect::{
    AccessToken, EmptyAdditionalClaims, IdToken, OAuth2TokenResponse, RefreshToken, Scope,
    TokenType,
    core::{CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

use crate::secret::Secret;

use super::{BrokenAnswer, lifetime::Lifetime};

/// The lifetime of an access token without `expires_in`, which RFC 6749 section 5.1 only recommends: short
/// enough to be safe, long enough to avoid a refresh at each page.
const ASSUMED_LIFETIME: Duration = Duration::from_secs(600);
const MAX_TOKEN: usize = 128 * 1024;
const MAX_SCOPES: usize = 256;

/// A successful token response with a checked form. Its `Debug` shows no token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenResponse {
    /// The access token, opaque to the client. `None` where the scopes name no API, and the provider then
    /// issues none, as Azure AD B2C does.
    pub access_token: Option<Secret>,
    /// The raw ID token, not yet verified.
    pub id_token: Option<Secret>,
    /// The new refresh token. `None`: the old one stays in use (RFC 6749 section 6).
    pub refresh_token: Option<Secret>,
    /// The lifetime of the access token from now. At most seven days; ten minutes without `expires_in`.
    pub expires_in: Duration,
    /// The recommended time until a refresh, from now (Entra's `refresh_in`).
    #[cfg_attr(
        not(feature = "unstable-internals"),
        expect(dead_code, reason = "only tests read it")
    )]
    pub refresh_in: Option<Duration>,
    /// The granted scopes. `None` where they are the requested ones.
    pub scopes: Option<Vec<String>>,
}

/// The members that the crate reads. Others are skipped. `null` and an empty text count as absent.
#[derive(Deserialize)]
pub(super) struct TokenBody {
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

/// The members of [`TokenBody`], for naming the one that is wrong without quoting the provider.
pub(super) const MEMBERS: [&str; 7] = [
    "access_token",
    "token_type",
    "expires_in",
    "refresh_in",
    "refresh_token",
    "id_token",
    "scope",
];

/// The empty token in place of none, since openidconnect's trait requires one.
fn no_access_token() -> AccessToken {
    AccessToken::new(String::new())
}

fn token_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccessToken, D::Error> {
    let token = Option::<AccessToken>::deserialize(deserializer)?;
    Ok(token.unwrap_or_else(no_access_token))
}

/// Reads a lifetime. An empty text counts as absent.
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

impl TokenBody {
    /// Checks that the token is a bearer token, and that its characters are allowed in header fields and
    /// forms (RFC 6749 appendix A, RFC 6750 section 2.1).
    pub(super) fn check(self) -> Result<TokenResponse, BrokenAnswer> {
        let lifetime = |Lifetime(duration)| duration;
        let access_token = present(self.access_token.into_secret());
        let kind = self.token_type.map(|AnyTokenType(kind)| kind);
        let kind = kind.filter(|kind| !kind.is_empty());
        // `token_type` describes the access token. Without an access token it may be absent.
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
            // Unchecked: the verifier refuses a malformed token, and names the broken rule.
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

/// `None` for an empty text, which counts as absent.
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

impl OAuth2TokenResponse for TokenBody {
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
    > for TokenBody
{
    /// Always `None`: the crate's own verifier reads the raw ID token. Otherwise a claim of an unexpected type
    /// would make the whole response unreadable.
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

impl fmt::Debug for TokenBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token response]")
    }
}

impl Serialize for TokenBody {
    /// The trait requires it. An error, so that no token is serialised.
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("a token response is not serialised"))
    }
}
