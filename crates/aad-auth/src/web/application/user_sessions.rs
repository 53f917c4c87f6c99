//! Listing and ending sessions: for "your sessions" pages and for administrators.

use serde_json::{Map, Value};

use crate::{
    seal::SealPurpose,
    session::{ProviderSession, SessionEntry, SessionLimits},
    store::StoreError,
    validation::UserKey,
    web::{access::User, instance::Auth},
};

/// Lists and ends sessions. Made by [`Auth::sessions`].
///
/// An end shows on the very next request of every instance that shares the store, and closes streams
/// ([`Auth::until_ended`]) within a second. It takes the tokens and the application's data of the
/// session with it. A session that is not there is no error.
///
/// It ends nothing at the provider: there a user is signed out by
/// `POST /users/{id}/revokeSignInSessions` of Microsoft Graph, or by being disabled.
///
/// ```
/// use aad_auth::{Auth, User, UserKey, store::StoreError};
///
/// /// "Sign out everywhere else".
/// async fn end_others(auth: &Auth, user: &User) -> Result<usize, StoreError> {
///     auth.sessions().end_others_of(user).await
/// }
///
/// /// An administrator ends the sessions of an employee who has left.
/// async fn dismiss(auth: &Auth, user: &UserKey) -> Result<usize, StoreError> {
///     auth.sessions().end_all_of(user).await
/// }
/// ```
pub struct UserSessions<'a>(&'a Auth);

impl UserSessions<'_> {
    /// The live sessions of a user, in no order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list(&self, user: &UserKey) -> Result<Vec<SessionEntry>, StoreError> {
        self.0.engine().sessions().list(user).await
    }

    /// Ends one session of a user, by its public name ([`SessionEntry::handle`]). False when the user
    /// has no such session: for pages on which users end their own sessions.
    ///
    /// # Errors
    /// When the store cannot be written: then the session may still live.
    pub async fn end_one_of(&self, user: &UserKey, handle: &str) -> Result<bool, StoreError> {
        let sessions = self.0.engine().sessions();
        sessions.end_one_of(user, handle).await
    }

    /// Ends all sessions of a signed-in user but the one of this request, and the user's sign-ins that
    /// are under way. Returns how many ended.
    ///
    /// # Errors
    /// When the store cannot be written: then sessions may still live.
    pub async fn end_others_of<I>(&self, user: &User<I>) -> Result<usize, StoreError> {
        let sessions = self.0.engine().sessions();
        sessions.end_others_of(user.session()).await
    }

    /// Ends all sessions of a signed-in user, the one of this request last: where the others cannot be
    /// ended, the user is still signed in and can try again.
    ///
    /// # Errors
    /// When the store cannot be written: then sessions may still live.
    pub async fn end_everywhere<I>(&self, user: &User<I>) -> Result<(), StoreError> {
        let sessions = self.0.engine().sessions();
        sessions.end_others_of(user.session()).await?;
        sessions.end(user.session()).await
    }

    /// Ends all sessions of a user, and the user's sign-ins that are under way. Returns how many
    /// sessions ended.
    ///
    /// # Errors
    /// When the store cannot be written: then sessions may still live.
    pub async fn end_all_of(&self, user: &UserKey) -> Result<usize, StoreError> {
        self.0.engine().sessions().end_all_of(user).await
    }

    /// Ends the session that has this public name, of any user: for administrators. False when there
    /// is none.
    ///
    /// # Errors
    /// When the store cannot be written: then the session may still live.
    pub async fn end_by_handle(&self, handle: &str) -> Result<bool, StoreError> {
        self.0.engine().sessions().end_by_handle(handle).await
    }

    /// Ends the sessions that belong to one session at the provider, by its `sid`. Returns how many
    /// ended.
    ///
    /// # Errors
    /// When the store cannot be written: then sessions may still live.
    pub async fn end_by_sid(&self, sid: &str) -> Result<usize, StoreError> {
        let named = ProviderSession {
            sid,
            iss: None,
            sub: None,
        };
        let sessions = self.0.engine().sessions();
        sessions.end_provider_session(&named).await
    }

    /// Ends every session of the instance, and every sign-in that is under way.
    ///
    /// # Errors
    /// When the store cannot be written: then sessions may still live.
    pub async fn end_all(&self) -> Result<(), StoreError> {
        self.0.engine().sessions().end_all().await
    }
}

impl Auth {
    /// Lists and ends sessions.
    ///
    /// See [`UserSessions`] for an example.
    pub const fn sessions(&self) -> UserSessions<'_> {
        UserSessions(self)
    }

    /// How long sessions live, and how many a user may have.
    ///
    /// ```
    /// # use aad_auth::Auth;
    /// fn sentence(auth: &Auth) -> String {
    ///     let minutes = auth.limits().idle.as_secs() / 60;
    ///     format!("You are signed out after {minutes} minutes without a request.")
    /// }
    /// ```
    pub fn limits(&self) -> SessionLimits {
        self.engine().sessions().limits()
    }

    /// All claims of the user's last ID token, for a page that shows them to that user. `None` where
    /// the session has ended meanwhile. Decide by the [`User`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn id_token_claims<I>(
        &self,
        user: &User<I>,
    ) -> Result<Option<Map<String, Value>>, StoreError> {
        let vault = self.engine().sessions().vault();
        let vaulted = vault.get(user.session()).await?;
        Ok(vaulted.and_then(|vaulted| vaulted.tokens.id_token_claims()))
    }

    /// A key for data of the application, such as the cookies of `actix_session`: derived from
    /// `AAD_SESSION_SECRET` for this instance, `N` bytes long, another one for each `purpose`
    /// and each length, of 1 to 8,160 bytes. A new secret in front of the list makes another key.
    ///
    /// ```
    /// use aad_auth::Auth;
    /// use actix_web::cookie::Key;
    ///
    /// fn cookie_key(auth: &Auth) -> Key {
    ///     Key::from(&auth.derive_key::<64>("notices"))
    /// }
    /// ```
    pub fn derive_key<const N: usize>(&self, purpose: &str) -> [u8; N] {
        const { assert!(N > 0 && N <= 8160, "HKDF-SHA-256 yields 1 to 8,160 bytes") };
        // The length is part of the context: else a short key were the beginning of a longer one.
        let context = format!("{N} {purpose}");
        let keys = self.engine().keys();
        keys.current()
            .derive(SealPurpose::ApplicationKey, context.as_bytes())
    }
}
