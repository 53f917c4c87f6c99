//! Failures that only a change of settings or of the provider ends.

use serde::{Deserialize, Serialize};

/// A failure that lasts until a setting or the provider changes.
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
    /// The provider accepts no credential of the application.
    ClientAuth,
    /// The provider requires pushed authorization requests.
    PushedRequests,
    /// The provider requires signed request objects.
    SignedRequests,
    /// The provider does not support S256.
    ChallengeMethod,
    /// The provider signs ID tokens with algorithms that are not accepted.
    SigningAlgorithm,
    /// The provider does not support the authorization code flow.
    ResponseType,
    /// The provider does not support the configured response mode.
    ResponseMode,
    /// There is no userinfo endpoint, and `AAD_USERINFO` is on.
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
