//! The store in the memory of the process: bounded, fast, lost at the end of the process.

mod byte_budget;
mod expiring_map;
mod index_set;
mod memory_shard;
mod store;

pub use store::{DEFAULT_CAPACITY, MemoryStore};
