//! Token validation and the keyring, with real keys and signatures.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a test stops at the first surprise"
)]

mod issuer_cases;
mod key_sets;
mod keyring;
mod metadata;
mod openidconnect;
mod refuses_access_tokens;
mod refuses_id_tokens;
mod refuses_logout_tokens;
#[path = "../support/tokens.rs"]
#[allow(dead_code, reason = "shared with the benchmark")]
mod tokens;
mod verified_cache;
mod world;
