//! What is the application's own to decide: where it listens, its certificate, its log. How users
//! sign in is `aad-auth`'s (`AAD_*`).

use std::{
    env,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use aad_auth::config::{Problem, Secret, Source};
use tracing_subscriber::EnvFilter;

use crate::certificate::{CertificateError, TlsFiles};

/// The default of `PORT`.
pub const DEFAULT_PORT: u16 = 5000;
/// The default of `MAX_CONNECTIONS`. A client can make a connection take 150 KiB.
const DEFAULT_MAX_CONNECTIONS: usize = 4096;
const DEFAULT_LOG: &str = "info";
const OWN: [&str; 8] = [
    "HOST",
    "MAX_CONNECTIONS",
    "PORT",
    "RUST_LOG",
    "SHUTDOWN_DELAY",
    "STATIC_DIR",
    "TLS_CERT_FILE",
    "TLS_KEY_FILE",
];

/// The application's own settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen (`HOST`).
    pub host: Host,
    /// The port (`PORT`), 5000 by default; 0 takes any free one.
    pub port: u16,
    /// Certificate chain and key, both PEM (`TLS_CERT_FILE`, `TLS_KEY_FILE`); plain http without.
    pub tls: Option<TlsFiles>,
    /// Folder that replaces the embedded static files (`STATIC_DIR`).
    pub static_dir: Option<PathBuf>,
    /// How long the process goes on answering after SIGTERM, while `/readyz` says 503
    /// (`SHUTDOWN_DELAY`): load balancers need a moment to send requests elsewhere.
    pub shutdown_delay: Duration,
    /// The most open connections (`MAX_CONNECTIONS`), as far as the limit of open files allows.
    pub max_connections: usize,
    /// Whoever presents it may have the figures of `/metrics` (`METRICS_TOKEN`).
    pub metrics_token: Option<Secret>,
}

/// Where to listen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Host {
    /// On 127.0.0.1 and, where there is one, on `[::1]`: browsers try either for `localhost`.
    Loopback,
    /// On one address.
    Address(IpAddr),
}

impl Settings {
    /// Parses the settings; the error lists every problem.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub fn parse(source: &Source) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut note = |result: Result<(), Problem>| problems.extend(result.err());
        let host = host(source);
        let port = port(source);
        let tls = tls(source);
        let log_filter = usable_log_filter(source);
        let static_dir = static_dir(source);
        let shutdown_delay = shutdown_delay(source);
        let metrics_token = metrics_token(source);
        let max_connections = max_connections(source);
        note(host.as_ref().map(drop).map_err(Clone::clone));
        note(port.as_ref().map(drop).map_err(Clone::clone));
        note(tls.as_ref().map(drop).map_err(Clone::clone));
        note(log_filter.clone());
        note(static_dir.as_ref().map(drop).map_err(Clone::clone));
        note(shutdown_delay.as_ref().map(drop).map_err(Clone::clone));
        note(metrics_token.as_ref().map(drop).map_err(Clone::clone));
        note(max_connections.as_ref().map(drop).map_err(Clone::clone));
        if !problems.is_empty() {
            return Err(problems);
        }
        let parsed = (host, port, tls, static_dir, shutdown_delay);
        match (parsed, metrics_token, max_connections) {
            (
                (Ok(host), Ok(port), Ok(tls), Ok(static_dir), Ok(shutdown_delay)),
                Ok(metrics_token),
                Ok(max_connections),
            ) => Ok(Self {
                host,
                port,
                tls,
                static_dir,
                shutdown_delay,
                max_connections,
                metrics_token,
            }),
            _ => Err(problems),
        }
    }

    /// The addresses to listen on.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        match self.host {
            // Two listeners with port 0 would be two different ports.
            Host::Loopback if self.port == 0 => vec![(Ipv4Addr::LOCALHOST, 0).into()],
            Host::Loopback => vec![
                (Ipv4Addr::LOCALHOST, self.port).into(),
                (std::net::Ipv6Addr::LOCALHOST, self.port).into(),
            ],
            Host::Address(address) => vec![(address, self.port).into()],
        }
    }
}

/// Adds the application's own variables to what `aad-auth` has read.
pub fn read_own(source: &mut Source) {
    for name in OWN {
        #[expect(clippy::disallowed_methods, reason = "the one reader in this crate")]
        if let Ok(value) = env::var(name) {
            source.set(name, value);
        }
    }
}

fn problem(variable: &'static str, rule: impl Into<String>, example: &'static str) -> Problem {
    Problem::new(variable, rule, example)
}

fn host(source: &Source) -> Result<Host, Problem> {
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

fn tls(source: &Source) -> Result<Option<TlsFiles>, Problem> {
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
    // It is read again for the listener; here a bad one is told with all other problems.
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

/// What is logged, as it was written.
pub fn log_filter(source: &Source) -> &str {
    source.get("RUST_LOG").unwrap_or(DEFAULT_LOG)
}

fn usable_log_filter(source: &Source) -> Result<(), Problem> {
    EnvFilter::try_new(log_filter(source))
        .map(drop)
        .map_err(|_| {
            let rule = "must be a level, or target=level pairs separated by commas";
            problem("RUST_LOG", rule, "info,aad_auth=debug")
        })
}

fn shutdown_delay(source: &Source) -> Result<Duration, Problem> {
    let range = Duration::ZERO..=Duration::from_secs(300);
    source.duration("SHUTDOWN_DELAY", "2s", Duration::from_secs(2), &range)
}

fn max_connections(source: &Source) -> Result<usize, Problem> {
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

fn static_dir(source: &Source) -> Result<Option<PathBuf>, Problem> {
    let folder = source.get("STATIC_DIR").map(PathBuf::from);
    match folder {
        Some(folder) if !folder.is_dir() => {
            let rule = "must name a folder that exists";
            Err(problem("STATIC_DIR", rule, "/srv/app/static"))
        }
        folder => Ok(folder),
    }
}

/// Long enough not to be guessed, and of characters that may stand in the header.
fn metrics_token(source: &Source) -> Result<Option<Secret>, Problem> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(source: &Source) -> Vec<&'static str> {
        let problems = Settings::parse(source).unwrap_err();
        problems.iter().map(|problem| problem.variable).collect()
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let settings = Settings::parse(&Source::new()).unwrap();
        let addresses: Vec<_> = settings
            .addresses()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(addresses, ["127.0.0.1:5000", "[::1]:5000"]);
        assert!(settings.tls.is_none());
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let source = Source::new()
            .with("HOST", "example.com")
            .with("PORT", "70000")
            .with("TLS_CERT_FILE", "/missing")
            .with("RUST_LOG", "aad_auth=loud")
            .with("STATIC_DIR", "/missing")
            .with("SHUTDOWN_DELAY", "1 hour")
            .with("MAX_CONNECTIONS", "15")
            .with("METRICS_TOKEN", "<too-short-canary>");
        let expected = [
            "HOST",
            "PORT",
            "TLS_KEY_FILE",
            "RUST_LOG",
            "STATIC_DIR",
            "SHUTDOWN_DELAY",
            "METRICS_TOKEN",
            "MAX_CONNECTIONS",
        ];
        assert_eq!(problems(&source), expected);
    }

    #[test]
    fn refuses_a_certificate_that_cannot_be_read_or_used() {
        let source = Source::new().with("TLS_KEY_FILE", "/missing");
        assert_eq!(problems(&source), ["TLS_CERT_FILE"]);
        let both = source.with("TLS_CERT_FILE", "/missing");
        assert_eq!(problems(&both), ["TLS_CERT_FILE"]);
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let pair = |name: &str| {
            let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
            let key = write(&format!("{name}.key"), &made.signing_key.serialize_pem());
            (write(name, &made.cert.pem()), key)
        };
        let ((chain, key), (_, foreign)) = (pair("a.test"), pair("b.test"));
        let text = write("text", "not PEM");
        for (chain, key, named) in [
            (&text, &key, "TLS_CERT_FILE"),
            (&chain, &text, "TLS_KEY_FILE"),
            (&chain, &foreign, "TLS_KEY_FILE"),
        ] {
            let source = Source::new()
                .with("TLS_CERT_FILE", chain.as_str())
                .with("TLS_KEY_FILE", key.as_str());
            assert_eq!(problems(&source), [named]);
        }
        let source = Source::new()
            .with("TLS_CERT_FILE", chain)
            .with("TLS_KEY_FILE", key);
        assert!(Settings::parse(&source).unwrap().tls.is_some());
    }

    #[test]
    fn listens_where_it_is_told() {
        for (host, expected) in [
            ("localhost", "127.0.0.1:8080"),
            ("0.0.0.0", "0.0.0.0:8080"),
            ("::", "[::]:8080"),
            ("[::1]", "[::1]:8080"),
        ] {
            let source = Source::new().with("HOST", host).with("PORT", "8080");
            let settings = Settings::parse(&source).unwrap();
            assert_eq!(settings.addresses()[0].to_string(), expected);
        }
    }
}
