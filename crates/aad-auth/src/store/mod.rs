//! Session stores: the trait, three back ends and the conformance suite. `docs/store.md` is the contract.

mod capacity_share;
mod error;
#[cfg(any(test, feature = "testing"))]
mod faulty_store;
#[cfg(feature = "file")]
mod file;
mod health;
mod health_cache;
mod key;
mod limits;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod store_trait;
#[cfg(any(test, feature = "testing"))]
pub mod suite;

#[cfg(any(test, feature = "unstable-internals"))]
pub use capacity_share::APPLICATION_DATA_PART;
pub use error::StoreError;
#[cfg(any(test, feature = "testing"))]
pub use faulty_store::{FaultyStore, Operation, StoreFault};
#[cfg(feature = "file")]
pub use file::{FileOptions, FileStore};
pub use health::{StoreHealth, StoreStats};
pub(crate) use health_cache::HealthCache;
pub use key::Key;
pub use limits::{
    MAX_KEY, MAX_MEMBER, MAX_MEMBER_VALUE, MAX_MEMBERS, MAX_VALUE, check_member, check_value,
    clamp_life,
};
pub use memory::{DEFAULT_CAPACITY, MemoryStore};
#[cfg(feature = "redis")]
pub use redis::{RedisOptions, RedisStore};
pub use store_trait::{Created, Member, Record, Store, StoreFuture, Updated, Version};
