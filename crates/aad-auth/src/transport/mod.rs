//! Outgoing HTTP requests to the provider and to downstream APIs, with TLS, deadlines and size limits.

mod address;
mod bounds;
mod bulkhead;
mod call_failure;
mod circuit;
mod client;
mod close_delimited;
mod connect;
mod downstream;
mod message;
mod oidc;
mod permit;
mod pools;
mod resolver;
mod retry;
mod retry_after;
mod settings;
mod state;
#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
mod tests;
mod tls;
mod worker;

pub use bounds::{Bounds, CallShare};
pub use message::{CallOwner, CallPurpose, Request, Response, TransportError};
pub(crate) use message::{is_json, without_bom};
pub use oidc::OidcClient;
pub(crate) use retry_after::retry_after;
pub use settings::TransportSettings;
pub use state::TransportState;
pub use worker::Transport;
