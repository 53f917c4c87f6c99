//! Roles from the userinfo endpoint, which a refresh asks again.

use super::{AcquireError, Acquirer};
use crate::{
    grant::{TokenResponse, UserinfoError, UserinfoRequest, userinfo},
    provider::Metadata,
    session::UserSnapshot,
    transport::Purpose,
    validation::Roles,
};

impl Acquirer {
    /// What the userinfo endpoint says of the roles, where it is asked at the sign-in too: roles that
    /// only it lists would otherwise be gone with the first refresh. Where it refuses to answer, it is
    /// unknown which roles there are.
    pub(super) async fn roles_of(
        &self,
        user: &UserSnapshot,
        metadata: &Metadata,
        response: &TokenResponse,
    ) -> Result<Option<Roles>, AcquireError> {
        let Some(claim) = &self.userinfo else {
            return Ok(None);
        };
        let asked = UserinfoRequest {
            purpose: Purpose::Refresh,
            endpoint: metadata.userinfo_endpoint.as_ref(),
            access_token: response.access_token.as_ref(),
            subject: Some(&user.sub),
            roles: claim,
        };
        match userinfo(&self.transport, asked).await {
            Ok(roles) => Ok(Some(roles)),
            Err(UserinfoError::OtherSubject) => {
                tracing::error!("userinfo speaks of another user than the refresh: refused");
                Err(AcquireError::Broken)
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(
                    ?error,
                    "userinfo does not answer: what is known of a user stays"
                );
                Err(AcquireError::unavailable(5))
            }
            Err(error) => {
                tracing::warn!(
                    ?error,
                    "userinfo refuses to answer: a user's roles are unknown"
                );
                Ok(Some(Roles::unknown()))
            }
        }
    }
}
