//! Stores the provider's metadata and keys. So a process that starts while the provider is unreachable
//! can still verify tokens and start sign-ins.

use std::{sync::Arc, time::Duration};

use crate::{
    provider::Provider,
    random::Random,
    seal::{Keys, SealPurpose},
    session::instance_key,
    store::{Created, Key, Store, StoreError},
};

/// Keeps a snapshot of a provider in the store. It is sealed: a writer of the store could otherwise
/// replace the keys and forge tokens.
pub(crate) struct LastKnownGood {
    /// The provider.
    pub(crate) provider: Provider,
    /// The store of the snapshot.
    pub(crate) store: Arc<dyn Store>,
    /// The keys that seal the snapshot.
    pub(crate) keys: Arc<Keys>,
    /// Source of nonces.
    pub(crate) random: Arc<dyn Random>,
}

impl LastKnownGood {
    /// Restores the stored snapshot, then stores each new one. Ends with the provider.
    pub(crate) async fn run(self) {
        let mut changes = self.provider.changes();
        if let Err(error) = self.restore().await {
            tracing::warn!(%error, "the last known keys of the provider could not be read");
        }
        while changes.changed().await.is_ok() {
            if let Err(error) = self.keep().await {
                tracing::warn!(%error, "the keys of the provider could not be stored for a restart");
            }
        }
    }

    async fn restore(&self) -> Result<(), StoreError> {
        let key = self.key()?;
        let mut waited = Duration::ZERO;
        let record = loop {
            match self.store.get(&key).await {
                Err(StoreError::Opening) if waited < OPENING_TIMEOUT => {
                    tokio::time::sleep(STEP).await;
                    waited += STEP;
                }
                result => break result?,
            }
        };
        let Some(record) = record else { return Ok(()) };
        let sealer = self.keys.sealer(SealPurpose::ProviderSnapshot, b"");
        if let Ok(opened) = sealer.open(self.keys.label().as_bytes(), &record.value)
            && self.provider.import(&opened.plaintext).is_err()
        {
            tracing::warn!("the last known keys in the store are of another authority or version");
        }
        Ok(())
    }

    async fn keep(&self) -> Result<(), StoreError> {
        let key = self.key()?;
        let sealer = self.keys.sealer(SealPurpose::ProviderSnapshot, b"");
        let snapshot = self.provider.export();
        let sealed = sealer.seal(&*self.random, self.keys.label().as_bytes(), &snapshot);
        if let Created::Exists = self.store.create(&key, &sealed, LIFE).await?
            && let Some(record) = self.store.get(&key).await?
        {
            // A conflict is ignored: the snapshot of another instance is as good.
            self.store
                .update(&key, record.version, &sealed, LIFE)
                .await?;
        }
        Ok(())
    }

    fn key(&self) -> Result<Key, StoreError> {
        instance_key(self.keys.label(), "p")
    }
}

/// A key may be used for this long without being seen again.
const LIFE: Duration = crate::provider::KEY_LIFETIME;
/// How long to wait for a store that is opening.
const OPENING_TIMEOUT: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(100);
