//! The lease for refreshing a session's tokens, where several instances share the store.

use std::time::Duration;

use super::{Session, Vault};
use crate::store::{Created, Key, StoreError, Version};

/// The lease: its holder is the only instance that may use the session's refresh token.
pub(crate) struct RefreshLease {
    key: Key,
    version: Version,
}

impl Vault {
    /// Whether other processes write to the same store.
    pub(crate) fn is_shared(&self) -> bool {
        !self.store.exclusive()
    }

    /// Takes the lease. `None` while another instance holds it. It expires after `life`, in case the
    /// instance stops before it releases the lease.
    pub(crate) async fn take_refresh_lease(
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

    /// Releases the lease: a compare-and-swap lets it expire at once. A deletion could delete the lease
    /// of another instance, if this one has expired.
    pub(crate) async fn release_refresh_lease(&self, lease: RefreshLease) {
        let RefreshLease { key, version } = lease;
        let given = self.store.update(&key, version, HELD, Duration::ZERO).await;
        if let Err(error) = given {
            tracing::debug!(%error, "a refresh lease could not be released; it expires by itself");
        }
    }
}

/// The value of a lease. Only its presence matters.
const HELD: &[u8] = b"1";
