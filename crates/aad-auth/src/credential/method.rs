//! The methods of client authentication that are built in.

use std::{fmt, str::FromStr};

use super::CredentialError;

/// How a client secret travels to the token endpoint (OpenID Connect Core section 9).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthMethod {
    /// In the form body.
    ClientSecretPost,
    /// As HTTP Basic, id and secret form-encoded before base64 (RFC 6749 section 2.3.1).
    ClientSecretBasic,
}

impl AuthMethod {
    const PREFERENCE: [Self; 2] = [Self::ClientSecretPost, Self::ClientSecretBasic];

    /// The name in metadata and in `AAD_CLIENT_AUTH`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretBasic => "client_secret_basic",
        }
    }

    /// The method to use: the configured one, else what the metadata's
    /// `token_endpoint_auth_methods_supported` offers, post first; `client_secret_basic` when it
    /// says nothing (the default of RFC 8414 section 2).
    ///
    /// # Errors
    /// [`CredentialError::NoCommonMethod`] when the metadata offers neither.
    pub fn choose(
        configured: Option<Self>,
        offered: Option<&[String]>,
    ) -> Result<Self, CredentialError> {
        match (configured, offered) {
            (Some(method), _) => Ok(method),
            (None, None) => Ok(Self::ClientSecretBasic),
            (None, Some(offered)) => Self::PREFERENCE
                .into_iter()
                .find(|method| offered.iter().any(|name| name == method.name()))
                .ok_or(CredentialError::NoCommonMethod),
        }
    }
}

impl fmt::Display for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AuthMethod {
    type Err = CredentialError;

    /// Reads the value of `AAD_CLIENT_AUTH`.
    fn from_str(text: &str) -> Result<Self, CredentialError> {
        Self::PREFERENCE
            .into_iter()
            .find(|method| method.name() == text)
            .ok_or(CredentialError::UnknownMethod)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_provider_that_takes_no_secret_is_refused() {
        for names in [&["private_key_jwt"][..], &["none"], &[]] {
            assert_eq!(
                AuthMethod::choose(None, Some(&offered(names))),
                Err(CredentialError::NoCommonMethod)
            );
        }
    }

    #[test]
    fn an_unknown_method_is_refused() {
        for text in ["none", "", "Client_Secret_Post", "client_secret_jwt"] {
            assert_eq!(
                text.parse::<AuthMethod>(),
                Err(CredentialError::UnknownMethod)
            );
        }
    }

    #[test]
    fn post_comes_first_and_silence_means_basic() {
        let both = offered(&["client_secret_basic", "client_secret_post"]);
        let basic = offered(&["private_key_jwt", "client_secret_basic"]);
        let choose = AuthMethod::choose;
        assert_eq!(choose(None, Some(&both)), Ok(AuthMethod::ClientSecretPost));
        assert_eq!(
            choose(None, Some(&basic)),
            Ok(AuthMethod::ClientSecretBasic)
        );
        assert_eq!(choose(None, None), Ok(AuthMethod::ClientSecretBasic));
    }

    #[test]
    fn the_configured_method_is_not_overruled_by_the_metadata() {
        let configured = "client_secret_post".parse().ok();
        let basic = offered(&["client_secret_basic"]);
        assert_eq!(
            AuthMethod::choose(configured, Some(&basic)),
            Ok(AuthMethod::ClientSecretPost)
        );
    }
}
