//! Compares the sealing keys of the replicas that share a store.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use super::Replicas;
use crate::{
    random::{self, Random},
    seal::Keys,
    session::instance_key,
    store::{Store, StoreError},
};

/// Compares the keys of the replicas. Each replica publishes a fingerprint of its sealing key in the
/// store. The fingerprint is derived from the key for this purpose only, and does not reveal it.
pub(super) struct ReplicaKeys {
    pub(super) replicas: Weak<Replicas>,
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) random: Arc<dyn Random>,
}

impl ReplicaKeys {
    /// Publishes and compares fingerprints until the instance is dropped.
    pub(super) async fn run(self) {
        while let Some(replicas) = self.replicas.upgrade() {
            match self.compare(replicas.mark()).await {
                Ok(foreign) => replicas.note_keys(foreign),
                Err(error) => {
                    tracing::debug!(%error, "the keys of the replicas could not be compared");
                }
            }
            drop(replicas);
            let [jitter] = random::bytes::<1>(&*self.random);
            tokio::time::sleep(INTERVAL + Duration::from_millis(u64::from(jitter) * 39)).await;
        }
    }

    /// Publishes the own fingerprint. Returns whether a replica seals under a key that is not among ours.
    async fn compare(&self, mark: u64) -> Result<bool, StoreError> {
        let set = instance_key(self.keys.label(), "k")?;
        let own = self.keys.current().fingerprint();
        let name = format!("{mark:016x}");
        self.store
            .index_put(&set, &name, &own, FINGERPRINT_LIFE)
            .await?;
        let members = self.store.index_list(&set).await?;
        Ok(members.iter().any(|member| !self.has(&member.value)))
    }

    fn has(&self, fingerprint: &[u8]) -> bool {
        let mut ours = self.keys.generations().iter();
        ours.any(|generation| generation.fingerprint() == fingerprint)
    }
}

/// The shortest pause between two comparisons; up to 10 s of jitter are added.
const INTERVAL: Duration = Duration::from_secs(20);
/// The life of a fingerprint: a stopped replica is forgotten after it.
const FINGERPRINT_LIFE: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "replica_keys_tests.rs"]
mod tests;
