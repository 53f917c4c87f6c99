//! Figures of a transport, for metrics.

use std::collections::BTreeMap;

/// Calls to the provider and to downstream APIs at one moment.
///
/// See [`Metrics`](crate::metrics::Metrics) for an example.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct TransportState {
    /// Calls that are under way or wait for a connection, by kind: `token`, `metadata`, `userinfo`,
    /// `refresh`, `revocation`, `api`.
    pub calls_in_flight: BTreeMap<&'static str, usize>,
    /// Calls since the start that a bound refused, by kind. Downstream APIs also have `api_host`, `api_user`,
    /// `api_session` and `api_circuit_open`.
    pub calls_refused: BTreeMap<&'static str, u64>,
    /// Hosts of downstream APIs whose circuit breaker is open.
    pub open_circuits: usize,
}
