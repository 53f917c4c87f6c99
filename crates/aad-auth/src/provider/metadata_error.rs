//! Why a metadata document is refused.

use std::fmt;

/// An endpoint that metadata names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Endpoint {
    /// `authorization_endpoint`
    Authorization,
    /// `token_endpoint`
    Token,
    /// `jwks_uri`
    Keys,
    /// `end_session_endpoint`
    EndSession,
    /// `userinfo_endpoint`
    Userinfo,
    /// `revocation_endpoint`
    Revocation,
}

impl Endpoint {
    /// The member's name.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Authorization => "authorization_endpoint",
            Self::Token => "token_endpoint",
            Self::Keys => "jwks_uri",
            Self::EndSession => "end_session_endpoint",
            Self::Userinfo => "userinfo_endpoint",
            Self::Revocation => "revocation_endpoint",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.member())
    }
}

/// Why a metadata document is refused: a sentence for the operator, with the remedy. What it
/// quotes of the document has been checked to be short printable ASCII.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// Not a JSON object.
    #[error(
        "the metadata document is not a valid OpenID Connect document: check AAD_AUTHORITY_HOST \
         and AAD_TENANT_ID, or AAD_AUTHORITY"
    )]
    Malformed,
    /// A member comes twice.
    #[error("the metadata document has {0} twice: readers may take either")]
    Doubled(String),
    /// A needed member is missing or empty, or has another type.
    #[error(
        "the metadata document has no usable {0}: check AAD_AUTHORITY_HOST and AAD_TENANT_ID, or \
         AAD_AUTHORITY"
    )]
    Member(&'static str),
    /// `issuer` is not text that an issuer can be.
    #[error("the issuer in the metadata document is malformed")]
    IssuerMalformed,
    /// `issuer` is not one that this authority may announce.
    #[error(
        "the metadata document announces the issuer {found}, but this authority must announce \
         {expected}"
    )]
    IssuerMismatch {
        /// What would be accepted.
        expected: String,
        /// What the document says.
        found: String,
    },
    /// An endpoint is not https (or http on loopback), or not a plain address.
    #[error("{0} in the metadata document is not a plain https address")]
    Insecure(Endpoint),
    /// A needed endpoint is at a host that is not expected.
    #[error(
        "the metadata document names endpoints at other hosts; if they are your provider's, set \
         AAD_ENDPOINT_HOSTS={hosts}"
    )]
    ForeignHosts {
        /// The hosts, ready for `AAD_ENDPOINT_HOSTS`.
        hosts: String,
    },
}

impl MetadataError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed | Self::Doubled(_) | Self::Member(_) => "AAD-METADATA-MALFORMED",
            Self::IssuerMalformed | Self::IssuerMismatch { .. } => "AAD-METADATA-ISSUER",
            Self::Insecure(_) => "AAD-METADATA-INSECURE",
            Self::ForeignHosts { .. } => "AAD-METADATA-HOST",
        }
    }
}
