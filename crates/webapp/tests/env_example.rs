//! `.env.example` is what people copy: its placeholders are refused, its examples accepted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use aad_auth::config::{Config, Source};
use webapp::settings::Settings;

const EXAMPLE: &str = include_str!("../../../.env.example");

/// Every variable of the design's table; a new one has to be added to both.
const VARIABLES: &[&str] = &[
    "AAD_ALLOWED_TENANTS",
    "AAD_API_AUDIENCE",
    "AAD_APP_SIGNING_KEYS",
    "AAD_AUTHORITY",
    "AAD_AUTHORITY_HOST",
    "AAD_BASE_URL",
    "AAD_CA_FILE",
    "AAD_CLIENT_AUTH",
    "AAD_CLIENT_CERTIFICATE",
    "AAD_CLIENT_CERTIFICATE_PASSWORD",
    "AAD_CLIENT_ID",
    "AAD_CLIENT_SECRET",
    "AAD_CLIENT_SECRET_MAY_BE_GUID",
    "AAD_CLOCK_LEEWAY",
    "AAD_COOKIE_NAME",
    "AAD_CORS_ORIGINS",
    "AAD_DOMAIN_HINTS",
    "AAD_ENDPOINT_HOSTS",
    "AAD_FEDERATED_TOKEN_FILE",
    "AAD_GRAPH_URL",
    "AAD_MANAGED_IDENTITY",
    "AAD_MAX_SESSIONS_PER_USER",
    "AAD_PROVIDER_TIMEOUT",
    "AAD_RECHECK",
    "AAD_REDIRECT_PATH",
    "AAD_RESPONSE_MODE",
    "AAD_ROUTE_PREFIX",
    "AAD_SCOPES",
    "AAD_SESSION_IDLE",
    "AAD_SESSION_MAX",
    "AAD_SESSION_SECRET",
    "AAD_SESSION_STORE",
    "AAD_SIGNING_ALGORITHMS",
    "AAD_STATE_DIR",
    "AAD_TENANT_ID",
    "AAD_TOKEN_CACHE",
    "AAD_TRUSTED_AUDIENCES",
    "AAD_TRUSTED_PROXIES",
    "AAD_USERINFO",
    "AAD_USER_FLOW",
    "AAD_USER_FLOW_EDIT_PROFILE",
    "AAD_USER_FLOW_PASSWORD_RESET",
    "HOST",
    "MAX_CONNECTIONS",
    "METRICS_TOKEN",
    "PORT",
    "RUST_LOG",
    "SHUTDOWN_DELAY",
    "STATIC_DIR",
    "TLS_CERT_FILE",
    "TLS_KEY_FILE",
];

/// Name, value, and whether it is commented out.
fn lines() -> Vec<(&'static str, &'static str, bool)> {
    let mut lines = Vec::new();
    for line in EXAMPLE.lines() {
        let (line, commented) = match line.strip_prefix('#') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_uppercase()) => (rest, true),
            Some(_) => continue,
            None => (line, false),
        };
        if let Some((name, value)) = line.split_once('=')
            && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        {
            lines.push((name, value, commented));
        }
    }
    lines
}

#[test]
fn every_variable_is_there_once() {
    let mut names: Vec<_> = lines().into_iter().map(|(name, ..)| name).collect();
    names.sort_unstable();
    assert_eq!(names, VARIABLES);
}

#[test]
fn a_copy_that_is_not_filled_in_is_refused_by_name() {
    let read = dotenvy::from_read_iter(EXAMPLE.as_bytes()).map(Result::unwrap);
    let source: Source = read.collect();
    let error = Config::parse(&source).err().unwrap();
    let named: Vec<_> = error
        .problems
        .iter()
        .map(|problem| problem.variable)
        .collect();
    for name in ["AAD_TENANT_ID", "AAD_CLIENT_ID", "AAD_CLIENT_SECRET"] {
        assert!(named.contains(&name), "{named:?}");
    }
    assert!(error.to_string().contains("placeholder"), "{error}");
}

#[test]
fn every_example_is_accepted() {
    let minimal = Source::new()
        .with("AAD_TENANT_ID", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca")
        .with("AAD_CLIENT_ID", "00001111-aaaa-2222-bbbb-3333cccc4444")
        .with("AAD_CLIENT_SECRET", "a secret");
    for (name, value, _) in lines() {
        if value.contains('<') || value.starts_with('/') {
            continue;
        }
        let mut source = minimal.clone().with(name, value.trim_matches('\''));
        if name == "AAD_AUTHORITY" {
            source.set("AAD_TENANT_ID", "");
        }
        if name.starts_with("AAD_USER_FLOW") {
            source.set("AAD_AUTHORITY_HOST", "https://contoso.b2clogin.com");
            source.set("AAD_USER_FLOW", "B2C_1_sign_in");
        }
        let problems = Config::parse(&source)
            .err()
            .map_or_else(Vec::new, |error| error.problems);
        let own = Settings::parse(&source).err().unwrap_or_default();
        let wrong = problems
            .iter()
            .chain(&own)
            .find(|problem| problem.variable == name);
        assert!(wrong.is_none(), "{name}={value}: {}", wrong.unwrap());
    }
}
