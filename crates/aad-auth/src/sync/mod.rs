//! Coordination of concurrent work: single flight, and polling of a shared store.

mod polling;
mod single_flight;

pub(crate) use polling::{POLLING_TIMEOUT, pause_between_polls};
pub(crate) use single_flight::{Leader, SingleFlight, Waiter};
