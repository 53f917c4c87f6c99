//! The store port and its back ends.
//!
//! [`Store`] is small on purpose: records with a time to live, compare-and-swap, and index sets.
//! Every operation touches one key, as Redis Cluster demands.
//! Values are opaque bytes: whoever calls seals them first.

mod error;
#[cfg(any(test, feature = "testing"))]
mod faulty;
#[cfg(feature = "file")]
mod file;
mod health;
mod key;
mod limits;
mod memory;
mod port;
#[cfg(feature = "redis")]
mod redis;
mod remembered;
mod share;
#[cfg(any(test, feature = "testing"))]
pub mod suite;

pub use error::StoreError;
#[cfg(any(test, feature = "testing"))]
pub use faulty::{FaultyStore, Operation, StoreFault};
#[cfg(feature = "file")]
pub use file::{FileOptions, FileStore};
pub use health::{StoreHealth, StoreStats};
pub use key::Key;
pub use limits::{MAX_KEY, MAX_MEMBER, MAX_MEMBER_VALUE, MAX_MEMBERS, MAX_VALUE};
pub use memory::{DEFAULT_CAPACITY, MemoryStore};
pub use port::{Created, Member, Record, Store, StoreFuture, Updated, Version};
#[cfg(feature = "redis")]
pub use redis::{RedisOptions, RedisStore};
pub(crate) use remembered::RememberedHealth;
#[cfg(any(test, feature = "unstable-internals"))]
pub use share::APPLICATION_DATA_PART;
