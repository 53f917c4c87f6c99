//! Other products as their documentation describes them: one data file for each, played over real
//! HTTP with real signatures through the whole sign-in of a real application.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may fail loudly, and brings its own HTTP client"
)]

mod app;
#[path = "../sign_in/support/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of the sign-in")]
mod browser;
mod capabilities;
mod documents;
mod journey;
mod keys;
mod optional_members;
mod product;
mod provider;
mod readme;
mod real_servers;
mod revoked_refresh;
mod roles;
#[path = "../support/server.rs"]
mod server;
mod shapes;
mod sign_in;
mod template;
mod token_endpoint;
#[path = "../support/tokens.rs"]
#[allow(dead_code, reason = "shared with the tests of validation")]
mod tokens;
mod userinfo;
mod wire;
