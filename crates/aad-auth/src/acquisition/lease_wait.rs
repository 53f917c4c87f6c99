//! Waits for the refresh lease of a session where several instances share the store.
//!
//! Providers that rotate refresh tokens revoke the whole family when a token is used twice (RFC 9700
//! section 4.14.2), so only one instance may refresh at a time.

use std::{sync::Arc, time::Instant};

use super::{AcquireError, Acquirer};
use crate::{
    session::{RefreshLease, Session, Vaulted},
    store::{StoreError, Version},
    sync::{POLLING_TIMEOUT, pause_between_polls},
};

/// Which instance refreshes.
pub(super) enum LeaseOutcome {
    /// The caller refreshes. `Some` is the lease to release afterwards; `None` where the store is not
    /// shared.
    Mine(Option<RefreshLease>),
    /// Another instance has refreshed; these are its tokens.
    Found(Arc<Vaulted>),
}

impl Acquirer {
    /// Waits for the lease, or for the tokens of the instance that holds it.
    ///
    /// # Errors
    /// [`AcquireError::Unavailable`] after [`POLLING_TIMEOUT`].
    pub(super) async fn wait_for_lease(
        &self,
        session: &Session,
        seen: Version,
    ) -> Result<LeaseOutcome, AcquireError> {
        if !self.vault().is_shared() {
            return Ok(LeaseOutcome::Mine(None));
        }
        let began = Instant::now();
        loop {
            // Without a timeout: a lease that was taken but not returned could only expire.
            if let Some(lease) = self.vault().take_refresh_lease(session, self.lease).await? {
                return Ok(LeaseOutcome::Mine(Some(lease)));
            }
            if began.elapsed() >= POLLING_TIMEOUT {
                return Err(AcquireError::unavailable(1));
            }
            pause_between_polls(&*self.random).await;
            match self.vault().get(session).await? {
                Some(held) if held.version != seen => {
                    return Ok(LeaseOutcome::Found(Arc::new(held)));
                }
                Some(_) => {}
                None => return Err(AcquireError::SessionEnded(None)),
            }
        }
    }

    /// The tokens in the vault, if another writer has replaced the version `seen`.
    pub(super) async fn newer(
        &self,
        session: &Session,
        seen: Version,
    ) -> Result<Option<Arc<Vaulted>>, StoreError> {
        let held = self.vault().get(session).await?;
        Ok(held.filter(|held| held.version != seen).map(Arc::new))
    }
}
