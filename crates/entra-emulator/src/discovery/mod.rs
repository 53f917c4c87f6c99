//! Discovery documents, key sets and instance discovery.

mod endpoint;
mod instance;
mod keys;
mod metadata;

pub(crate) use endpoint::{discovery, discovery_v1};
pub(crate) use instance::instance;
pub(crate) use keys::{keys, keys_v1};
