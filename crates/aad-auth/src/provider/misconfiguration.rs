//! Failures that waiting does not mend.

use serde::{Deserialize, Serialize};

/// A failure that waiting does not mend: a setting, or what the provider publishes, has to change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Misconfiguration {
    /// The provider knows no such tenant, domain or user flow.
    Tenant,
    /// There is no metadata document or key set at the address.
    Address,
    /// The metadata document cannot be used.
    Document,
    /// The metadata document announces another issuer.
    Issuer,
    /// The metadata document names endpoints that may not be called.
    Endpoints,
    /// The key set cannot be used.
    Keys,
    /// The provider takes no credential that the application has.
    ClientAuth,
    /// The provider takes pushed authorization requests only.
    PushedRequests,
    /// The provider takes signed request objects only.
    SignedRequests,
    /// The provider does not offer S256.
    ChallengeMethod,
    /// The provider signs ID tokens with algorithms that are not accepted.
    SigningAlgorithm,
    /// The provider does not offer the authorization code flow.
    ResponseType,
    /// The provider does not offer the response mode that is asked for.
    ResponseMode,
    /// There is no userinfo endpoint, although it is to be asked.
    Userinfo,
}

impl Misconfiguration {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Tenant => "AAD-PROVIDER-TENANT",
            Self::Address => "AAD-PROVIDER-ADDRESS",
            Self::Document => "AAD-METADATA-MALFORMED",
            Self::Issuer => "AAD-METADATA-ISSUER",
            Self::Endpoints => "AAD-METADATA-ENDPOINT",
            Self::Keys => "AAD-KEYS-UNUSABLE",
            Self::ClientAuth => "AAD-CREDENTIAL-UNUSABLE",
            Self::PushedRequests => "AAD-PROVIDER-PAR",
            Self::SignedRequests => "AAD-PROVIDER-JAR",
            Self::ChallengeMethod => "AAD-PROVIDER-PKCE",
            Self::SigningAlgorithm => "AAD-PROVIDER-ALG",
            Self::ResponseType => "AAD-PROVIDER-RESPONSE-TYPE",
            Self::ResponseMode => "AAD-PROVIDER-RESPONSE-MODE",
            Self::Userinfo => "AAD-PROVIDER-USERINFO",
        }
    }
}
