//! Errors of client credentials.

/// Why the application cannot authenticate itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// There is no credential, or an empty one.
    #[error(
        "no client credential: a server application is a confidential client; set \
         AAD_CLIENT_SECRET to the Value (not the Secret ID) of a client secret"
    )]
    Missing,
    /// There are more than four secrets.
    #[error("AAD_CLIENT_SECRET holds more than four secrets: remove those that have expired")]
    TooMany,
    /// The text cannot be a client secret.
    #[error(
        "AAD_CLIENT_SECRET holds a secret with characters that no client secret has, with blanks \
         around it, or of more than 1024 characters: copy the Value again"
    )]
    MalformedSecret,
    /// The provider's metadata has no client authentication method with a secret.
    #[error(
        "the provider's metadata offers neither client_secret_post nor client_secret_basic: if it \
         accepts a secret anyway, set AAD_CLIENT_AUTH to the method"
    )]
    NoCommonMethod,
}

/// The provider refused every client credential: what happened, and the remedy.
pub(crate) const CREDENTIAL_REFUSED: &str = "the provider refused the client credential: renew \
    AAD_CLIENT_SECRET, or set AAD_CLIENT_AUTH to the method that the client is registered for";
