//! The provider as the rest of the crate sees it: shared metadata and keys.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
};

use tokio::sync::watch;

use super::{
    BoxFuture, Metadata, Obstacle, ProviderClock, ProviderPorts, ProviderSettings, ProviderState,
    SnapshotError, Unavailable, VerificationKey,
    inner::ProviderInner,
    loader::{LoadScope, keep_fresh},
    snapshot::{HeldMetadata, Snapshot},
};
use crate::clock::Timestamp;

/// Metadata and keys of the provider. Loads them in the background, refreshes them each hour, and
/// shares them between all workers. Cheap to clone.
///
/// The application starts without the provider. While the provider is away, held metadata and keys
/// stay in use for up to 24 hours. A request that needs more fails without waiting. The next
/// successful load ends the outage.
#[derive(Clone)]
pub struct Provider(pub(super) Arc<ProviderInner>);

impl Provider {
    /// Creates a provider that holds nothing and sends no request before [`Self::start`] or the
    /// first use.
    #[cfg(any(test, feature = "unstable-internals"))]
    pub fn new(settings: ProviderSettings, ports: ProviderPorts) -> Self {
        let provider_clock = ProviderClock::new(Arc::clone(&ports.clock));
        Self::with_provider_clock(provider_clock, settings, ports)
    }

    /// Like [`Self::new`], but shares a measurement of the provider's clock.
    pub(crate) fn with_provider_clock(
        provider_clock: ProviderClock,
        settings: ProviderSettings,
        ports: ProviderPorts,
    ) -> Self {
        Self(Arc::new(ProviderInner::new(
            provider_clock,
            settings,
            ports,
        )))
    }

    /// The settings.
    pub fn settings(&self) -> &ProviderSettings {
        &self.0.settings
    }

    /// Starts loading in the background: now, then each hour (±10 %), sooner after a failure.
    /// Further calls do nothing.
    pub fn start(&self) {
        if !self.0.started.swap(true, Ordering::SeqCst) {
            let keeper: BoxFuture<'static, ()> = Box::pin(keep_fresh(Arc::downgrade(&self.0)));
            self.0.ports.background.spawn(keeper);
        }
    }

    /// Synchronous fast path of [`Self::metadata`]: the metadata is already held. Allocates no
    /// future. `None` where metadata has to be loaded.
    pub fn metadata_at_once(&self) -> Option<Arc<Metadata>> {
        self.0.metadata()
    }

    /// The metadata; loads it when none is held.
    ///
    /// # Errors
    /// When the metadata cannot be loaded. A provider that does not answer delays a request by at most
    /// [`ProviderSettings::patience`]; a provider that has just failed does not delay it.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, Unavailable> {
        if let Some(metadata) = self.metadata_at_once() {
            return Ok(metadata);
        }
        let loaded = self.0.ensure(LoadScope::Everything).await;
        self.metadata_at_once()
            .ok_or_else(|| loaded.err().unwrap_or(Unavailable::soon()))
    }

    /// The reasons why no sign-in can succeed, by the metadata and keys that are held.
    pub fn obstacles(&self) -> Vec<Obstacle> {
        self.0.obstacles()
    }

    /// Whether exactly this metadata and this key are still held.
    pub(crate) fn holds(
        &self,
        metadata: &Arc<Metadata>,
        key: &Arc<VerificationKey>,
        now: Timestamp,
    ) -> bool {
        let snapshot = self.0.snapshot.load();
        let same =
            |held: &HeldMetadata| Arc::ptr_eq(&held.metadata, metadata) && held.is_alive(now);
        snapshot.metadata.as_ref().is_some_and(same) && snapshot.keys.holds(key, now)
    }

    /// Exports metadata and keys as a snapshot for the store. The caller seals it: an attacker who
    /// can write a snapshot can forge tokens.
    pub fn export(&self) -> Vec<u8> {
        let label = self.0.settings.snapshot_label();
        self.0.snapshot.load().export(label)
    }

    /// Imports a snapshot, unless metadata or keys are held already.
    ///
    /// # Errors
    /// When the snapshot is unreadable, or belongs to another authority.
    pub fn import(&self, snapshot: &[u8]) -> Result<(), SnapshotError> {
        let imported = Snapshot::import(snapshot, &self.0.settings, self.0.now())?;
        if let Some(held) = &imported.metadata {
            held.metadata.log_ignored_endpoints();
        }
        let imported = Arc::new(imported);
        self.0.snapshot.rcu(|current| {
            if current.metadata.is_some() || current.keys.refreshed_at.is_some() {
                Arc::clone(current)
            } else {
                Arc::clone(&imported)
            }
        });
        Ok(())
    }

    /// Changes after each successful load. [`Self::export`] then has something new.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// The present state, for readiness and metrics.
    pub fn state(&self) -> ProviderState {
        let now = self.0.now();
        let snapshot = self.0.snapshot.load();
        ProviderState {
            metadata_loaded_at: snapshot
                .metadata
                .as_ref()
                .filter(|held| held.is_alive(now))
                .map(|held| held.loaded_at),
            keys_loaded_at: snapshot.keys.refreshed_at,
            keys: snapshot.keys.usable(now),
            skipped_keys: snapshot.keys.skipped,
            failures_in_a_row: self.0.health.failures_in_a_row(),
            last_error: self.0.health.last_error(),
            obstacles: self.obstacles(),
            clock_skew: self.0.provider_clock.skew(),
            totals: self.0.counters.totals(),
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("authority", &self.0.settings.authority.id())
            .finish_non_exhaustive()
    }
}
