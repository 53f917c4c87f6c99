//! Why a metadata document is refused.

use std::fmt;

/// An endpoint in metadata.
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
    /// The name of the metadata member.
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

/// Why a metadata document is refused: a sentence for the operator, with the remedy. Quotations from
/// the document are short printable ASCII.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The document is not a JSON object.
    #[error(
        "the metadata document is not a valid OpenID Connect document: check AAD_AUTHORITY_HOST \
         and AAD_TENANT_ID, or AAD_AUTHORITY"
    )]
    Malformed,
    /// A member appears twice.
    #[error("the metadata document has {0} twice, which is ambiguous")]
    Doubled(String),
    /// A required member is missing or empty, or has another type.
    #[error(
        "the metadata document has no usable {0}: check AAD_AUTHORITY_HOST and AAD_TENANT_ID, or \
         AAD_AUTHORITY"
    )]
    Member(&'static str),
    /// `issuer` is not the text of an issuer.
    #[error("the issuer in the metadata document is malformed")]
    IssuerMalformed,
    /// This authority may not announce this `issuer`.
    #[error(
        "the metadata document announces the issuer {found}, but this authority must announce \
         {expected}{}",
        difference(expected, found)
    )]
    IssuerMismatch {
        /// The accepted issuer.
        expected: String,
        /// The issuer in the document.
        found: String,
    },
    /// An endpoint is not https (or http on loopback), or not a plain address.
    #[error("{0} in the metadata document is not a plain https address")]
    Insecure(Endpoint),
    /// A required endpoint is at an unexpected host.
    #[error(
        "the metadata document names endpoints at other hosts; if they are your provider's, set \
         AAD_ENDPOINT_HOSTS={hosts}"
    )]
    ForeignHosts {
        /// The hosts, in the form of `AAD_ENDPOINT_HOSTS`.
        hosts: String,
    },
}

/// A small difference between the two issuers that a reader may miss, with the remedy.
fn difference(expected: &str, found: &str) -> &'static str {
    let plain = |issuer: &str| {
        let issuer = issuer.trim_end_matches('/');
        let (scheme, rest) = issuer.split_once("://").unwrap_or(("", issuer));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
        let this_machine = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
        let name = if this_machine { "localhost" } else { name };
        (
            scheme.to_owned(),
            name.to_ascii_lowercase(),
            port.to_owned(),
            path.to_owned(),
        )
    };
    let slash = expected.trim_end_matches('/') == found.trim_end_matches('/');
    let (expected, found) = (plain(expected), plain(found));
    if slash {
        "; they differ in the final slash only: write AAD_AUTHORITY exactly as announced"
    } else if expected == found {
        "; they differ in the name of the host only: write AAD_AUTHORITY exactly as announced"
    } else if (&expected.1, &expected.3) == (&found.1, &found.3) {
        "; they differ in scheme or port only: correct AAD_AUTHORITY, or the public address \
         in the provider's own settings (often wrong behind a proxy)"
    } else {
        ""
    }
}

impl MetadataError {
    /// The stable code.
    #[cfg(any(test, feature = "unstable-internals"))]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed | Self::Doubled(_) | Self::Member(_) => "AAD-METADATA-MALFORMED",
            Self::IssuerMalformed | Self::IssuerMismatch { .. } => "AAD-METADATA-ISSUER",
            Self::Insecure(_) => "AAD-METADATA-INSECURE",
            Self::ForeignHosts { .. } => "AAD-METADATA-HOST",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r77_what_is_overlooked_in_two_issuers_is_named() {
        for (expected, found, named) in [
            (
                "https://a.test/x",
                "https://a.test/x/",
                "the final slash only",
            ),
            (
                "https://a.test/x/",
                "https://a.test/x",
                "the final slash only",
            ),
            (
                "http://localhost:5556/dex",
                "http://127.0.0.1:5556/dex",
                "the name of the host only",
            ),
            (
                "http://[::1]:5556",
                "http://localhost:5556/",
                "the name of the host only",
            ),
            (
                "https://A.test/x",
                "https://a.test/x",
                "the name of the host only",
            ),
            ("http://a.test/x", "https://a.test/x", "scheme or port only"),
            (
                "https://a.test:8443/x",
                "https://a.test/x",
                "scheme or port only",
            ),
        ] {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            let error = MetadataError::IssuerMismatch { expected, found };
            let told = error.to_string();
            assert!(told.contains(named), "{told}");
            assert!(told.contains("AAD_AUTHORITY"), "{told}");
        }
        let other = MetadataError::IssuerMismatch {
            expected: "https://a.test".to_owned(),
            found: "https://b.test".to_owned(),
        };
        assert!(!other.to_string().contains("differ"), "{other}");
    }
}
