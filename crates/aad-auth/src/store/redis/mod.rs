//! The shared store: Redis or Valkey, for several instances without sticky sessions.
//!
//! Every operation touches one key, in one round trip. Scripts implement compare-and-swap and the lives
//! of index members. The writer draws the version of a record, so an operation that may have been
//! executed before a connection broke can be sent again.

mod address;
mod breaker;
mod client;
mod commands;
mod condition;
mod condition_log;
mod connector;
mod fault;
mod health_probe;
mod node;
mod options;
mod router;
mod runtime_connections;
mod scripts;
mod sentinel;
mod server_info;
mod slot_map;
mod slot_query;
mod store;
mod tls;
mod topology;

pub use client::RedisStore;
pub use options::RedisOptions;
