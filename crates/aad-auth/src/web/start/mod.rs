//! From settings to a running instance.

mod assembly;
mod builder;
mod generated_secret;
mod open_keys;
mod open_store;
mod open_transport;
mod start_error;

pub use builder::AuthBuilder;
pub use start_error::StartError;
