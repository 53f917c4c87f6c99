//! The idle timeout: the time to live of the session's record, and its extension.

use std::time::Duration;

use super::{Session, Sessions, limits::CLOCK_LEEWAY};
use crate::{
    clock::Timestamp,
    store::{Record, StoreError},
};

impl Sessions {
    /// When the idle timeout was last extended, derived from the remaining life of the record. A life
    /// that reaches the absolute timeout cannot be extended further and counts as just extended.
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
            // A time of the future is kept, so that the caller corrects it.
            if at > now + CLOCK_LEEWAY {
                at
            } else {
                at.min(now)
            }
        }
    }

    /// Extends the idle timeout. Returns false if the session has ended. While the store cannot be
    /// written, the session lasts until the idle timeout that it has.
    pub(super) async fn extend(
        &self,
        session: &Session,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match self.touch(session, now).await {
            Err(error) => self.tolerate_write_error(error).map(|()| true),
            outcome => outcome,
        }
    }

    /// Whether a live session may be used although its times could not be written. Its record was read
    /// for this request, or no other process writes to the store.
    pub(super) fn tolerate_write_error(&self, error: StoreError) -> Result<(), StoreError> {
        match error {
            StoreError::Full | StoreError::Unavailable | StoreError::Denied => {
                tracing::debug!(%error, "the idle timeout could not be extended");
                Ok(())
            }
            error => Err(error),
        }
    }

    /// A warning for the operator: the clock was set back, or stored times are ahead of it.
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
            // Tokens and application data have the same life as the record.
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

    /// The life of a record from now: the idle timeout, at most until the absolute timeout.
    pub(super) fn life(&self, session: &Session, now: Timestamp) -> Duration {
        self.limits.idle.min(session.ends_at().since(now))
    }
}

/// Stores may round lives to whole seconds.
const ROUNDING: Duration = Duration::from_secs(2);
