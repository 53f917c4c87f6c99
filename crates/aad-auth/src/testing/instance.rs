//! Instances for tests.

use crate::{
    config::{Config, ConfigError, Source},
    web::{Auth, AuthBuilder},
};

/// An instance that needs neither provider nor environment: sessions in memory, and a provider
/// that nobody can reach. Guards, extractors and sessions work; a sign-in ends with a page that
/// says that the provider does not answer.
///
/// # Panics
/// Never, unless the crate is broken.
pub fn auth() -> Auth {
    builder().build().unwrap_or_else(|error| broken(&error))
}

/// The builder of [`auth`]: for a clock, a hook, pages, a name.
///
/// # Panics
/// Never, unless the crate is broken.
pub fn builder() -> AuthBuilder {
    let settings = format!(
        "AAD_AUTHORITY_HOST={NOBODY}\nAAD_TENANT_ID={TENANT}\nAAD_CLIENT_ID={CLIENT}\n\
         AAD_CLIENT_SECRET=nobody-asks-for~it"
    );
    builder_for(&settings, "http://localhost:8080").unwrap_or_else(|error| broken(&error))
}

/// The builder of an instance with the settings of a text like an `.env`, such as the emulator's
/// `ready_env`, at another base URL. Sessions are in memory and under a known secret, unless the
/// text says otherwise.
///
/// # Errors
/// Settings that are missing or cannot be used, as at an application's start.
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
fn broken(error: &dyn std::error::Error) -> ! {
    panic!("the settings of aad_auth::testing: {error}")
}

/// The port of the discard service (RFC 863): refused at once on every machine.
const NOBODY: &str = "http://127.0.0.1:9";
/// The tenant of test users.
pub(super) const TENANT: &str = "11110000-aaaa-4bbb-8ccc-000000000001";
const CLIENT: &str = "00001111-aaaa-4222-8333-000000000001";
/// Base64 of nothing secret.
const SECRET: &str =
    "dGVzdGluZyBvbmx5OiB0aGlzIHNlY3JldCBpcyBrbm93biB0byBldmVyeWJvZHkgYW5kIHByb3RlY3RzIG5vdGhpbmcu";
