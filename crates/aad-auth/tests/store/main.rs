//! The stores, each against the conformance suite and against what only it promises.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "a test stops at the first surprise"
)]

mod file;
mod full_disk;
mod killed;
mod memory;
mod model;
mod redis;
mod shares;
#[path = "../support/redis.rs"]
mod support;
