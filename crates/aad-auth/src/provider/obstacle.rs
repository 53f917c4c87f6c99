//! What stands in the way of every sign-in.

use super::Misconfiguration;

/// Why no sign-in can succeed for any user: a sentence for the operator, with the remedy.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// No client authentication that the application has a credential for.
    #[error(
        "the provider offers {0} for client authentication, and this application has a client \
         secret: allow client_secret_post or client_secret_basic for it there, or set \
         AAD_CLIENT_AUTH to the method if the provider takes a secret nevertheless"
    )]
    ClientAuth(String),
    /// RFC 9126.
    #[error(
        "the provider takes pushed authorization requests only (RFC 9126), which this application \
         does not send: switch require_pushed_authorization_requests off there; no setting here \
         helps"
    )]
    PushedRequests,
    /// RFC 9101.
    #[error(
        "the provider takes signed request objects only (RFC 9101), which this application does \
         not send: switch require_signed_request_object off there; no setting here helps"
    )]
    SignedRequests,
    /// RFC 7636.
    #[error(
        "the provider offers {0} for PKCE and not S256, which every sign-in here uses (RFC 7636): \
         allow S256 there; no setting here helps"
    )]
    ChallengeMethod(String),
    /// No algorithm of its ID tokens is accepted.
    #[error(
        "the provider signs ID tokens with {offered}, which AAD_SIGNING_ALGORITHMS does not name: {remedy}"
    )]
    SigningAlgorithm {
        /// The algorithms in the metadata.
        offered: String,
        /// What helps.
        remedy: String,
    },
    /// No authorization code flow.
    #[error(
        "the provider offers the response types {0} and not code: allow the authorization code \
         flow there; no setting here helps"
    )]
    ResponseType(String),
    /// `form_post` is asked for and not offered.
    #[error(
        "AAD_RESPONSE_MODE asks for form_post, and the provider offers {0} only: set \
         AAD_RESPONSE_MODE=query"
    )]
    ResponseMode(String),
    /// `AAD_USERINFO` has nothing to ask.
    #[error("AAD_USERINFO is on, and the provider's metadata has no usable userinfo_endpoint: {0}")]
    Userinfo(String),
}

impl Obstacle {
    /// What has to change.
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
