//! Sign-out that began elsewhere: the provider tells us, through the browser (OpenID Connect
//! Front-Channel Logout 1.0) or directly (Back-Channel Logout 1.0).

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{Context, SHA256};

use super::Engine;
use crate::{
    session::{ProviderSession, store_key},
    store::{Key, StoreError},
    validation::{LogoutToken, Rejection, VerifyError},
};

/// Why a logout token ended no session.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutRefusal {
    /// The token breaks a rule.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The token has been used already.
    #[error("the logout token has been used already")]
    Replayed,
    /// The token names a user by a subject under which this application knows nobody.
    #[error("the logout token names its user by a subject alone")]
    SubjectAlone,
    /// Nobody can tell now, because the keys or the store cannot be had.
    #[error("keys or session store cannot be had now")]
    Unavailable {
        /// When trying again makes sense.
        retry_after: Duration,
    },
}

impl LogoutRefusal {
    /// A stable code for the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rejected(rejection) => rejection.code.as_str(),
            Self::Replayed => "AAD-LOGOUT-REPLAYED",
            Self::SubjectAlone => "AAD-LOGOUT-SUBJECT",
            Self::Unavailable { .. } => "AAD-LOGOUT-UNAVAILABLE",
        }
    }
}

impl From<VerifyError> for LogoutRefusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Rejected(rejection) => Self::Rejected(rejection),
            VerifyError::Unavailable(unavailable) => Self::Unavailable {
                retry_after: unavailable.retry_after,
            },
        }
    }
}

impl From<StoreError> for LogoutRefusal {
    fn from(_: StoreError) -> Self {
        Self::Unavailable {
            retry_after: Duration::from_secs(5),
        }
    }
}

impl Engine {
    /// Ends the sessions that belong to a session at the provider, and tells how many there were.
    /// `sid` is unguessable, so whoever knows it may end them; an `iss` that is not theirs ends
    /// nothing.
    ///
    /// # Errors
    /// When the store cannot be written: then sessions may still live.
    pub async fn front_channel_sign_out(
        self: &Arc<Self>,
        sid: &str,
        iss: Option<&str>,
    ) -> Result<usize, StoreError> {
        let (engine, sid, iss) = (Arc::clone(self), sid.to_owned(), iss.map(str::to_owned));
        // In a task of its own: a frame that is closed meanwhile does not come again.
        let task = actix_web::rt::spawn(async move {
            let named = ProviderSession {
                sid: &sid,
                iss: iss.as_deref(),
                sub: None,
            };
            engine.sessions.end_provider_session(&named).await
        });
        task.await.unwrap_or(Err(StoreError::Unavailable))
    }

    /// Verifies a logout token, ends the sessions that it means, and tells how many there were.
    ///
    /// # Errors
    /// When the token is refused, or keys or store cannot be had: then it may come again.
    pub async fn back_channel_sign_out(
        self: &Arc<Self>,
        token: &str,
    ) -> Result<usize, LogoutRefusal> {
        let token = self.verifier.logout_token(token).await?;
        let engine = Arc::clone(self);
        // In a task of its own: a provider that hangs up must not leave it half done.
        let task = actix_web::rt::spawn(async move { engine.end_once(&token).await });
        task.await
            .unwrap_or_else(|_| Err(StoreError::Unavailable.into()))
    }

    /// Ends the sessions, and only then uses the token up: whatever fails between, the provider's
    /// next try is not taken for a replay, and finds what is left to end. The same token twice at
    /// the same moment ends the same sessions twice, which is no more than once.
    async fn end_once(&self, token: &LogoutToken) -> Result<usize, LogoutRefusal> {
        let used = self.used_key(token)?;
        if self.sessions.store().get(&used).await?.is_some() {
            return Err(LogoutRefusal::Replayed);
        }
        let ended = self.end_named(token).await?;
        let usable_until = token.expires_at() + self.config.clock_leeway;
        let life = usable_until.since(self.clock.now()) + MARGIN;
        self.sessions.store().create(&used, b"", life).await?;
        Ok(ended)
    }

    /// Where the token's `jti` is remembered for as long as the token could be used (section 2.6,
    /// step 8): in the store, so that every instance knows it. Only tokens that the provider has
    /// signed come this far: strangers cannot fill the store.
    fn used_key(&self, token: &LogoutToken) -> Result<Key, StoreError> {
        let mut digest = Context::new(&SHA256);
        for part in [token.issuer(), token.jti()] {
            digest.update(&(part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        store_key(self.keys.label(), "j", digest.finish().as_ref())
    }

    /// A session where one is named, else all sessions of the user (section 2.4).
    async fn end_named(&self, token: &LogoutToken) -> Result<usize, LogoutRefusal> {
        if let Some(sid) = token.sid() {
            let named = ProviderSession {
                sid,
                iss: Some(token.issuer()),
                sub: token.sub(),
            };
            return Ok(self.sessions.end_provider_session(&named).await?);
        }
        let user = token.user_key().ok_or(LogoutRefusal::SubjectAlone)?;
        Ok(self.sessions.end_all_of(&user).await?)
    }
}

/// Stores round lives, and clocks of instances differ.
const MARGIN: Duration = Duration::from_secs(60);
