//! Discovery documents and key sets.

mod endpoint;
mod instance;
mod keys;
mod metadata;

pub(crate) use endpoint::{discovery, discovery_v1, document_edits};
pub(crate) use instance::instance;
pub(crate) use keys::{keys, keys_v1};
