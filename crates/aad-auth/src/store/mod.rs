//! Session stores: the [`Store`] trait, three back ends, and the contract for further ones.
//!
//! The crate brings [`MemoryStore`], [`FileStore`] (feature `file`, one process) and [`RedisStore`]
//! (feature `redis`, several processes). `AAD_SESSION_STORE` selects one of them. An application can
//! pass another [`Store`] to `AuthBuilder::store`.
//!
//! # Write a back end
//!
//! A store holds **records** (one value per key, with a version and a time to live) and **index sets**
//! (named members, each with a value and a time to live). Every operation touches one key, as Redis
//! Cluster demands. Values are opaque and sealed before they reach the store. Nine methods are required;
//! `examples/custom_store.rs` implements them in about 60 lines, as an application with a store of its
//! own.
//!
//! | operation | atomicity | if the record is absent or expired | errors besides the common ones |
//! |---|---|---|---|
//! | [`get`](Store::get) | reads value, version and end of one write | `None` | |
//! | [`create`](Store::create) | of concurrent calls, exactly one writes | writes it with a new version | `TooLarge`, `Full` |
//! | [`update`](Store::update) | compare-and-swap of the version: of concurrent calls, exactly one writes | [`Updated::Missing`], writes nothing | `TooLarge`, `Full` if the value grows |
//! | [`touch`](Store::touch) | changes the end only, not value and version | `false`, writes nothing | |
//! | [`delete`](Store::delete) | after it returns, no concurrent update or touch restores the record | `false` | |
//! | [`index_put`](Store::index_put) | concurrent calls for several members keep all of them | creates the set | `TooLarge`, `Full` |
//! | [`index_remove`](Store::index_remove) | removes one member | `false` | |
//! | [`index_list`](Store::index_list) | lists members whose put has returned | an empty list | |
//! | [`close`](Store::close) | later operations return [`StoreError::Stopped`] | | |
//!
//! **Atomicity.** An operation whose future is dropped has happened wholly or not at all. When it
//! returns `Ok`, every later operation of every process sees its effect. A durable back end has also
//! flushed it to the disk.
//!
//! **Versions.** [`Version`] identifies one write of one key. It must never recur for a key, not even
//! after a deletion or a restart. Draw it at random (64 bits), or count from a random start.
//!
//! **Expiry.** A record or member whose time to live has passed is absent for every operation, whether
//! it has been removed or not. Each write starts a new life. [`clamp_life`] limits it to 1 ms … ten years.
//!
//! **Bounds.** [`check_value`] and [`check_member`] refuse what is too large ([`StoreError::TooLarge`]).
//! A set has at most [`MAX_MEMBERS`] live members. A store that is full of live records returns
//! [`StoreError::Full`] and evicts none: eviction would sign users out at random. A bounded store
//! reserves part of its room, so that application data cannot prevent sign-ins
//! ([`APPLICATION_DATA_PART`]) and sign-outs always succeed ([`MARKS_PART`]); [`Key`] says how to tell
//! them apart.
//!
//! **Errors.** Every operation may return `Opening`, `Unavailable`, `Refused`, `Denied`, `Corrupt` or
//! `Stopped`. An error must not hide a change that was made: callers treat an error as "unknown", and
//! try again with the version that they have. Log details yourself, without keys and values.
//!
//! **Proof.** The conformance suite (`suite`, feature `testing`) checks all of this, races included. Call
//! `suite::run_all` in a test of your back end.

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
