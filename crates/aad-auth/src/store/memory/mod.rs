//! The store in the memory of the process: bounded, fast, gone at the end.

mod budget;
mod expiring;
mod shard;
mod store;

pub use store::{DEFAULT_CAPACITY, MemoryStore};
