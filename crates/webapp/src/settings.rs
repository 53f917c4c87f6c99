//! The application's own settings: where it listens, its certificate, its log. The settings of the
//! sign-in are those of `aad-auth` (`AAD_*`).

mod host;
mod parse;

use std::{
    env,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use aad_auth::config::{Problem, Secret, Source};

pub use self::host::Host;
pub use self::parse::{DEFAULT_PORT, log_filter, port};
use crate::certificate::TlsFiles;

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
    /// The interface to listen on (`HOST`); loopback by default.
    pub host: Host,
    /// The port (`PORT`); 5000 by default, 0 takes any free one.
    pub port: u16,
    /// Certificate chain and key as PEM files (`TLS_CERT_FILE`, `TLS_KEY_FILE`); `None` is plain http.
    pub tls: Option<TlsFiles>,
    /// Folder that replaces the embedded static files (`STATIC_DIR`).
    pub static_dir: Option<PathBuf>,
    /// How long the process still accepts requests after SIGTERM (`SHUTDOWN_DELAY`, 2 s by default).
    ///
    /// `/readyz` answers 503 meanwhile: load balancers need a moment to send requests elsewhere.
    pub shutdown_delay: Duration,
    /// The most open connections (`MAX_CONNECTIONS`, 4096 by default). The limit of open files may allow
    /// fewer.
    pub max_connections: usize,
    /// The bearer token that opens `/metrics` (`METRICS_TOKEN`).
    pub metrics_token: Option<Secret>,
}

impl Settings {
    /// Parses the settings; the error lists every problem.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub fn parse(source: &Source) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let host = value(&mut problems, parse::host(source));
        let port = value(&mut problems, port(source));
        let tls = value(&mut problems, parse::tls(source));
        value(&mut problems, parse::check_log_filter(source));
        let static_dir = value(&mut problems, parse::static_dir(source));
        let shutdown_delay = value(&mut problems, parse::shutdown_delay(source));
        let metrics_token = value(&mut problems, parse::metrics_token(source));
        let max_connections = value(&mut problems, parse::max_connections(source));
        let settings = || {
            Some(Self {
                host: host?,
                port: port?,
                tls: tls?,
                static_dir: static_dir?,
                shutdown_delay: shutdown_delay?,
                max_connections: max_connections?,
                metrics_token: metrics_token?,
            })
        };
        match settings() {
            Some(settings) if problems.is_empty() => Ok(settings),
            _ => Err(problems),
        }
    }

    /// The addresses to listen on.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        match self.host {
            // Two listeners with port 0 would get two different ports.
            Host::Loopback if self.port == 0 => vec![(Ipv4Addr::LOCALHOST, 0).into()],
            Host::Loopback => vec![
                (Ipv4Addr::LOCALHOST, self.port).into(),
                (Ipv6Addr::LOCALHOST, self.port).into(),
            ],
            Host::Address(address) => vec![(address, self.port).into()],
        }
    }
}

/// Adds the application's own variables to those that `aad-auth` has read.
pub fn read_own(source: &mut Source) {
    for name in OWN {
        #[expect(clippy::disallowed_methods, reason = "the one reader in this crate")]
        if let Ok(value) = env::var(name) {
            source.set(name, value);
        }
    }
}

/// The value, or `None` with its problem added to the others.
fn value<T>(problems: &mut Vec<Problem>, parsed: Result<T, Problem>) -> Option<T> {
    parsed.map_err(|problem| problems.push(problem)).ok()
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
    fn listens_at_the_address_of_host() {
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
