//! Instances for tests.

use crate::{
    config::{Config, ConfigError, Source},
    web::{Auth, AuthBuilder},
};

/// Builds an instance that needs neither provider nor environment, with sessions in memory.
///
/// Guards, extractors and sessions work. No provider listens at its address: a sign-in ends with the
/// page that says so.
///
/// See [`TestUser`](super::TestUser) for an example.
///
/// # Panics
/// Only if the crate has a bug.
pub fn auth() -> Auth {
    builder().build().unwrap_or_else(|error| bug(&error))
}

/// The builder of [`auth`], for a clock, a hook, pages or a name of the test's own.
///
/// See the page of the [module](crate::testing) for an example.
///
/// # Panics
/// Only if the crate has a bug.
pub fn builder() -> AuthBuilder {
    let config = Config::entra(TENANT, CLIENT)
        .authority_host(NO_PROVIDER)
        .client_secret("no~secret")
        .base_url("http://localhost:8080")
        .session_store("memory")
        .session_secret(SECRET)
        .build();
    Auth::builder(config.unwrap_or_else(|error| bug(&error)))
}

/// The builder of an instance at `base_url`, with settings in the form of an `.env` file, such as the
/// emulator's `ready_env`.
///
/// Sessions are in memory and sealed with a public secret, unless the settings name others.
///
/// See the page of the [module](crate::testing) for an example.
///
/// # Errors
/// Every setting that is missing or cannot be used.
pub fn builder_for(settings: &str, base_url: &str) -> Result<AuthBuilder, ConfigError> {
    let lines = settings.lines().map(str::trim);
    let pairs = lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='));
    let mut source = Source::new()
        .with("AAD_SESSION_STORE", "memory")
        .with("AAD_SESSION_SECRET", SECRET);
    for (name, value) in pairs {
        source.set(name.trim(), value.trim());
    }
    source.set("AAD_BASE_URL", base_url);
    Ok(Auth::builder(Config::parse(&source)?))
}

#[expect(clippy::panic, reason = "a test cannot go on without an instance")]
fn bug(error: &dyn std::error::Error) -> ! {
    panic!("the settings of aad_auth::testing: {error}")
}

/// The port of the discard service (RFC 863), which no machine runs: connections are refused at once.
const NO_PROVIDER: &str = "http://127.0.0.1:9";
/// The tenant of test users.
pub(super) const TENANT: &str = "11110000-aaaa-4bbb-8ccc-000000000001";
const CLIENT: &str = "00001111-aaaa-4222-8333-000000000001";
/// Base64 of a text that is no secret.
const SECRET: &str =
    "dGVzdGluZyBvbmx5OiB0aGlzIHNlY3JldCBpcyBrbm93biB0byBldmVyeWJvZHkgYW5kIHByb3RlY3RzIG5vdGhpbmcu";
