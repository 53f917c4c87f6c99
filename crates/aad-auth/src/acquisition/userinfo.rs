//! Calls userinfo at a refresh, so that claims that only userinfo has survive the refresh.

use super::{AcquireError, Acquirer};
use crate::{
    grant::{TokenResponse, UserinfoError},
    provider::Metadata,
    session::{Session, UserSnapshot},
    validation::IdToken,
};

impl Acquirer {
    /// Completes the user from userinfo, as the sign-in does. The call counts against the limit of
    /// refreshes, not of sign-ins. When userinfo refuses to answer, roles and groups become unknown
    /// and names stay as they were.
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
                tracing::error!("userinfo names another user than the refresh and was refused");
                Err(AcquireError::Broken)
            }
            Err(error) if error.is_outage() => {
                tracing::warn!(%error, "userinfo does not answer: claims that only userinfo has stay as they were");
                Ok(user.while_userinfo_is_away(token, session.user()))
            }
            Err(error) => {
                tracing::warn!(%error, "userinfo refused to answer: the user's roles and groups are unknown");
                Ok(user.without_userinfo(token, session.user()))
            }
        }
    }
}
