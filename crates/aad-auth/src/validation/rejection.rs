//! Why a token is refused.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A refusal: a stable code and a reason. It never contains the token or any part of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Rejection {
    /// What is wrong: stable, for support and dashboards.
    pub code: Code,
    /// In which way.
    pub reason: Reason,
}

/// In which way something is wrong.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Reason {
    /// It is needed and not there.
    Missing,
    /// It is there and has not the expected value.
    Mismatch,
    /// It is not what it should be: wrong JSON type, encoding or form.
    Malformed,
    /// It stands there more than once, also in another case.
    Duplicate,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is larger than the cap.
    TooLarge,
    /// Configuration does not allow it.
    NotAllowed,
    /// It is not known.
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
        /// What is wrong with a token.
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
    Size = "AAD-TOKEN-SIZE", "the token is larger than the cap";
    /// Not three parts in strict base64url.
    Shape = "AAD-TOKEN-SHAPE", "the token is not a signed JWT of three base64url parts";
    /// The header is not acceptable JSON.
    Header = "AAD-TOKEN-HEADER", "the token's header is not a plain JWS header";
    /// The algorithm is not among the configured ones.
    Algorithm = "AAD-TOKEN-ALG", "the token's algorithm is not in AAD_SIGNING_ALGORITHMS";
    /// The token is of another kind.
    Type = "AAD-TOKEN-TYP", "the header says that this is another kind of token";
    /// A critical extension.
    Critical = "AAD-TOKEN-CRIT", "the header demands an extension that is not supported";
    /// The key's id.
    KeyId = "AAD-TOKEN-KID", "the key that the token names is not in the provider's key set";
    /// The key belongs to another issuer.
    KeyIssuer = "AAD-TOKEN-KEY-ISS", "the signing key may not sign for the token's issuer";
    /// The key belongs to another cloud.
    KeyCloud = "AAD-TOKEN-KEY-CLOUD", "the signing key belongs to another cloud";
    /// The signature.
    Signature = "AAD-TOKEN-SIGNATURE", "the signature was not made with the key that the token names";
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
    /// `sub` is a text for everybody
    PlaceholderSubject = "AAD-TOKEN-SUB-PLACEHOLDER", "the subject is the same text for every user, and there is no object id: in the user flow set the Subject (sub) claim to Resource ID, or add the application claim User's Object ID";
    /// `ver`
    Version = "AAD-TOKEN-VER", "tokens of this version are not accepted: see requestedAccessTokenVersion of the registration";
    /// `aud`
    Audience = "AAD-TOKEN-AUD", "the token was made for another application: check AAD_CLIENT_ID, for APIs AAD_API_AUDIENCE";
    /// `aud` beside ours
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
    Nonce = "AAD-TOKEN-NONCE", "the token was not made for this sign-in";
    /// `at_hash`
    AccessTokenHash = "AAD-TOKEN-AT-HASH", "the ID token does not belong to the access token beside it";
    /// `c_hash`
    CodeHash = "AAD-TOKEN-C-HASH", "the ID token does not belong to the code";
    /// `auth_time`
    AuthTime = "AAD-TOKEN-AUTH-TIME", "the user's authentication is not as fresh as was asked";
    /// An ID token where an access token belongs, and the like.
    Kind = "AAD-TOKEN-KIND", "the token is of another kind than is expected here";
    /// `cnf`
    Confirmation = "AAD-TOKEN-CNF", "the token is bound to a key of its holder (cnf), which is not asked for here: the client must ask for a plain bearer token, without DPoP, mutual TLS or another proof of possession";
    /// `scp`
    Scope = "AAD-TOKEN-SCP", "the scopes are malformed";
    /// `events`
    Events = "AAD-TOKEN-EVENTS", "the logout event is missing or malformed";
    /// `jti`
    TokenId = "AAD-TOKEN-JTI", "the token's id is missing or malformed";
    /// Any other claim that decides something.
    Claim = "AAD-TOKEN-CLAIM", "a claim has a wrong type or form";
    /// Everything is genuine, but this tenant's users are not let in.
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

    /// Whether the token is genuine and only its tenant is not let in: its user gets a page of
    /// its own, and can try another account.
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
