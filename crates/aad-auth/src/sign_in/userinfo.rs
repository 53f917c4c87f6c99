//! Calls the userinfo endpoint in a sign-in (`AAD_USERINFO`).

use std::time::Duration;

use super::{Engine, Refusal};
use crate::{
    grant::{TokenResponse, UserinfoError},
    provider::Metadata,
    session::UserSnapshot,
    validation::IdToken,
};

impl Engine {
    /// Completes the user with the claims of userinfo.
    pub(super) async fn complete(
        &self,
        user: UserSnapshot,
        metadata: &Metadata,
        response: &TokenResponse,
        id_token: &IdToken,
    ) -> Result<UserSnapshot, Refusal> {
        let info = self.userinfo.request(metadata, response, id_token).await?;
        Ok(user.completed(id_token, info))
    }
}

impl From<UserinfoError> for Refusal {
    fn from(error: UserinfoError) -> Self {
        if error.is_outage() {
            tracing::warn!(%error, "a sign-in could not be completed, because userinfo does not answer");
            return Self::ProviderUnavailable {
                retry_after: Duration::from_secs(5),
            };
        }
        Self::UserinfoUnusable(error.to_string())
    }
}
