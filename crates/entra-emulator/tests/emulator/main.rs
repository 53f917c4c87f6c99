//! Drives the emulator over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

mod apis;
mod authorize;
mod back_channel;
mod binary;
mod claim_mutations;
mod code;
mod control;
mod cross_origin;
mod discovery;
mod document_faults;
mod fault;
mod graph;
mod guard;
mod logout;
mod memberships;
mod mint;
mod mutation;
mod other_authorities;
mod refresh;
mod restart;
mod revocation;
mod sign_in;
mod sign_in_pages;
mod single_sign_on;
mod start_page;
mod tls;
mod user_flows;
mod weak_keys;
