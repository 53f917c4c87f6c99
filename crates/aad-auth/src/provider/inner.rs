//! The state that all handles of one provider share.

use std::sync::{Arc, Mutex, atomic::AtomicBool};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::{
    Metadata, Obstacle, ProviderClock, ProviderPorts, ProviderSettings,
    budget::{FetchBudgets, UnknownKeys},
    counters::ProviderCounters,
    load_health::LoadHealth,
    snapshot::Snapshot,
};
use crate::{clock::Timestamp, observe::LogOnce, sync::SingleFlight};
/// The state behind a [`Provider`](super::Provider).
pub(super) struct ProviderInner {
    pub(super) settings: ProviderSettings,
    pub(super) ports: ProviderPorts,
    pub(super) snapshot: ArcSwap<Snapshot>,
    pub(super) flight: Arc<SingleFlight<(), bool>>,
    pub(super) budgets: Mutex<FetchBudgets>,
    pub(super) unknown: Mutex<UnknownKeys>,
    pub(super) health: LoadHealth,
    pub(super) counters: ProviderCounters,
    pub(super) provider_clock: ProviderClock,
    /// Logs a load that exceeds the timeout.
    pub(super) late: LogOnce,
    /// The obstacles that the log names already.
    pub(super) reported: Mutex<Vec<Obstacle>>,
    /// Counts the successful loads.
    pub(super) changed: watch::Sender<u64>,
    pub(super) started: AtomicBool,
}

impl ProviderInner {
    /// Holds no metadata and no keys.
    pub(super) fn new(
        provider_clock: ProviderClock,
        settings: ProviderSettings,
        ports: ProviderPorts,
    ) -> Self {
        Self {
            settings,
            provider_clock,
            ports,
            snapshot: ArcSwap::default(),
            flight: Arc::default(),
            budgets: Mutex::default(),
            unknown: Mutex::default(),
            health: LoadHealth::default(),
            counters: ProviderCounters::default(),
            late: LogOnce::default(),
            reported: Mutex::default(),
            changed: watch::Sender::new(0),
            started: AtomicBool::new(false),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// The metadata that is held and not too old.
    pub(super) fn metadata(&self) -> Option<Arc<Metadata>> {
        let snapshot = self.snapshot.load();
        let held = snapshot.metadata.as_ref()?;
        held.is_alive(self.now())
            .then(|| Arc::clone(&held.metadata))
    }

    /// Whether at least one usable key is held.
    pub(super) fn has_keys(&self) -> bool {
        self.snapshot.load().keys.usable(self.now()) > 0
    }
}
