//! Token validation and the keyring, with real keys and signatures.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a test stops at the first surprise"
)]

mod algorithms;
mod issuer_cases;
mod key_sets;
mod keyring;
mod metadata;
mod openidconnect;
mod over_http;
mod refuses_access_tokens;
mod refuses_id_tokens;
mod refuses_logout_tokens;
#[path = "../support/tokens.rs"]
#[allow(dead_code, reason = "shared with the benchmark")]
mod tokens;
mod told;
mod verified_cache;
mod what_tokens_tell;
mod world;
