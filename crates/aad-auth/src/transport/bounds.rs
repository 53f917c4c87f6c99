//! The maximum number of concurrent calls of each kind.

/// The bounds of one [`Transport`](super::Transport). A call beyond a bound returns
/// [`Busy`](super::TransportError::Busy) without a wait. Each kind of call has its own share, so that other
/// calls cannot block a sign-in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bounds {
    /// Code redemptions. Default: 128 calls over 64 connections. An instance redeems at most 64 codes at a
    /// time.
    pub token: CallShare,
    /// The discovery document and the key set. Default: 32 calls over 8 connections.
    pub metadata: CallShare,
    /// The userinfo endpoint at a sign-in. Default: as `token`.
    pub userinfo: CallShare,
    /// Refreshes, for rechecks and expiring tokens. Default: 256 calls over 64 connections.
    pub refresh: CallShare,
    /// Revocations after a sign-out, for which no user waits. Default: 256 calls over 8
    /// connections.
    pub revocation: CallShare,
    /// All downstream APIs together. Each call has its own connection, so that no call waits for another
    /// host. Default: 128.
    pub api: usize,
    /// Calls to one host of a downstream API. Default: 96.
    pub api_by_host: usize,
    /// Downstream calls for one user in all sessions. Default: 48.
    pub api_by_user: usize,
    /// Downstream calls for one session. Default: 24.
    pub api_by_session: usize,
}

/// The share of one kind of call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CallShare {
    /// Calls that are under way or wait for a connection.
    pub calls: usize,
    /// Connections that are in use at the same time.
    pub connections: usize,
}

impl CallShare {
    /// A share of `calls` calls over `connections` connections.
    pub const fn new(calls: usize, connections: usize) -> Self {
        Self { calls, connections }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            token: CallShare::new(128, 64),
            metadata: CallShare::new(32, 8),
            userinfo: CallShare::new(128, 64),
            refresh: CallShare::new(256, 64),
            revocation: CallShare::new(256, 8),
            api: 128,
            api_by_host: 96,
            api_by_user: 48,
            api_by_session: 24,
        }
    }
}
