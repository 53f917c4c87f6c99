//! What the provider publishes: metadata document, key set, error bodies.

pub mod catalogue;
mod fault;
mod fault_parser;

pub use fault::Fault;
