//! Userinfo at a refresh: what the sign-in had from it must not be gone with the first refresh.

use super::{AcquireError, Acquirer};
use crate::{
    grant::{TokenResponse, UserinfoError, UserinfoRequest, userinfo},
    provider::Metadata,
    session::{Session, UserSnapshot},
    transport::CallPurpose,
    validation::{IdToken, ProviderKind},
};

impl Acquirer {
    /// Completes the user by userinfo, as in the sign-in. It takes its places from those of refreshes:
    /// sign-ins keep theirs. Where userinfo refuses to answer, it is unknown which roles and groups
    /// there are; names stay as they were.
    pub(super) async fn complete(
        &self,
        user: UserSnapshot,
        session: &Session,
        metadata: &Metadata,
        response: &TokenResponse,
        token: &IdToken,
    ) -> Result<UserSnapshot, AcquireError> {
        let Some(roles) = &self.userinfo_roles else {
            return Ok(user);
        };
        let asked = UserinfoRequest {
            purpose: CallPurpose::Refresh,
            metadata,
            response,
            id_token: token,
            roles,
            provider: ProviderKind::from(self.verifier.provider().settings().authority.kind()),
        };
        match userinfo(&self.transport, asked).await {
            Ok(info) => Ok(user.completed(token, info)),
            Err(UserinfoError::OtherSubject) => {
                tracing::error!("userinfo speaks of another user than the refresh: refused");
                Err(AcquireError::Broken)
            }
            Err(error) if error.is_outage() => {
                tracing::warn!(%error, "what only userinfo says of a user stays as it was");
                Ok(user.while_userinfo_is_away(token, session.user()))
            }
            Err(error) => {
                tracing::warn!(%error, "a user's roles and groups are unknown");
                Ok(user.without_userinfo(token, session.user()))
            }
        }
    }
}
