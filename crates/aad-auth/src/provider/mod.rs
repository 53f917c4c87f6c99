//! What the provider publishes: metadata document, key set, error bodies.

mod fault;

pub use fault::Fault;
