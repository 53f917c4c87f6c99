//! The shared store: Redis or Valkey, for several instances without sticky sessions.
//!
//! Every operation touches one key, in one round trip. Scripts do what no single command can:
//! compare-and-swap and the lives of index members. Versions are drawn by the writer, so that an
//! operation that may have been carried out before a connection broke can be sent again.

mod address;
mod breaker;
mod commands;
mod condition;
mod connections;
mod dial;
mod fault;
mod link;
mod node;
mod notice;
mod options;
mod probe;
mod scripts;
mod sentinel;
mod server_info;
mod slots;
mod store;
mod survey;
mod tls;
mod topology;

pub use options::RedisOptions;
pub use store::RedisStore;
