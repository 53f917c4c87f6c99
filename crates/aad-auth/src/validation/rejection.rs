//! Why a token is refused.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A refusal: a stable code and a reason. It contains no part of the token.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Rejection {
    /// The stable code, for support and dashboards.
    pub code: Code,
    /// The reason, for support.
    pub reason: Reason,
}

/// The way in which a part of a token is wrong.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Reason {
    /// A required part is missing.
    Missing,
    /// The value is not the expected one.
    Mismatch,
    /// The JSON type, encoding or form is wrong.
    Malformed,
    /// The part appears more than once, also in another case.
    Duplicate,
    /// The time has passed.
    Expired,
    /// The time has not been reached.
    NotYetValid,
    /// The part exceeds its size limit.
    TooLarge,
    /// The settings do not allow the value.
    NotAllowed,
    /// The value is unknown.
    Unknown,
}

impl Reason {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Mismatch => "mismatch",
            Self::Malformed => "malformed",
            Self::Duplicate => "duplicate",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::TooLarge => "too_large",
            Self::NotAllowed => "not_allowed",
            Self::Unknown => "unknown",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $sentence:literal;)*) => {
        /// The part of a token that is wrong.
        #[allow(clippy::enum_variant_names, reason = "`CodeHash` is the claim `c_hash`")]
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, for documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            pub(crate) const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

codes! {
    /// The token as a whole is too large.
    Size = "AAD-TOKEN-SIZE", "the token exceeds the size limit";
    /// The token is not three parts in strict base64url.
    Shape = "AAD-TOKEN-SHAPE", "the token is not a signed JWT of three base64url parts";
    /// The header is not acceptable JSON.
    Header = "AAD-TOKEN-HEADER", "the token's header is not a plain JWS header";
    /// The algorithm is not among the configured ones.
    Algorithm = "AAD-TOKEN-ALG", "the token's algorithm is not in AAD_SIGNING_ALGORITHMS";
    /// The token is of another kind.
    Type = "AAD-TOKEN-TYP", "by its header this is another kind of token";
    /// The header requires an extension.
    Critical = "AAD-TOKEN-CRIT", "the header requires an extension that is not supported";
    /// The key id.
    KeyId = "AAD-TOKEN-KID", "the key that the token names is not in the provider's key set";
    /// The key belongs to another issuer.
    KeyIssuer = "AAD-TOKEN-KEY-ISS", "the signing key may not sign for the token's issuer";
    /// The key belongs to another cloud.
    KeyCloud = "AAD-TOKEN-KEY-CLOUD", "the signing key belongs to another cloud";
    /// The signature.
    Signature = "AAD-TOKEN-SIGNATURE", "the signature does not match the key that the token names";
    /// The claims are not acceptable JSON.
    Claims = "AAD-TOKEN-CLAIMS", "the claims are not a JSON object with unique members";
    /// `iss`
    Issuer = "AAD-TOKEN-ISS", "the issuer is not the one that the provider's metadata announces";
    /// `tid`
    Tenant = "AAD-TOKEN-TID", "the tenant is not the one that the issuer and the authority name";
    /// `oid`
    ObjectId = "AAD-TOKEN-OID", "the user's object id is missing or malformed: AAD_SCOPES must contain profile";
    /// `sub`
    Subject = "AAD-TOKEN-SUB", "the subject is missing, or not 1 to 255 printable ASCII characters without blanks at its ends (OpenID Connect Core 1.0 section 2)";
    /// `sub` is a placeholder, the same for every user.
    PlaceholderSubject = "AAD-TOKEN-SUB-PLACEHOLDER", "the subject is the same text for every user, and there is no object id: in the user flow set the Subject (sub) claim to Resource ID, or add the application claim User's Object ID";
    /// `ver`
    Version = "AAD-TOKEN-VER", "tokens of this version are not accepted: see requestedAccessTokenVersion of the registration";
    /// `aud`
    Audience = "AAD-TOKEN-AUD", "the token was issued for another application: check AAD_CLIENT_ID, for APIs AAD_API_AUDIENCE";
    /// `aud` names further audiences.
    FurtherAudience = "AAD-TOKEN-AUD-OTHERS", "the token names further audiences beside AAD_CLIENT_ID: list them in AAD_TRUSTED_AUDIENCES if they are yours";
    /// `azp`
    AuthorizedParty = "AAD-TOKEN-AZP", "the token was issued to another application";
    /// `exp`
    Expiry = "AAD-TOKEN-EXP", "the token has expired: check the clock if it is fresh";
    /// `nbf`
    NotBefore = "AAD-TOKEN-NBF", "the token is not valid yet: check the clock";
    /// `iat`
    IssuedAt = "AAD-TOKEN-IAT", "the token's time of issue is not plausible: check the clock";
    /// `nonce`
    Nonce = "AAD-TOKEN-NONCE", "the token does not belong to this sign-in";
    /// `at_hash`
    AccessTokenHash = "AAD-TOKEN-AT-HASH", "the ID token does not belong to the access token of the same response";
    /// `c_hash`
    CodeHash = "AAD-TOKEN-C-HASH", "the ID token does not belong to the code";
    /// `auth_time`
    AuthTime = "AAD-TOKEN-AUTH-TIME", "the user's authentication is older than max_age allows";
    /// The token is of another kind, such as an ID token in place of an access token.
    Kind = "AAD-TOKEN-KIND", "the token is of another kind than expected";
    /// `cnf`
    Confirmation = "AAD-TOKEN-CNF", "the token is bound to a key of its holder (cnf), and this application checks no proof of possession: the client must request a plain bearer token, without DPoP, mutual TLS or another proof of possession";
    /// `scp`
    Scope = "AAD-TOKEN-SCP", "the scopes are malformed";
    /// `events`
    Events = "AAD-TOKEN-EVENTS", "the logout event is missing or malformed";
    /// `jti`
    TokenId = "AAD-TOKEN-JTI", "the token's id is missing or malformed";
    /// Any other claim that a rule reads.
    Claim = "AAD-TOKEN-CLAIM", "a claim has a wrong type or form";
    /// The token is genuine, but its tenant is not allowed.
    TenantNotAllowed = "AAD-TENANT-NOT-ALLOWED", "the user's tenant is not in AAD_ALLOWED_TENANTS";
}

impl Rejection {
    pub(crate) const fn new(code: Code, reason: Reason) -> Self {
        Self { code, reason }
    }

    /// The sentence for the operator.
    pub const fn sentence(&self) -> &'static str {
        self.code.sentence()
    }

    /// Whether the token is genuine and its tenant is not allowed. The user then gets a special page, and
    /// can choose another account.
    pub fn is_tenant_not_allowed(&self) -> bool {
        self.code == Code::TenantNotAllowed
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, reason) = (self.code.as_str(), self.reason.as_str());
        write!(f, "{code} ({reason}): {}", self.sentence())
    }
}

impl std::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_of_one_form() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(texts.iter().all(|text| text.starts_with("AAD-T")));
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }

    #[test]
    fn it_tells_the_operator_what_is_wrong_and_where_to_look() {
        assert_eq!(
            Rejection::new(Code::Expiry, Reason::Expired).to_string(),
            "AAD-TOKEN-EXP (expired): the token has expired: check the clock if it is fresh"
        );
    }
}
