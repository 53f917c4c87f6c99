//! The userinfo endpoint, called when `AAD_USERINFO` asks for it (OpenID Connect Core 1.0
//! section 5.3).

use std::time::Duration;

use super::{Engine, Refusal};
use crate::{
    grant::{TokenResponse, UserinfoError, UserinfoRequest, userinfo},
    provider::Metadata,
    transport::Purpose,
    validation::{IdToken, Roles, Sub},
};

impl Engine {
    /// Asks the userinfo endpoint, which must speak of the same subject as the ID token, for the
    /// roles of the user.
    pub(super) async fn ask_userinfo(
        &self,
        metadata: &Metadata,
        response: &TokenResponse,
        id_token: &IdToken,
    ) -> Result<Roles, Refusal> {
        let asked = UserinfoRequest {
            purpose: Purpose::Userinfo,
            endpoint: metadata.userinfo_endpoint.as_ref(),
            access_token: response.access_token.as_ref(),
            subject: id_token.sub().map(Sub::as_str),
            roles: &self.config.roles_claim,
        };
        let roles = userinfo(&self.transport, asked).await;
        roles.map_err(|error| match error {
            UserinfoError::Transport(_) => Refusal::ProviderUnavailable {
                retry_after: Duration::from_secs(5),
            },
            UserinfoError::BadAccessToken => {
                Refusal::ProviderBroken("the access token cannot stand in a header".to_owned())
            }
            _ => Refusal::UserinfoMismatch,
        })
    }
}
