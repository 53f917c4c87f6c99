//! Reasons why no sign-in can succeed.

use super::Misconfiguration;

/// A reason why no user can sign in: a sentence for the operator, with the remedy.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// The provider supports no client authentication method of the configured credential.
    #[error(
        "the provider offers {0} for client authentication, and this application has a client \
         secret: allow client_secret_post or client_secret_basic for it there, or set \
         AAD_CLIENT_AUTH to the method if the provider accepts a secret anyway"
    )]
    ClientAuth(String),
    /// The provider requires pushed authorization requests (RFC 9126).
    #[error(
        "the provider accepts pushed authorization requests only (RFC 9126), which this application \
         does not send: switch require_pushed_authorization_requests off there; no setting here \
         helps"
    )]
    PushedRequests,
    /// The provider requires signed request objects (RFC 9101).
    #[error(
        "the provider accepts signed request objects only (RFC 9101), which this application does \
         not send: switch require_signed_request_object off there; no setting here helps"
    )]
    SignedRequests,
    /// The provider does not support the PKCE method S256 (RFC 7636).
    #[error(
        "the provider offers {0} for PKCE and not S256, which every sign-in here uses (RFC 7636): \
         allow S256 there; no setting here helps"
    )]
    ChallengeMethod(String),
    /// The provider signs ID tokens with no accepted algorithm.
    #[error(
        "the provider signs ID tokens with {offered}, which AAD_SIGNING_ALGORITHMS does not name: {remedy}"
    )]
    SigningAlgorithm {
        /// The algorithms in the metadata, at most eight.
        offered: String,
        /// The setting that helps, or that none does.
        remedy: String,
    },
    /// The provider does not support the authorization code flow.
    #[error(
        "the provider offers the response types {0} and not code: allow the authorization code \
         flow there; no setting here helps"
    )]
    ResponseType(String),
    /// The settings require `form_post`, and the provider does not support it.
    #[error(
        "AAD_RESPONSE_MODE is form_post, and the provider offers {0} only: set \
         AAD_RESPONSE_MODE=query"
    )]
    ResponseMode(String),
    /// `AAD_USERINFO` is on, and there is no userinfo endpoint.
    #[error("AAD_USERINFO is on, and the provider's metadata has no usable userinfo_endpoint: {0}")]
    Userinfo(String),
}

impl Obstacle {
    /// The misconfiguration that causes it.
    pub const fn misconfiguration(&self) -> Misconfiguration {
        match self {
            Self::ClientAuth(_) => Misconfiguration::ClientAuth,
            Self::PushedRequests => Misconfiguration::PushedRequests,
            Self::SignedRequests => Misconfiguration::SignedRequests,
            Self::ChallengeMethod(_) => Misconfiguration::ChallengeMethod,
            Self::SigningAlgorithm { .. } => Misconfiguration::SigningAlgorithm,
            Self::ResponseType(_) => Misconfiguration::ResponseType,
            Self::ResponseMode(_) => Misconfiguration::ResponseMode,
            Self::Userinfo(_) => Misconfiguration::Userinfo,
        }
    }
}

/// The remedy where no offered algorithm is accepted. `other` is an offered one that a setting can
/// allow.
pub(super) fn remedy(other: Option<&str>) -> String {
    match other {
        Some(name) => format!("set AAD_SIGNING_ALGORITHMS={name}"),
        None => "no setting here helps; configure the provider to sign with RS256, PS256 or ES256"
            .into(),
    }
}
