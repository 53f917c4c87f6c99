//! How the names of hosts become addresses.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use actix_tls::connect::{Connector, ConnectorService, Resolve, Resolver};
use futures_util::future::LocalBoxFuture;

use crate::config::is_localhost;

/// A connector that asks the system for every name but `localhost` and those below it. Those are
/// this machine's, whatever a name server says (RFC 6761 section 6.3), and plain http is allowed to
/// them for that reason alone. Many systems know `localhost` only, so that an External ID tenant
/// below it (`http://name.localhost:5001`) would not be found.
pub(super) fn connector() -> ConnectorService {
    Connector::new(Resolver::custom(Names)).service()
}

struct Names;

impl Resolve for Names {
    fn lookup<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> LocalBoxFuture<'a, Result<Vec<SocketAddr>, Box<dyn Error>>> {
        Box::pin(async move {
            if is_localhost(host) {
                return Ok(LOOPBACK.map(|ip| SocketAddr::new(ip, port)).to_vec());
            }
            // One text, since a host may also be an IPv6 address in brackets.
            let found = tokio::net::lookup_host(format!("{host}:{port}")).await?;
            Ok(found.collect())
        })
    }
}

/// In the order in which they are tried.
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
            let found = Names.lookup(host, 5001).await.unwrap();
            assert_eq!(found.len(), 2, "{host}");
            assert!(found.iter().all(|address| address.ip().is_loopback()));
            assert!(found.iter().all(|address| address.port() == 5001));
        }
    }

    #[actix_web::test]
    async fn an_address_in_brackets_is_itself() {
        let found = Names.lookup("[::1]", 5001).await.unwrap();
        assert_eq!(found, [SocketAddr::new(LOOPBACK[1], 5001)]);
    }
}
