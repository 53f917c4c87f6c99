//! A small client of Microsoft Graph. It sends access tokens to the configured host only.

mod address;
mod answer;
mod client;
mod error;

pub use answer::GraphAnswer;
pub use client::GraphClient;
pub use error::GraphError;
