//! Drives the emulator over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

mod apis;
mod authorize;
mod binary;
mod code;
mod control;
mod cross_origin;
mod discovery;
mod fault;
mod graph;
mod guard;
mod logout;
mod mutation;
mod other_authorities;
mod refresh;
mod restart;
mod sign_in;
mod tls;
