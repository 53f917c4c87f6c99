//! The right to refresh a session's tokens, where several instances share the store.

use std::time::Duration;

use super::{Session, Vault};
use crate::store::{Created, Key, StoreError, Version};

/// Held by the one instance that may use a session's refresh token now.
pub(crate) struct RefreshLease {
    key: Key,
    version: Version,
}

impl Vault {
    /// Whether other processes write to the same store.
    pub(crate) fn is_shared(&self) -> bool {
        !self.store.exclusive()
    }

    /// Takes the lease. `None` while another instance holds it. It lapses after `life`, so that an
    /// instance that dies keeps it no longer.
    pub(crate) async fn lease(
        &self,
        session: &Session,
        life: Duration,
    ) -> Result<Option<RefreshLease>, StoreError> {
        let key = session.digest.key(self.keys.label(), "l")?;
        Ok(match self.store.create(&key, HELD, life).await? {
            Created::Written(version) => Some(RefreshLease { key, version }),
            Created::Exists => None,
        })
    }

    /// Gives the lease back. By a compare-and-swap that lets it lapse, and not by a deletion: after
    /// its end it may be another instance's.
    pub(crate) async fn give_back(&self, lease: RefreshLease) {
        let RefreshLease { key, version } = lease;
        let given = self.store.update(&key, version, HELD, Duration::ZERO).await;
        if let Err(error) = given {
            tracing::debug!(%error, "a lease could not be given back: it lapses");
        }
    }
}

/// It says nothing but that it is there.
const HELD: &[u8] = b"1";
