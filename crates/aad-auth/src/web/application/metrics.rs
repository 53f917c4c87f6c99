//! Figures for a monitoring system, typed; how they are written down is the application's.

use std::collections::BTreeMap;

use crate::{
    observe::EventCounts, provider::ProviderState, store::StoreStats, transport::TransportState,
    web::instance::Auth,
};

/// The figures of one instance at one moment. Nothing in it is personal or secret.
///
/// ```
/// use aad_auth::Auth;
///
/// /// Lines in the text format of Prometheus.
/// fn export(auth: &Auth) -> String {
///     let now = auth.metrics();
///     let sign_ins = now.events.sign_ins_completed;
///     let failures = now.provider.totals.failures;
///     let (circuits, records) = (now.transport.open_circuits, now.store.records.unwrap_or(0));
///     format!("sign_ins {sign_ins}\nfailures {failures}\ncircuits {circuits}\nrecords {records}\n")
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metrics {
    /// Sign-ins and bearer tokens, by outcome.
    pub events: EventCounts,
    /// Refreshes by outcome: `renewed`, or the [`AcquireError::outcome`](crate::acquisition::AcquireError::outcome).
    pub refreshes: BTreeMap<&'static str, u64>,
    /// Codes that are being redeemed at this moment.
    pub redemptions_in_flight: usize,
    /// Metadata, keys, fetches, and the clock.
    pub provider: ProviderState,
    /// Calls to the provider and to downstream APIs.
    pub transport: TransportState,
    /// Verified bearer tokens that are held.
    pub cached_tokens: usize,
    /// About how many bytes those take.
    pub cached_token_bytes: usize,
    /// The session store.
    pub store: StoreStats,
    /// The store's kind: `memory`, `file` or `redis`.
    pub store_kind: &'static str,
}

impl Auth {
    /// The figures now. Cheap: reads memory only.
    ///
    /// See [`Metrics`] for an example.
    pub fn metrics(&self) -> Metrics {
        let engine = self.engine();
        let (cached_tokens, cached_token_bytes) = engine.verifier().cache_usage();
        let store = engine.sessions().store();
        Metrics {
            events: engine.events().counts(),
            refreshes: self.acquirer().refreshes(),
            redemptions_in_flight: engine.redemptions_in_flight(),
            provider: engine.provider().state(),
            transport: engine.transport().state(),
            cached_tokens,
            cached_token_bytes,
            store: store.stats(),
            store_kind: store.kind(),
        }
    }
}
