//! Replaces the record of a session.

use std::{sync::Arc, time::Duration};

use super::{Session, SessionId, Sessions, record::SessionState};
use crate::{
    clock::Timestamp,
    store::{StoreError, Updated, Version},
};

/// A record that was passed to the store.
pub(super) struct WrittenRecord {
    /// The session with its new state.
    pub(super) session: Arc<Session>,
    /// The life of the record.
    pub(super) life: Duration,
    /// Whether the store wrote it.
    pub(super) outcome: Updated,
}

impl Sessions {
    /// Replaces the record that was read with `version` by `state`.
    pub(super) async fn write_state(
        &self,
        id: &SessionId,
        state: SessionState,
        version: Version,
        now: Timestamp,
    ) -> Result<WrittenRecord, StoreError> {
        let session = Arc::new(Session::new(id.clone(), state));
        let sealed = session.seal(&self.keys, &*self.random)?;
        let (key, life) = (self.record_key(&session.digest)?, self.life(&session, now));
        let outcome = self.store.update(&key, version, &sealed, life).await?;
        Ok(WrittenRecord {
            session,
            life,
            outcome,
        })
    }
}
