//! The only way out: HTTP requests to the provider, with TLS, deadlines and size caps.

mod address;
mod client;
mod message;
mod oidc;
mod resolver;
mod retry;
mod settings;
#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
mod tests;
mod tls;
mod worker;

pub(crate) use message::is_json;
pub use message::{Purpose, Request, Response, TransportError};
pub use oidc::OidcClient;
pub(crate) use retry::retry_after;
pub use settings::TransportSettings;
pub use worker::Transport;
