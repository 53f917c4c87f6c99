//! What a sign-in of this application requires of the provider.

use super::ClientAuthMethod;
use crate::config::ResponseMode;

/// What a sign-in requires of the provider, beside an ID token that the crate can verify.
#[derive(Clone, Debug)]
pub struct SignInRequirements {
    /// The client authentication methods that the credential supports. Empty where `AAD_CLIENT_AUTH`
    /// sets the method.
    pub client_auth: Vec<ClientAuthMethod>,
    /// `AAD_RESPONSE_MODE`
    pub response_mode: ResponseMode,
    /// Whether a sign-in calls the userinfo endpoint (`AAD_USERINFO`).
    pub userinfo: bool,
}

impl Default for SignInRequirements {
    /// The requirements of the default settings with a client secret.
    fn default() -> Self {
        Self {
            client_auth: vec![
                ClientAuthMethod::ClientSecretPost,
                ClientAuthMethod::ClientSecretBasic,
            ],
            response_mode: ResponseMode::Query,
            userinfo: false,
        }
    }
}
