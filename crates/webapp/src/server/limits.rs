//! The limits of connections.

use std::time::Duration;

/// The number of connections, and the deadlines of a client.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most open connections. Above seven eighths of it, each new one closes others that wait for
    /// their client: idle ones first, and the oldest of them first.
    pub connections: usize,
    /// The longest time without a request in progress: TLS handshake, head of a request, keep-alive, or
    /// the rest of a body that no handler reads.
    pub head: Duration,
    /// The longest time for which a client leaves a ready response untaken. Each byte that it takes
    /// gives back 1/500 s.
    pub write: Duration,
    /// The time that open requests have when the server stops.
    pub drain: Duration,
    /// The interval between two searches for overdue connections.
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

    /// The number of open connections from which on a new one closes others.
    pub(super) const fn room(&self) -> usize {
        self.connections.saturating_sub(self.connections / 8)
    }
}
