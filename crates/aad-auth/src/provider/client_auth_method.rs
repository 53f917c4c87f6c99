//! Client authentication methods in metadata.

/// A client authentication method of the token endpoint that this crate knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClientAuthMethod {
    /// `client_secret_post`: the secret in the form.
    ClientSecretPost,
    /// `client_secret_basic`: the secret in the `Authorization` header.
    ClientSecretBasic,
    /// `private_key_jwt`: a signed assertion.
    PrivateKeyJwt,
}

impl ClientAuthMethod {
    /// The known methods of `token_endpoint_auth_methods_supported`. Without any entry the method is
    /// `client_secret_basic` (OpenID Connect Discovery 1.0 section 3); an empty list counts as absent
    /// (RFC 8414 section 3.2).
    pub(super) fn supported(methods: Option<&[String]>) -> Vec<Self> {
        match methods.unwrap_or_default() {
            [] => vec![Self::ClientSecretBasic],
            methods => methods
                .iter()
                .filter_map(|method| Self::parse(method))
                .collect(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "client_secret_post" => Some(Self::ClientSecretPost),
            "client_secret_basic" => Some(Self::ClientSecretBasic),
            "private_key_jwt" => Some(Self::PrivateKeyJwt),
            _ => None,
        }
    }
}
