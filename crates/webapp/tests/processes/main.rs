//! The program as its users run it: processes that are killed, replaced, several at a time, and a
//! store that goes away. Everything over real HTTP.
#![cfg(all(feature = "emulator", unix))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    dead_code,
    unreachable_pub,
    reason = "a test stops at the first surprise"
)]

mod base_url;
#[path = "../../../aad-auth/tests/sign_in/support/browser.rs"]
mod browser;
#[path = "../../../aad-auth/tests/support/canaries.rs"]
mod canaries;
mod canary;
mod connections;
mod dotenv;
#[cfg(feature = "redis")]
mod fleet;
mod getting_started;
mod malformed;
mod one_file;
mod proxies;
#[path = "../../../aad-auth/tests/support/redis.rs"]
mod redis;
#[cfg(feature = "redis")]
mod redis_cluster;
#[cfg(feature = "redis")]
mod redis_outage;
mod restart;
#[path = "../../../aad-auth/tests/support/root.rs"]
mod root;
mod support;
mod two_deployments;
