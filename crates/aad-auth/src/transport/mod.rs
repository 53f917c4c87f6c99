//! The only way out: HTTP requests to the provider, with TLS, deadlines and size caps.

mod message;

pub use message::{Purpose, Request, Response, TransportError};
