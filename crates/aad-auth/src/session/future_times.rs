//! Corrects the times of sessions that were stored while a clock was ahead.

use std::sync::Arc;

use super::{Session, Sessions};
use crate::{
    clock::Timestamp,
    store::{StoreError, Updated},
};

impl Sessions {
    /// Sets the times of a session of the future to the present. Otherwise the session would outlive its
    /// timeouts by as much as the clock was ahead.
    ///
    /// `None` if the session has ended meanwhile.
    pub(super) async fn correct_future_times(
        &self,
        session: &Session,
        now: Timestamp,
    ) -> Result<Option<Arc<Session>>, StoreError> {
        let key = self.record_key(&session.digest)?;
        for _ in 0..TRIES {
            let Some(record) = self.store.get(&key).await? else {
                return Ok(None);
            };
            let Some(held) = Session::open(&self.keys, session.id.clone(), &record.value) else {
                return Ok(None);
            };
            let mut state = held.state;
            state.signed_in_at = state.signed_in_at.min(now);
            state.began = state.began.map(|began| began.min(now));
            state.ends_at = state.ends_at.min(now + self.limits.max);
            let written = self
                .write_state(&session.id, state, record.version, now)
                .await?;
            match written.outcome {
                Updated::Written(_) => {}
                Updated::Missing => return Ok(None),
                Updated::Conflict => continue,
            }
            let present = written.session;
            if let Some(cache) = &self.cache {
                cache.insert(&present, now, now);
            }
            self.vault.keep_for(&present, written.life).await?;
            self.write_indexes(&present, present.ends_at().since(now))
                .await?;
            return Ok(Some(present));
        }
        Err(StoreError::Unavailable)
    }
}

/// Concurrent writers are a refresh and other tabs. Neither writes often.
const TRIES: usize = 3;
