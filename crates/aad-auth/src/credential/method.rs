//! Which method of client authentication a secret travels by.

use crate::{config::ClientAuth, provider::ClientAuthMethod};

use super::CredentialError;

/// In order of preference: the form body leaves no header for proxies to log.
const METHODS: [(ClientAuthMethod, ClientAuth); 2] = [
    (ClientAuthMethod::ClientSecretPost, ClientAuth::SecretPost),
    (ClientAuthMethod::ClientSecretBasic, ClientAuth::SecretBasic),
];

/// The configured method (`AAD_CLIENT_AUTH`), else what the metadata offers, post first. Metadata
/// that says nothing has been read as `client_secret_basic` already.
pub(super) fn choose(
    configured: Option<ClientAuth>,
    offered: &[ClientAuthMethod],
) -> Result<ClientAuth, CredentialError> {
    configured
        .or_else(|| {
            let usable = METHODS.iter().find(|(name, _)| offered.contains(name));
            usable.map(|(_, method)| *method)
        })
        .ok_or(CredentialError::NoCommonMethod)
}

#[cfg(test)]
mod tests {
    use super::*;

    use ClientAuthMethod::{ClientSecretBasic, ClientSecretPost, PrivateKeyJwt};

    #[test]
    fn a_provider_that_takes_no_secret_is_refused() {
        for offered in [&[PrivateKeyJwt][..], &[]] {
            assert_eq!(choose(None, offered), Err(CredentialError::NoCommonMethod));
        }
    }

    #[test]
    fn post_comes_first() {
        let both = [PrivateKeyJwt, ClientSecretBasic, ClientSecretPost];
        assert_eq!(choose(None, &both), Ok(ClientAuth::SecretPost));
        assert_eq!(choose(None, &both[..2]), Ok(ClientAuth::SecretBasic));
    }

    #[test]
    fn the_configured_method_is_not_overruled_by_the_metadata() {
        let configured = Some(ClientAuth::SecretPost);
        assert_eq!(
            choose(configured, &[ClientSecretBasic]),
            Ok(ClientAuth::SecretPost)
        );
    }
}
