//! Steering the emulator: from a test by [`Control`], from elsewhere over HTTP.

mod handle;
mod http;
mod mint;

pub use handle::{Control, ControlError, Counters};
pub(crate) use http::control_routes;
pub use mint::Mint;
