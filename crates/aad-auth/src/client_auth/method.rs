//! By which methods of client authentication a secret may travel.

use crate::{config::ClientAuth, provider::ClientAuthMethod};

use super::CredentialError;

/// In order of preference: the form body leaves no header for proxies to log.
const METHODS: [(ClientAuthMethod, ClientAuth); 2] = [
    (ClientAuthMethod::ClientSecretPost, ClientAuth::SecretPost),
    (ClientAuthMethod::ClientSecretBasic, ClientAuth::SecretBasic),
];

/// The methods that may be tried, the preferred one first: the configured one alone
/// (`AAD_CLIENT_AUTH`), else those that the metadata offers. Metadata that says nothing has been read
/// as `client_secret_basic` already.
///
/// Metadata speaks of the endpoint, and not of this client: Ory Hydra and Authelia offer several
/// methods and register each client for one. So the second one is worth a request when the first is
/// refused.
pub(super) fn usable(
    configured: Option<ClientAuth>,
    offered: &[ClientAuthMethod],
) -> Result<Vec<ClientAuth>, CredentialError> {
    if let Some(method) = configured {
        return Ok(vec![method]);
    }
    let usable = METHODS.iter().filter(|(name, _)| offered.contains(name));
    let methods: Vec<_> = usable.map(|(_, method)| *method).collect();
    if methods.is_empty() {
        return Err(CredentialError::NoCommonMethod);
    }
    Ok(methods)
}

#[cfg(test)]
mod tests {
    use super::*;

    use ClientAuth::{SecretBasic, SecretPost};
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretPost, PrivateKeyJwt};

    #[test]
    fn a_provider_that_takes_no_secret_is_refused() {
        for offered in [&[PrivateKeyJwt][..], &[]] {
            assert_eq!(usable(None, offered), Err(CredentialError::NoCommonMethod));
        }
    }

    #[test]
    fn post_comes_first() {
        let both = [PrivateKeyJwt, ClientSecretBasic, ClientSecretPost];
        assert_eq!(usable(None, &both), Ok(vec![SecretPost, SecretBasic]));
        assert_eq!(usable(None, &both[..2]), Ok(vec![SecretBasic]));
    }

    #[test]
    fn the_configured_method_is_not_overruled_by_the_metadata() {
        let configured = Some(SecretPost);
        for offered in [
            &[ClientSecretBasic][..],
            &[ClientSecretBasic, ClientSecretPost],
        ] {
            assert_eq!(usable(configured, offered), Ok(vec![SecretPost]));
        }
    }
}
