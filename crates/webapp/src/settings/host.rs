//! The setting `HOST`.

use std::net::IpAddr;

/// The interface to listen on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Host {
    /// 127.0.0.1 and, where there is IPv6, `[::1]`: browsers try either for `localhost`.
    Loopback,
    /// One address.
    Address(IpAddr),
}
