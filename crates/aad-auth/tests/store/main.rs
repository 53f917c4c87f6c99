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

mod custom;
mod file;
mod full_disk;
mod killed;
#[path = "../support/redis_load.rs"]
mod load;
mod memory;
mod model;
mod redis;
mod redis_cluster;
mod redis_conditions;
mod redis_sentinel;
mod shares;
#[path = "../support/redis.rs"]
mod support;
