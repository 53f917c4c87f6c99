//! What a client may take.

use std::time::Duration;

/// The bounds of connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most open connections. When seven eighths are open, each further one closes others that
    /// wait for their client: idle ones first, of these the oldest.
    pub connections: usize,
    /// How long a connection may be without a request that is being answered: TLS handshake and
    /// head of a request, keep-alive, the rest of a body that is not read.
    pub head: Duration,
    /// How long a client may keep a response waiting that is ready. Each byte that it takes then
    /// gives back 1/500 of a second.
    pub write: Duration,
    /// How long open requests have when the server stops.
    pub drain: Duration,
    /// How often it is checked which connections are overdue.
    pub period: Duration,
}

impl Limits {
    /// The default deadlines: 10 s for a head, 20 s for a response that is not taken, 8 s to stop.
    pub const fn new(connections: usize) -> Self {
        Self {
            connections,
            head: Duration::from_secs(10),
            write: Duration::from_secs(20),
            drain: Duration::from_secs(8),
            period: Duration::from_secs(1),
        }
    }

    /// From how many open connections on others are closed for a new one.
    pub(super) const fn room(&self) -> usize {
        self.connections.saturating_sub(self.connections / 8)
    }
}
