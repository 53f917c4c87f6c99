//! Whose turn it is to refresh, among instances that share a store: a provider that rotates
//! strictly ends everything when a refresh token is used twice (RFC 9700 section 4.14.2).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{AcquireError, Acquirer};
use crate::{
    random,
    session::{RefreshLease, Session, Vaulted},
    store::{StoreError, Version},
};

/// Who refreshes.
pub(super) enum LeaseOutcome {
    /// The caller; with a lease to give back where the store is shared.
    Mine(Option<RefreshLease>),
    /// Another instance did, and this is what it has left.
    Found(Arc<Vaulted>),
}

impl Acquirer {
    /// Waits until the caller may refresh, or finds that another instance has.
    pub(super) async fn turn(
        &self,
        session: &Session,
        seen: Version,
    ) -> Result<LeaseOutcome, AcquireError> {
        if !self.vault().is_shared() {
            return Ok(LeaseOutcome::Mine(None));
        }
        let began = Instant::now();
        loop {
            // Never dropped half-way: a lease that nobody knows of would have to lapse.
            if let Some(lease) = self.vault().lease(session, self.lease).await? {
                return Ok(LeaseOutcome::Mine(Some(lease)));
            }
            if began.elapsed() >= PATIENCE {
                return Err(AcquireError::unavailable(1));
            }
            let [jitter] = random::bytes(&*self.random);
            tokio::time::sleep(Duration::from_millis(40 + u64::from(jitter) / 4)).await;
            match self.vault().get(session).await? {
                Some(held) if held.version != seen => {
                    return Ok(LeaseOutcome::Found(Arc::new(held)));
                }
                Some(_) => {}
                None => return Err(AcquireError::SessionEnded(None)),
            }
        }
    }

    /// Tokens that somebody has left in the vault after the writing `seen`.
    pub(super) async fn newer(
        &self,
        session: &Session,
        seen: Version,
    ) -> Result<Option<Arc<Vaulted>>, StoreError> {
        let held = self.vault().get(session).await?;
        Ok(held.filter(|held| held.version != seen).map(Arc::new))
    }
}

/// How long a request waits for what another instance obtains.
const PATIENCE: Duration = Duration::from_secs(3);
