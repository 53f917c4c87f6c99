//! Parses one variable each. The problem of each names the rule and an example.

use std::{path::PathBuf, time::Duration};

use aad_auth::config::{Problem, Secret, Source};
use tracing_subscriber::EnvFilter;

use super::host::Host;
use crate::certificate::{CertificateError, TlsFiles};

/// The default of `PORT`.
pub const DEFAULT_PORT: u16 = 5000;
/// The default of `MAX_CONNECTIONS`. A client can make a connection take 150 KiB.
const DEFAULT_MAX_CONNECTIONS: usize = 4096;
const DEFAULT_LOG: &str = "info";

fn problem(variable: &'static str, rule: impl Into<String>, example: &'static str) -> Problem {
    Problem::new(variable, rule, example)
}

pub(super) fn host(source: &Source) -> Result<Host, Problem> {
    match source.get("HOST").map(str::trim) {
        None => Ok(Host::Loopback),
        Some(name) if name.eq_ignore_ascii_case("localhost") => Ok(Host::Loopback),
        Some(address) => {
            let address = address.trim_start_matches('[').trim_end_matches(']');
            address.parse().map(Host::Address).map_err(|_| {
                problem(
                    "HOST",
                    "must be an IP address to listen on, or localhost",
                    "0.0.0.0",
                )
            })
        }
    }
}

/// The port to listen on (`PORT`).
///
/// # Errors
/// Not a port number.
pub fn port(source: &Source) -> Result<u16, Problem> {
    source.get("PORT").map_or(Ok(DEFAULT_PORT), |value| {
        value
            .trim()
            .parse()
            .map_err(|_| problem("PORT", "must be a number from 0 to 65535", "5000"))
    })
}

pub(super) fn tls(source: &Source) -> Result<Option<TlsFiles>, Problem> {
    let pair = (source.get("TLS_CERT_FILE"), source.get("TLS_KEY_FILE"));
    let (certificate, key) = match pair {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (PathBuf::from(certificate), PathBuf::from(key)),
        (Some(_), None) => {
            let rule = "must be set together with TLS_CERT_FILE";
            return Err(problem("TLS_KEY_FILE", rule, "/etc/tls/key.pem"));
        }
        (None, Some(_)) => {
            let rule = "must be set together with TLS_KEY_FILE";
            return Err(problem("TLS_CERT_FILE", rule, "/etc/tls/chain.pem"));
        }
    };
    let files = TlsFiles { certificate, key };
    // The listener reads it again. Here a bad certificate is reported with all other problems.
    match files.load() {
        Ok(_) => Ok(Some(files)),
        Err(error @ CertificateError::Chain(_)) => Err(problem(
            "TLS_CERT_FILE",
            error.to_string(),
            "/etc/tls/chain.pem",
        )),
        Err(error) => Err(problem(
            "TLS_KEY_FILE",
            error.to_string(),
            "/etc/tls/key.pem",
        )),
    }
}

/// The filter of `RUST_LOG` as the operator has written it; `info` by default.
pub fn log_filter(source: &Source) -> &str {
    source.get("RUST_LOG").unwrap_or(DEFAULT_LOG)
}

pub(super) fn check_log_filter(source: &Source) -> Result<(), Problem> {
    EnvFilter::try_new(log_filter(source))
        .map(drop)
        .map_err(|_| {
            let rule = "must be a level, or target=level pairs separated by commas";
            problem("RUST_LOG", rule, "info,aad_auth=debug")
        })
}

pub(super) fn shutdown_delay(source: &Source) -> Result<Duration, Problem> {
    let range = Duration::ZERO..=Duration::from_secs(300);
    source.duration("SHUTDOWN_DELAY", "2s", Duration::from_secs(2), &range)
}

pub(super) fn max_connections(source: &Source) -> Result<usize, Problem> {
    let Some(value) = source.get("MAX_CONNECTIONS") else {
        return Ok(DEFAULT_MAX_CONNECTIONS);
    };
    let number = value.trim().parse().ok();
    let range = 16..=1_000_000;
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let rule = "must be a number from 16 to 1000000";
            problem("MAX_CONNECTIONS", rule, "4096")
        })
}

pub(super) fn static_dir(source: &Source) -> Result<Option<PathBuf>, Problem> {
    let folder = source.get("STATIC_DIR").map(PathBuf::from);
    match folder {
        Some(folder) if !folder.is_dir() => {
            let rule = "must name a folder that exists";
            Err(problem("STATIC_DIR", rule, "/srv/app/static"))
        }
        folder => Ok(folder),
    }
}

/// A token that cannot be guessed, of characters that a header may have.
pub(super) fn metrics_token(source: &Source) -> Result<Option<Secret>, Problem> {
    match source.get("METRICS_TOKEN").map(str::trim) {
        None => Ok(None),
        Some(token) if token.len() >= 32 && token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(Secret::from(token)))
        }
        Some(_) => {
            let rule = "must be at least 32 visible ASCII characters without spaces";
            let example = "output of: openssl rand -hex 32";
            Err(problem("METRICS_TOKEN", rule, example))
        }
    }
}
