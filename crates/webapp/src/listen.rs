//! Opens the listeners, and waits for the signal to stop.

use std::{
    fmt, io,
    net::{Ipv6Addr, SocketAddr, TcpListener},
};

use crate::settings::{Host, Settings};

/// Why an address cannot be listened on.
#[derive(Debug)]
pub enum ListenError {
    /// Another program listens on the address.
    InUse(SocketAddr),
    /// The address is not of this machine, or the port needs more rights.
    Bind(SocketAddr, io::Error),
}

impl std::error::Error for ListenError {}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(address) => {
                let port = address.port();
                // Not the next port: the other program may have its emulator there.
                let next = port.checked_add(50).unwrap_or(8080);
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
        }
    }
}

/// Opens every address of the settings. `[::1]` is left out on machines without IPv6.
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

/// The signal to stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StopSignal {
    /// SIGTERM of a supervisor: a load balancer may still send requests.
    Terminate,
    /// SIGINT (Ctrl+C) of a developer, who does not want to wait.
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
}
