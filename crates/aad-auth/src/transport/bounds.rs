//! How many calls of each kind one instance has under way at most.

/// The bounds of one [`Transport`](super::Transport). A call beyond one of them is answered
/// [`Busy`](super::TransportError::Busy) at once. No kind of call uses what belongs to another, so
/// that a sign-in always finds its share free.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bounds {
    /// Code redemptions. Default: 128 calls, twice as many as an instance redeems at a time, over
    /// 64 connections.
    pub token: CallShare,
    /// The discovery document and the key set. Default: 32 calls over 8 connections.
    pub metadata: CallShare,
    /// The userinfo endpoint, which belongs to a sign-in. Default: as `token`.
    pub userinfo: CallShare,
    /// Refreshes, for rechecks and for tokens that run out. Default: 256 calls over 64 connections.
    pub refresh: CallShare,
    /// Revocations after a sign-out, for which no user waits. Default: 256 calls over 8
    /// connections.
    pub revocation: CallShare,
    /// Downstream APIs, all together. Each call has a connection of its own, so that none waits
    /// for those to another host. Default: 128.
    pub api: usize,
    /// Calls to one host of a downstream API. Default: 96.
    pub api_by_host: usize,
    /// Downstream calls for one user, over all sessions. Default: 48.
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
    /// A share of so many calls over so many connections.
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
