//! The provider as the rest of the crate sees it: metadata and keys, shared, always at hand.

use std::{fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::{
    Background, BoxFuture, Fetch, Metadata, MetadataError, Misconfiguration, Needs, Obstacle,
    ProviderClock, ProviderState, SnapshotError, VerificationKey,
    budget::{Budgets, UnknownKeys},
    loader::Scope,
    snapshot::{HeldMetadata, Snapshot},
    state::{Health, ProviderCounters},
};
use crate::{
    clock::{Clock, Timestamp},
    config::{Authority, EndpointHosts, SigningAlgorithms},
    random::Random,
    sync::SingleFlight,
};

/// What the provider's state is made from.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The authority.
    pub authority: Authority,
    /// The hosts that metadata may name: [`Authority::endpoint_hosts`] and `AAD_ENDPOINT_HOSTS`.
    pub hosts: EndpointHosts,
    /// `AAD_SIGNING_ALGORITHMS`
    pub algorithms: SigningAlgorithms,
    /// The application whose own signing keys are asked for (`AAD_APP_SIGNING_KEYS`).
    pub app_id: Option<String>,
    /// What a sign-in needs of the provider.
    pub needs: Needs,
    /// How long a caller waits for metadata and keys without which nothing can be answered
    /// (`AAD_PROVIDER_TIMEOUT`).
    pub patience: Duration,
}

impl ProviderSettings {
    pub(crate) fn parse_metadata(&self, document: &[u8]) -> Result<Metadata, MetadataError> {
        Metadata::parse(document, &self.authority, &self.hosts)
    }

    /// Which snapshots are ours.
    pub(crate) fn snapshot_label(&self) -> String {
        let app_id = self.app_id.as_deref().unwrap_or_default();
        format!("{} {app_id}", self.authority.id())
    }
}

/// What the provider's state needs of the world.
#[derive(Clone)]
pub struct ProviderPorts {
    /// Fetches documents.
    pub fetch: Arc<dyn Fetch>,
    /// Runs tasks that outlive requests.
    pub background: Arc<dyn Background>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Spreads refreshes.
    pub random: Arc<dyn Random>,
}

/// Metadata and keys of the provider: loaded in the background, refreshed each hour, shared by
/// everybody. Cheap to clone.
///
/// Nothing here needs the provider to start: while it is away, what is held is used up to
/// [`super::KEY_LIFETIME`], callers who need more fail at once, and everything recovers by itself.
#[derive(Clone)]
pub struct Provider(pub(super) Arc<ProviderInner>);

pub(super) struct ProviderInner {
    pub(super) settings: ProviderSettings,
    pub(super) ports: ProviderPorts,
    pub(super) snapshot: ArcSwap<Snapshot>,
    /// The load of metadata and keys that is under way: whether it succeeded.
    pub(super) flight: Arc<SingleFlight<(), bool>>,
    pub(super) budgets: std::sync::Mutex<Budgets>,
    pub(super) unknown: std::sync::Mutex<UnknownKeys>,
    pub(super) health: Health,
    pub(super) counters: ProviderCounters,
    pub(super) provider_clock: ProviderClock,
    /// Whether the log says that a load takes too long.
    pub(super) is_late: std::sync::atomic::AtomicBool,
    /// The obstacles that the log has named.
    pub(super) reported: std::sync::Mutex<Vec<Obstacle>>,
    pub(super) changed: watch::Sender<u64>,
    pub(super) started: std::sync::atomic::AtomicBool,
}

/// The provider cannot be asked now: 503, and this is the value of `Retry-After`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the identity provider is not available")]
pub struct Unavailable {
    /// When to try again; at least a second.
    pub retry_after: Duration,
    /// What has to change, where waiting does not mend it.
    pub misconfiguration: Option<Misconfiguration>,
}

impl Provider {
    /// Holds nothing yet, and asks nobody: [`Self::start`] does.
    pub fn new(settings: ProviderSettings, ports: ProviderPorts) -> Self {
        let provider_clock = ProviderClock::new(Arc::clone(&ports.clock));
        Self::with_provider_clock(provider_clock, settings, ports)
    }

    /// The same, which shares its measurement of the provider's clock with others.
    pub(crate) fn with_provider_clock(
        provider_clock: ProviderClock,
        settings: ProviderSettings,
        ports: ProviderPorts,
    ) -> Self {
        Self(Arc::new(ProviderInner {
            settings,
            provider_clock,
            ports,
            snapshot: ArcSwap::default(),
            flight: Arc::default(),
            budgets: std::sync::Mutex::default(),
            unknown: std::sync::Mutex::default(),
            health: Health::default(),
            counters: ProviderCounters::default(),
            is_late: std::sync::atomic::AtomicBool::new(false),
            reported: std::sync::Mutex::default(),
            changed: watch::Sender::new(0),
            started: std::sync::atomic::AtomicBool::new(false),
        }))
    }

    /// The settings.
    pub fn settings(&self) -> &ProviderSettings {
        &self.0.settings
    }

    /// Loads in the background now, and again each hour (±10 %), sooner after a failure. Further
    /// calls do nothing.
    pub fn start(&self) {
        use std::sync::atomic::Ordering::SeqCst;
        if !self.0.started.swap(true, SeqCst) {
            let keeper: BoxFuture<'static, ()> =
                Box::pin(super::loader::keep_fresh(Arc::downgrade(&self.0)));
            self.0.ports.background.spawn(keeper);
        }
    }

    /// The metadata, if it is held.
    pub fn metadata_now(&self) -> Option<Arc<Metadata>> {
        let snapshot = self.0.snapshot.load();
        let held = snapshot.metadata.as_ref()?;
        held.is_alive(self.0.now())
            .then(|| Arc::clone(&held.metadata))
    }

    /// The metadata; loads it when none is held.
    ///
    /// # Errors
    /// When it cannot be had: a provider that hangs holds a caller for no longer than
    /// [`ProviderSettings::patience`], and one that has just failed not at all.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, Unavailable> {
        if let Some(metadata) = self.metadata_now() {
            return Ok(metadata);
        }
        let loaded = self.0.ensure(Scope::Everything).await;
        self.metadata_now()
            .ok_or_else(|| loaded.err().unwrap_or(Unavailable::soon()))
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

    /// Metadata and keys as a snapshot for the store, to be sealed there: whoever can write it
    /// can make tokens.
    pub fn export(&self) -> Vec<u8> {
        let label = self.0.settings.snapshot_label();
        self.0.snapshot.load().export(label)
    }

    /// Takes over a snapshot, unless something newer is held already.
    ///
    /// # Errors
    /// When it is unreadable, or was made for another authority.
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

    /// Changes whenever metadata or keys have been loaded: the moment to [`Self::export`].
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// The state, for readiness and metrics.
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

impl ProviderInner {
    pub(super) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }
}

impl Unavailable {
    pub(crate) const fn soon() -> Self {
        Self {
            retry_after: Duration::from_secs(1),
            misconfiguration: None,
        }
    }

    pub(super) fn after(pause: Duration) -> Self {
        let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
        Self {
            retry_after: Duration::from_secs(seconds.max(1)),
            misconfiguration: None,
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
