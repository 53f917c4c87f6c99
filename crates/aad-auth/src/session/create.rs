//! Creates a session after a completed sign-in.

use std::sync::Arc;

use super::{
    Session, SessionId, Sessions, TokenSet, UserSnapshot, record::SessionState, retirement::Retired,
};
use crate::{
    clock::Timestamp,
    store::{Created, StoreError},
};

/// A completed sign-in that becomes a session.
pub struct NewSession {
    /// The user who signed in.
    pub user: UserSnapshot,
    /// The tokens of the token endpoint.
    pub tokens: TokenSet,
    /// When the sign-in attempt began. A revocation after this moment covers the new session.
    pub attempt_started: Timestamp,
    /// Browser and operating system, from `User-Agent`. `None` when unknown.
    pub device: Option<String>,
    /// The session that this browser had before.
    pub previous: Option<Arc<Session>>,
}

impl Sessions {
    /// Creates a session. Its id is always new (ASVS V7: no session fixation).
    ///
    /// Returns `None` and leaves no session if the user's sessions, or all sessions, were revoked after
    /// the attempt began. The same holds if the provider's session has ended meanwhile, or the session
    /// of the same user that the new one replaces.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn create(&self, new: NewSession) -> Result<Option<Arc<Session>>, StoreError> {
        let now = self.clock.now();
        self.clock_watch.look(now);
        let state = SessionState {
            signed_in_at: now,
            ends_at: now + self.limits.max,
            began: Some(new.attempt_started),
            device: new.device,
            retired: false,
            replaced: None,
            user: new.user,
        };
        let mut session = Session::new(SessionId::new(&*self.random), state);
        let same_user = |old: &Arc<Session>| old.user().key == session.user().key;
        let retiring = new.previous.clone().filter(same_user);
        session.state.replaced = retiring.as_ref().map(|old| old.digest.to_text());
        let session = Arc::new(session);
        self.write_new(&session, &new.tokens).await?;
        let (revoked, indexed) =
            futures_util::join!(self.is_revoked(&session), self.is_indexed(&session));
        if revoked? || !indexed? {
            self.end(&session).await?;
            return Ok(None);
        }
        if let Some(cache) = &self.cache {
            cache.insert(&session, now, now);
        }
        match (new.previous, retiring) {
            (_, Some(old)) => {
                if !self.replace(&old, &session).await? {
                    return Ok(None);
                }
            }
            (Some(old), None) => self.end(&old).await?,
            (None, None) => {}
        }
        self.enforce_limit(&session).await?;
        Ok(Some(session))
    }

    /// Writes index entries, tokens and record of a new session.
    ///
    /// The index entry comes first: a session that cannot be found by its indexes must not exist. The
    /// caller reads revocation marks and index after this. So a concurrent end of sessions either finds
    /// the new session in the index, or the caller finds the mark.
    async fn write_new(&self, session: &Session, tokens: &TokenSet) -> Result<(), StoreError> {
        let sealed = session.seal(&self.keys, &*self.random)?;
        let life = self.limits.idle.min(self.limits.max);
        let key = self.record_key(&session.digest)?;
        // `join!` polls in this order, so the writes start in it. A store that flushes to disk needs
        // one flush for all three.
        let (indexed, vaulted, created) = futures_util::join!(
            self.write_indexes(session, self.limits.max),
            self.vault.create(session, tokens),
            self.store.create(&key, &sealed, life),
        );
        if let Err(error) = indexed.and(vaulted) {
            self.end_by_digest(&session.digest).await?;
            return Err(error);
        }
        match created? {
            Created::Written(_) => Ok(()),
            Created::Exists => Err(StoreError::Corrupt),
        }
    }

    /// Retires the old session of the same user and hands its application data over. Returns false,
    /// and ends the new session, if the old one was ended meanwhile: that sign-out meant this browser.
    async fn replace(
        &self,
        old: &Arc<Session>,
        session: &Arc<Session>,
    ) -> Result<bool, StoreError> {
        if self.retire(old).await? == Retired::Ended {
            self.end(session).await?;
            return Ok(false);
        }
        if let Err(error) = self.hand_over_app_data(old, session).await {
            tracing::warn!(%error, "application data could not be moved to the new session");
        }
        Ok(true)
    }
}
