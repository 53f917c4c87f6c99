//! Opens the listeners and the certificate, with errors that name the remedy.

use std::{
    fmt, io,
    net::{Ipv6Addr, SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};

use crate::settings::{Host, Settings, TlsFiles};

/// Why nothing can be served.
#[derive(Debug)]
pub enum ListenError {
    /// Another program listens there.
    InUse(SocketAddr),
    /// The address is not ours, or the port needs more rights.
    Bind(SocketAddr, io::Error),
    /// A PEM file does not hold what it should.
    Pem(PathBuf, pem::Error),
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    Tls(rustls::Error),
}

impl std::error::Error for ListenError {}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(address) => {
                let port = address.port();
                let next = port.checked_add(1).unwrap_or(8080);
                write!(
                    f,
                    "another program listens on {address}. Stop it, or choose another port: \
                     PORT={next} (a tenant's registration then needs the redirect URI of that \
                     port only when it is not on localhost). On Linux and macOS \
                     `lsof -i :{port}` names the program."
                )
            }
            Self::Bind(address, error) => write!(
                f,
                "cannot listen on {address}: {error}. HOST must be an address of this machine \
                 (or 0.0.0.0 for all), and ports below 1024 may need more rights."
            ),
            Self::Pem(path, error) => write!(
                f,
                "{} holds no usable PEM: {error}. TLS_CERT_FILE is the chain (leaf first), \
                 TLS_KEY_FILE the private key without a password.",
                path.display()
            ),
            Self::Tls(error) => write!(
                f,
                "TLS_CERT_FILE and TLS_KEY_FILE cannot be used together: {error}"
            ),
        }
    }
}

/// Opens every address of the settings. Without IPv6 on this machine, 127.0.0.1 is enough.
///
/// # Errors
/// An address that cannot be listened on.
pub fn open(settings: &Settings) -> Result<Vec<TcpListener>, ListenError> {
    let mut listeners = Vec::new();
    for address in settings.addresses() {
        if settings.host == Host::Loopback && address.is_ipv6() && !has_ipv6() {
            tracing::debug!("no IPv6 loopback on this machine");
            continue;
        }
        listeners.push(
            TcpListener::bind(address).map_err(|error| match error.kind() {
                io::ErrorKind::AddrInUse => ListenError::InUse(address),
                _ => ListenError::Bind(address, error),
            })?,
        );
    }
    Ok(listeners)
}

/// Reads the certificate: TLS 1.2 and 1.3 with the cipher suites of aws-lc.
///
/// # Errors
/// Files that do not hold a chain and its key.
pub fn tls(files: &TlsFiles) -> Result<ServerConfig, ListenError> {
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| ListenError::Pem(files.certificate.clone(), error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| ListenError::Pem(files.key.clone(), error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(ListenError::Tls)
}

/// Who wants the process to stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StopSignal {
    /// A supervisor (SIGTERM): a load balancer may still send requests.
    Terminate,
    /// Somebody at the keyboard (SIGINT, Ctrl+C), who does not want to wait.
    Interrupt,
}

/// Waits for the signal to stop.
pub async fn stop_signal() -> StopSignal {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => return StopSignal::Terminate,
                _ = tokio::signal::ctrl_c() => return StopSignal::Interrupt,
            }
        }
    }
    drop(tokio::signal::ctrl_c().await);
    StopSignal::Interrupt
}

fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use aad_auth::config::Source;

    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_remedy() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let source = Source::new().with("PORT", port.to_string());
        let error = open(&Settings::parse(&source).unwrap()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("127.0.0.1:{port}")), "{text}");
        assert!(text.contains("PORT="), "{text}");
    }

    #[test]
    fn refuses_a_file_without_a_certificate() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "not PEM").unwrap();
        let files = TlsFiles {
            certificate: file.path().to_owned(),
            key: file.path().to_owned(),
        };
        assert!(
            tls(&files)
                .unwrap_err()
                .to_string()
                .contains("TLS_KEY_FILE")
        );
    }
}
