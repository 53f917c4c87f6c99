//! Hosts of addresses.

use url::{Host, Url};

/// Whether the host of `url` is always this machine: `localhost`, a name below it (RFC 6761 section
/// 6.3), 127.0.0.0/8 or `[::1]`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_localhost(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether `name` is `localhost` or below it.
pub(crate) fn is_localhost(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

/// `host`, or `host:port` where the port is not the default of the scheme.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_localhost_and_names_below_it_are_this_machine() {
        for name in [
            "",
            "localhost.",
            "notlocalhost",
            "localhost.evil.test",
            "x.localhost.evil.test",
            "local",
        ] {
            assert!(!is_localhost(name), "{name}");
        }
        for name in ["localhost", "LocalHost", "x.localhost", "a.b.localhost"] {
            assert!(is_localhost(name), "{name}");
        }
    }
}
