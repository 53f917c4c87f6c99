//! What the provider publishes: metadata document, key set, error bodies.

pub mod catalogue;
mod fault;

pub use fault::Fault;
