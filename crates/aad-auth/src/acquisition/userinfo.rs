//! Userinfo at a refresh: what the sign-in had from it must not be gone with the first refresh.

use super::{AcquireError, Acquirer};
use crate::{
    grant::{TokenResponse, UserinfoError},
    provider::Metadata,
    session::{Session, UserSnapshot},
    validation::IdToken,
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
        let Some(userinfo) = &self.userinfo else {
            return Ok(user);
        };
        match userinfo.request(metadata, response, token).await {
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
