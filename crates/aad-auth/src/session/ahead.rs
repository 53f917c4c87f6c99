//! Sessions that were stored while a clock was ahead.

use std::sync::Arc;

use super::{Session, Sessions};
use crate::{
    clock::Timestamp,
    store::{StoreError, Updated},
};

impl Sessions {
    /// Brings a session of the future back to the present: it would outlive its limits by as much as
    /// the clock was ahead. What lies in the future happened before now, by any clock that is right.
    ///
    /// `None` when the session has ended meanwhile.
    pub(super) async fn bring_back(
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
            let present = Arc::new(Session::new(session.id.clone(), state));
            let sealed = present.seal(&self.keys, &*self.random)?;
            let life = self.life(&present, now);
            let updated = self.store.update(&key, record.version, &sealed, life);
            match updated.await? {
                Updated::Written(_) => {}
                Updated::Missing => return Ok(None),
                Updated::Conflict => continue,
            }
            if let Some(cache) = &self.cache {
                cache.insert(&present, now, now);
            }
            self.vault.keep_for(&present, life).await?;
            self.write_indexes(&present, present.ends_at().since(now))
                .await?;
            return Ok(Some(present));
        }
        Err(StoreError::Unavailable)
    }
}

/// Writers beside us are a refresh and another tab: neither writes often.
const TRIES: usize = 3;
