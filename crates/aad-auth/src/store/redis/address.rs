//! Checks addresses that servers and sentinels name: they become part of a URL with user and password,
//! and of log lines.

use std::net::Ipv6Addr;

use crate::config::RedisHost;

/// Longest host name in DNS, in bytes.
const MAX_HOST: usize = 253;

/// The address of a server that another one names. `None` if `host` is neither a name nor an IP address,
/// for example one that would lead the URL to another host.
pub(super) fn named(host: &str, port: u16) -> Option<RedisHost> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let is_name = (1..=MAX_HOST).contains(&host.len()) && host.bytes().all(plain);
    let is_host = is_name || host.parse::<Ipv6Addr>().is_ok();
    is_host.then(|| RedisHost {
        host: host.to_owned(),
        port,
    })
}

/// As [`named`]. An empty name or `?` means the host that was asked: a node without
/// `cluster-announce-hostname` names itself `?`.
pub(super) fn named_or(host: &str, port: u16, asked: &RedisHost) -> Option<RedisHost> {
    match host {
        "" | "?" => Some(RedisHost {
            host: asked.host.clone(),
            port,
        }),
        host => named(host, port),
    }
}

/// Parses the address in a redirection (`MOVED`, `ASK`): `host:port`, or `:port` for another port of the
/// node that was asked.
pub(super) fn read_address(text: &str, asked: &RedisHost) -> Option<RedisHost> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    named_or(host.trim_matches(['[', ']']), port, asked)
}

/// Hosts that must be refused, for tests.
#[cfg(test)]
pub(super) fn hostile_hosts() -> Vec<String> {
    let mut hosts: Vec<_> = [
        "a\nb",
        "a\r\nforged line",
        "a\0",
        "a@evil.example",
        "user:canary@evil.example",
        "a/0",
        "evil.example/?",
        "a?b",
        "??",
        "a#b",
        "a%2f",
        "fe80::1%eth0",
        " ",
        "a b",
        "\ta",
        "a\\b",
        "a:b",
        "1:2",
        "a[b",
        "n\u{f6}de",
        "\u{202e}a",
        "\u{ff0e}",
    ]
    .map(str::to_owned)
    .into();
    hosts.extend([254, 300, 100_000].map(|length| "a".repeat(length)));
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(host: &str, port: u16) -> RedisHost {
        let host = host.to_owned();
        RedisHost { host, port }
    }

    #[test]
    fn r68_a_host_that_is_no_name_and_no_address_is_none() {
        let asked = host("asked", 7000);
        for text in hostile_hosts() {
            assert_eq!(named(&text, 7001), None, "{text}");
            assert_eq!(named_or(&text, 7001, &asked), None, "{text}");
            assert_eq!(
                read_address(&format!("{text}:7001"), &asked),
                None,
                "{text}"
            );
        }
        assert_eq!(named("", 7001), None);
        let longest = "a".repeat(MAX_HOST);
        for usable in [
            "a",
            "node_1.example-2.com",
            "10.0.0.1",
            "::1",
            "fe80::1",
            &longest,
        ] {
            assert_eq!(named(usable, 7001), Some(host(usable, 7001)));
        }
    }

    #[test]
    fn reads_the_address_of_a_redirection() {
        let asked = host("asked", 7000);
        for (text, address) in [
            ("10.0.0.1:7001", Some(host("10.0.0.1", 7001))),
            (":7001", Some(host("asked", 7001))),
            ("?:7001", Some(host("asked", 7001))),
            ("::1:7001", Some(host("::1", 7001))),
            ("[::1]:7001", Some(host("::1", 7001))),
            (
                "node-1.example.com:7001",
                Some(host("node-1.example.com", 7001)),
            ),
            ("nowhere", None),
            ("1:2:7001", None),
            ("a:0", None),
            ("a:70000", None),
            ("a:", None),
        ] {
            assert_eq!(read_address(text, &asked), address, "{text}");
        }
    }
}
