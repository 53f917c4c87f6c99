//! Settings of the transport.

use std::time::Duration;

use super::Bounds;

/// Settings of the [`Transport`](super::Transport).
#[derive(Clone)]
#[non_exhaustive]
pub struct TransportSettings {
    /// The total deadline of one call, with waiting, connecting, TLS, headers, body and retry
    /// (`AAD_PROVIDER_TIMEOUT`). Default: 10 seconds; at most 10 minutes.
    pub timeout: Duration,
    /// Additional trusted root certificates, as PEM (`AAD_CA_FILE`). Default: only the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// The maximum size of a body, in bytes. Default: 1 MiB.
    pub max_body: usize,
    /// The maximum numbers of concurrent calls.
    pub bounds: Bounds,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            ca_pem: None,
            max_body: 1 << 20,
            bounds: Bounds::default(),
        }
    }
}

impl TransportSettings {
    /// The default settings with another total deadline.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// These settings with additional trusted roots.
    #[must_use]
    pub fn ca_pem(mut self, pem: Vec<u8>) -> Self {
        self.ca_pem = Some(pem);
        self
    }

    /// The deadline, limited so that adding it to a moment cannot overflow.
    pub(super) fn deadline(&self) -> Duration {
        self.timeout.min(Duration::from_secs(600))
    }
}
