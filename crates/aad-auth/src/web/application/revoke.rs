//! Ending other people's sessions: for administrators' code.

use crate::{store::StoreError, validation::UserKey, web::instance::Auth};

/// Whose sessions end.
#[derive(Clone, Copy, Debug)]
pub enum Revoke<'a> {
    /// All sessions of one user, and the user's sign-ins that are under way.
    User(&'a UserKey),
    /// One session, by its public name ([`SessionEntry::handle`](crate::session::SessionEntry)).
    Session(&'a str),
    /// Every session of this instance, and every sign-in that is under way.
    All,
}

impl Auth {
    /// Ends sessions, with their tokens. The effect shows on the very next request of every
    /// instance that shares the store, and closes streams ([`Auth::until_ended`]) within a second.
    /// A session that is not there is no error.
    ///
    /// It ends nothing at the provider: there a user is signed out by
    /// `POST /users/{id}/revokeSignInSessions` of Microsoft Graph, or by being disabled.
    ///
    /// ```no_run
    /// # use aad_auth::{Auth, UserKey, store::StoreError, web::Revoke};
    /// # async fn dismiss(auth: &Auth, user: &UserKey) -> Result<(), StoreError> {
    /// auth.revoke(Revoke::User(user)).await
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the store cannot be written: then sessions may still live.
    pub async fn revoke(&self, whose: Revoke<'_>) -> Result<(), StoreError> {
        let sessions = self.engine().sessions();
        match whose {
            Revoke::User(user) => {
                sessions.end_all_of(user).await?;
            }
            Revoke::Session(handle) => {
                sessions.end_by_handle(handle).await?;
            }
            Revoke::All => sessions.end_all().await?,
        }
        Ok(())
    }
}
