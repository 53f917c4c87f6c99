//! Sign-out at the provider: it notifies this application through the browser (OpenID Connect
//! Front-Channel Logout 1.0) or directly (Back-Channel Logout 1.0).

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{Context, SHA256};

use super::Engine;
use crate::{
    session::{ProviderSession, store_key},
    store::{Key, StoreError},
    validation::{LogoutToken, Rejection, VerifyError},
};

/// Why a logout token was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutRefusal {
    /// The token breaks a validation rule.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The token was used before.
    #[error("the logout token has been used already")]
    Replayed,
    /// The token has no `sid`, and its subject does not identify the sessions of a user here.
    #[error("the logout token names its user by a subject alone")]
    SubjectAlone,
    /// The provider's keys or the store are not available.
    #[error("the keys of the provider or the session store are not available")]
    Unavailable {
        /// How long to wait before the next try.
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
    /// Ends the sessions that belong to a session at the provider. Returns their number.
    ///
    /// `sid` is unguessable. A caller that knows it can end the sessions of that `sid`, and nothing else.
    /// An `iss` of another provider ends nothing.
    ///
    /// # Errors
    /// If the store fails. Sessions may still be live then.
    pub(crate) async fn front_channel_sign_out(
        self: &Arc<Self>,
        sid: &str,
        iss: Option<&str>,
    ) -> Result<usize, StoreError> {
        let (engine, sid, iss) = (Arc::clone(self), sid.to_owned(), iss.map(str::to_owned));
        // In a task of its own: a closed frame does not repeat the request.
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

    /// Verifies a logout token and ends its sessions. Returns their number.
    ///
    /// # Errors
    /// If the token is refused. If keys or store are not available; the provider may repeat the request.
    pub async fn back_channel_sign_out(
        self: &Arc<Self>,
        token: &str,
    ) -> Result<usize, LogoutRefusal> {
        let token = self.verifier.logout_token(token).await?;
        let engine = Arc::clone(self);
        // In a task of its own: a closed connection must not interrupt it.
        let task = actix_web::rt::spawn(async move { engine.end_once(&token).await });
        task.await
            .unwrap_or_else(|_| Err(StoreError::Unavailable.into()))
    }

    /// Ends the sessions, then marks the token as used. If a step fails, the provider's retry is no replay
    /// and ends the remaining sessions. Two concurrent requests with one token end the same sessions.
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

    /// The key under which the token's `jti` is stored for as long as the token is valid (section 2.6,
    /// step 8). It is in the store, so that every instance knows it. Only tokens with a valid signature
    /// are stored.
    fn used_key(&self, token: &LogoutToken) -> Result<Key, StoreError> {
        let mut digest = Context::new(&SHA256);
        for part in [token.issuer(), token.jti()] {
            digest.update(&(part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        store_key(self.keys.label(), "j", digest.finish().as_ref())
    }

    /// Ends the sessions of `sid`, or without `sid` all sessions of the user (section 2.4).
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

/// Covers rounded lives and differences of clocks.
const MARGIN: Duration = Duration::from_secs(60);
