//! Client authentication methods for a secret.

use crate::{config::ClientAuth, provider::ClientAuthMethod};

use super::CredentialError;

/// The methods in order of preference. With the form body, no proxy logs a header with the secret.
const METHODS: [(ClientAuthMethod, ClientAuth); 2] = [
    (ClientAuthMethod::ClientSecretPost, ClientAuth::SecretPost),
    (ClientAuthMethod::ClientSecretBasic, ClientAuth::SecretBasic),
];

/// The usable methods, the preferred one first: the configured one (`AAD_CLIENT_AUTH`), else those of the
/// metadata. Metadata without methods counts as `client_secret_basic`.
///
/// Metadata describes the endpoint and not this client: Ory Hydra and Authelia support several methods, and
/// register each client for one. So a refusal of the first method justifies an attempt with the second.
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
