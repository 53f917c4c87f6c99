//! The provider's metadata and keys, kept in the store: a restart while the provider is away still
//! verifies tokens and still knows where to send people.

use std::{sync::Arc, time::Duration};

use crate::{
    provider::Provider,
    random::Random,
    seal::{Keys, SealPurpose},
    session::instance_key,
    store::{Created, Key, Store, StoreError},
};

/// Keeps a sealed snapshot of a provider in the store: whoever could write it could make tokens.
pub struct LastKnownGood {
    /// Whose snapshot.
    pub provider: Provider,
    /// Where to.
    pub store: Arc<dyn Store>,
    /// Sealed with.
    pub keys: Arc<Keys>,
    /// Nonces.
    pub random: Arc<dyn Random>,
}

impl LastKnownGood {
    /// Takes over what an earlier process has kept, then keeps what is loaded. Never ends.
    pub async fn run(self) {
        let mut changes = self.provider.changes();
        if let Err(error) = self.restore().await {
            tracing::warn!(%error, "the provider's last known keys could not be read");
        }
        while changes.changed().await.is_ok() {
            if let Err(error) = self.keep().await {
                tracing::warn!(%error, "the provider's keys could not be kept for a restart");
            }
        }
    }

    async fn restore(&self) -> Result<(), StoreError> {
        let key = self.key()?;
        let mut waited = Duration::ZERO;
        let record = loop {
            match self.store.get(&key).await {
                Err(StoreError::Opening) if waited < PATIENCE => {
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
            tracing::warn!("the provider's last known keys are of another authority or version");
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
            // Another instance may be first: its snapshot is as good.
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

/// As long as a key may be used without having been seen again.
const LIFE: Duration = crate::provider::KEY_LIFETIME;
const PATIENCE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(100);
