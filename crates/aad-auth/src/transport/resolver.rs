//! Name resolution.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use actix_tls::connect::{Connector, ConnectorService, Resolve, Resolver};
use futures_util::future::LocalBoxFuture;

use crate::config::is_localhost;

/// A connector that resolves names by the system, except `localhost` and names below it. Those are always the
/// loopback address, independent of a name server (RFC 6761 section 6.3). Plain http is safe there for that
/// reason only. Many systems resolve `localhost` only, and would not find an External ID tenant below it
/// (`http://name.localhost:5001`).
pub(super) fn connector() -> ConnectorService {
    Connector::new(Resolver::custom(HostResolver)).service()
}

struct HostResolver;

impl Resolve for HostResolver {
    fn lookup<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> LocalBoxFuture<'a, Result<Vec<SocketAddr>, Box<dyn Error>>> {
        Box::pin(async move {
            if is_localhost(host) {
                return Ok(LOOPBACK.map(|ip| SocketAddr::new(ip, port)).to_vec());
            }
            // One text for host and port: the host may be an IPv6 address in brackets.
            let found = tokio::net::lookup_host(format!("{host}:{port}")).await?;
            Ok(found.collect())
        })
    }
}

/// The loopback addresses, in the order of the connection attempts.
const LOOPBACK: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_name_below_localhost_is_loopback_and_nothing_else() {
        for host in [
            "localhost",
            "LOCALHOST",
            "woodgrove.localhost",
            "a.b.Localhost",
        ] {
            let found = HostResolver.lookup(host, 5001).await.unwrap();
            assert_eq!(found.len(), 2, "{host}");
            assert!(found.iter().all(|address| address.ip().is_loopback()));
            assert!(found.iter().all(|address| address.port() == 5001));
        }
    }

    #[actix_web::test]
    async fn an_address_in_brackets_is_itself() {
        let found = HostResolver.lookup("[::1]", 5001).await.unwrap();
        assert_eq!(found, [SocketAddr::new(LOOPBACK[1], 5001)]);
    }
}
