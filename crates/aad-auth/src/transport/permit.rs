//! Permits of calls, within the bounds of the transport.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Bounds, Request, Response, TransportError, TransportState,
    bulkhead::{Bulkhead, ByBulkhead},
    call_failure::CallFailure,
    circuit,
    downstream::{Downstream, DownstreamCall, DownstreamRefused},
};
use crate::observe::ByCode;

/// The bounds of one transport, and their present use.
pub(super) struct Permits {
    places: ByBulkhead<Arc<Semaphore>>,
    calls: ByBulkhead<usize>,
    downstream: Arc<Downstream>,
    refused: ByCode,
}

/// The permit of one call. Dropping it releases its place.
pub(super) struct Permit {
    _place: OwnedSemaphorePermit,
    downstream: Option<DownstreamCall>,
}

impl Permits {
    pub(super) fn new(bounds: &Bounds) -> Self {
        let calls = |bulkhead: Bulkhead| bulkhead.share(bounds).calls.min(Semaphore::MAX_PERMITS);
        Self {
            places: ByBulkhead::new(|bulkhead| Arc::new(Semaphore::new(calls(bulkhead)))),
            calls: ByBulkhead::new(calls),
            downstream: Downstream::new(bounds),
            refused: ByCode::default(),
        }
    }

    /// A permit for `request`. Does not wait.
    ///
    /// # Errors
    /// [`TransportError::Busy`] or [`TransportError::CircuitOpen`].
    pub(super) fn admit(&self, request: &Request) -> Result<Permit, TransportError> {
        let bulkhead = Bulkhead::of(request.purpose);
        let downstream = match bulkhead {
            Bulkhead::Api => Some(self.admit_downstream(request)?),
            _ => None,
        };
        let place = Arc::clone(self.places.get(bulkhead)).try_acquire_owned();
        let place = place.map_err(|_| {
            self.refused.add(bulkhead.label());
            TransportError::Busy
        })?;
        Ok(Permit {
            _place: place,
            downstream,
        })
    }

    fn admit_downstream(&self, request: &Request) -> Result<DownstreamCall, TransportError> {
        let admitted = self
            .downstream
            .admit(&request.url, request.caller, Instant::now());
        admitted.map_err(|refused| {
            let (code, error) = match refused {
                DownstreamRefused::Host => ("api_host", TransportError::Busy),
                DownstreamRefused::User => ("api_user", TransportError::Busy),
                DownstreamRefused::Session => ("api_session", TransportError::Busy),
                DownstreamRefused::CircuitOpen { retry_after } => (
                    "api_circuit_open",
                    TransportError::CircuitOpen { retry_after },
                ),
            };
            self.refused.add(code);
            error
        })
    }

    pub(super) fn state(&self) -> TransportState {
        let in_flight = |bulkhead| {
            let free = self.places.get(bulkhead).available_permits();
            self.calls.get(bulkhead).saturating_sub(free)
        };
        let calls_in_flight: BTreeMap<_, _> = Bulkhead::ALL
            .into_iter()
            .map(|bulkhead| (bulkhead.label(), in_flight(bulkhead)))
            .collect();
        TransportState {
            calls_in_flight,
            calls_refused: self.refused.counts(),
            open_circuits: self.downstream.open_circuits(),
        }
    }
}

impl Permit {
    /// Notes how the call ended.
    pub(super) fn finish(&self, outcome: &Result<Response, CallFailure>) {
        if let (Some(call), Some(verdict)) = (&self.downstream, circuit::verdict(outcome)) {
            call.finish(verdict, Instant::now());
        }
    }
}
