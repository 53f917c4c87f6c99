//! What a session's times say of it, and its idle timeout.

use std::time::Duration;

use super::{Session, Sessions, limits::CLOCK_LEEWAY};
use crate::{
    clock::Timestamp,
    store::{Record, StoreError},
};

/// What a session's times say of it.
pub(super) enum Standing {
    /// It lives, and nothing is to be done.
    Good,
    /// It lives, and its idle timeout is to be extended.
    Due,
    /// Its time is over.
    Over,
    /// It was ended together with all others.
    Void,
    /// It lives, and was stored while a clock was ahead.
    Ahead,
}

impl Sessions {
    pub(super) fn standing(
        &self,
        session: &Session,
        touched: Timestamp,
        now: Timestamp,
    ) -> Standing {
        self.clock_watch.look(now);
        if now >= session.ends_at() || now >= touched + self.limits.idle {
            Standing::Over
        } else if self.is_void(session.began(), now) {
            Standing::Void
        } else if self
            .clock_watch
            .is_to_be_corrected(session.signed_in_at(), now)
        {
            Standing::Ahead
        } else if now.since(touched) >= self.limits.touch_interval()
            || self.clock_watch.is_to_be_corrected(touched, now)
        {
            Standing::Due
        } else {
            Standing::Good
        }
    }

    /// When the idle timeout was extended last. The record's life is the idle timeout: what is left
    /// of it tells. A life that reaches the absolute end cannot be extended any further.
    pub(super) fn extended_at(
        &self,
        session: &Session,
        record: &Record,
        now: Timestamp,
    ) -> Timestamp {
        if record.expires_at + ROUNDING >= session.ends_at() {
            now
        } else {
            let at = record.expires_at - self.limits.idle;
            // One of the future is left as it is, to be corrected.
            if at > now + CLOCK_LEEWAY {
                at
            } else {
                at.min(now)
            }
        }
    }

    /// Extends the idle timeout. Where the store is read but not written, the session goes on to
    /// the idle timeout that it has.
    pub(super) async fn extend(
        &self,
        session: &Session,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match self.touch(session, now).await {
            Err(error) => self.go_on(error).map(|()| true),
            outcome => outcome,
        }
    }

    /// Whether a session whose times could not be written may go on. What the store says of it was
    /// read for this request, or no other process writes to the store.
    pub(super) fn go_on(&self, error: StoreError) -> Result<(), StoreError> {
        match error {
            StoreError::Full | StoreError::Unavailable | StoreError::Denied => {
                tracing::debug!(%error, "the idle timeout could not be extended");
                Ok(())
            }
            error => Err(error),
        }
    }

    /// What an operator should know of the clock: it was set back, or stored times are ahead of it.
    pub fn clock_warning(&self) -> Option<String> {
        self.clock_watch.warning(self.clock.now())
    }

    async fn touch(&self, session: &Session, now: Timestamp) -> Result<bool, StoreError> {
        let life = self.life(session, now);
        let alive = self
            .store
            .touch(&self.record_key(&session.digest)?, life)
            .await?;
        if alive {
            // Tokens and application data live as long as the session, idle or not.
            let (tokens, data, ()) = futures_util::join!(
                self.vault.keep_for(session, life),
                self.keep_app_data_for(session, life),
                self.note_seen(session, now),
            );
            tokens.and(data)?;
        }
        if let Some(cache) = &self.cache {
            if alive {
                cache.touched(&session.digest, now);
            } else {
                cache.ended(&session.digest, now);
            }
        }
        Ok(alive)
    }

    pub(super) fn life(&self, session: &Session, now: Timestamp) -> Duration {
        self.limits.idle.min(session.ends_at().since(now))
    }
}

/// Stores may round lives to whole seconds.
const ROUNDING: Duration = Duration::from_secs(2);
