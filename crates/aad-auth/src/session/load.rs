//! Loads sessions: from the cache, or from the store.

use std::sync::Arc;

use super::{
    Session, SessionId, Sessions, id::SessionDigest, session_cache::Lookup, status::SessionStatus,
};
use crate::{clock::Timestamp, store::StoreError};

impl Sessions {
    /// Loads the live session with this id, and extends its idle timeout where that is due.
    pub async fn load(&self, id: &SessionId) -> Result<Option<Arc<Session>>, StoreError> {
        self.load_at(id, self.clock.now()).await
    }

    /// As [`Self::load`], for a caller that has read the clock already.
    pub async fn load_at(
        &self,
        id: &SessionId,
        now: Timestamp,
    ) -> Result<Option<Arc<Session>>, StoreError> {
        let digest = id.digest();
        let known = self
            .cache
            .as_ref()
            .map_or(Lookup::Unknown, |cache| cache.get(&digest));
        let (session, touched) = match known {
            Lookup::Ending => {
                // The end in the store failed before, so it is repeated here.
                self.end_by_digest(&digest).await?;
                return Ok(None);
            }
            Lookup::Ended => return Ok(None),
            Lookup::Live { session, touched } => (session, touched),
            Lookup::Unknown => match self.read(id, &digest, now).await? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        match self.status(&session, touched, now) {
            SessionStatus::Live => Ok(Some(session)),
            SessionStatus::Expired => Ok(None),
            SessionStatus::Revoked => {
                self.end(&session).await?;
                Ok(None)
            }
            SessionStatus::ExtensionDue => Ok(self.extend(&session, now).await?.then_some(session)),
            SessionStatus::FromFuture => match self.correct_future_times(&session, now).await {
                Ok(present) => Ok(present),
                Err(error) => self.tolerate_write_error(error).map(|()| Some(session)),
            },
        }
    }

    /// Whether [`Self::load_now`] can ever find a session: only with a cache.
    pub const fn can_load_now(&self) -> bool {
        self.cache.is_some()
    }

    /// Synchronous fast path of [`Self::load_at`]: the session is cached and needs no write. `None`
    /// says nothing about the session; the caller then awaits [`Self::load_at`].
    pub fn load_now(&self, id: &SessionId, now: Timestamp) -> Option<Arc<Session>> {
        let Lookup::Live { session, touched } = self.cache.as_ref()?.get(&id.digest()) else {
            return None;
        };
        matches!(self.status(&session, touched, now), SessionStatus::Live).then_some(session)
    }

    /// Reads the session and the mark of all sessions from the store. Also returns when the idle timeout
    /// was last extended.
    async fn read(
        &self,
        id: &SessionId,
        digest: &SessionDigest,
        now: Timestamp,
    ) -> Result<Option<(Arc<Session>, Timestamp)>, StoreError> {
        // Both in one round trip: an end of all sessions takes effect at the next request.
        let (record_key, void_key) = (self.record_key(digest)?, self.void_key()?);
        let (record, void) = self.store.get_two(&record_key, &void_key).await?;
        let void = self.corrected_mark(&void_key, void.as_ref(), now).await?;
        self.learn(void, now);
        let Some(record) = record else {
            self.decoded.forget(digest);
            return Ok(None);
        };
        let open = || Session::open(&self.keys, id.clone(), &record.value);
        let Some(session) = self.decoded.get_or_open(digest, record.version, open) else {
            return Ok(None);
        };
        let touched = self.extended_at(&session, &record, now);
        if let Some(cache) = &self.cache {
            cache.insert(&session, touched, now);
        }
        Ok(Some((session, touched)))
    }
}
