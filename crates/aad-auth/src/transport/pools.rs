//! Connection pools, one for each bulkhead.
//!
//! A `Connector` of awc (3.11, `client/pool.rs`) limits the connections of one client and scheme to `limit`,
//! over all hosts, first come, first served. A call holds its place until its body is read or the call is
//! dropped. The connector's timeouts do not cover the wait for a place. So calls to a host that hangs delay
//! calls to other hosts of the same client. Only a separate client prevents that.
//!
//! All bulkheads share the 512 blocking threads of the runtime for name resolution. A lookup that hangs
//! blocks one thread until the system's resolver gives up. The bound by host, and its circuit after five
//! failures, leave most threads free.

use std::{cell::OnceCell, sync::Arc, time::Duration};

use awc::{ClientBuilder, Connector};
use rustls::{ClientConfig, pki_types::CertificateDer};

use super::{
    Bounds, CallPurpose, TransportError,
    bulkhead::{Bulkhead, ByBulkhead},
    connect::Connect,
    tls,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const KEEP_ALIVE: Duration = Duration::from_secs(60);
const LIFETIME: Duration = Duration::from_secs(600);

/// The connection pools of the provider thread. They share one TLS configuration, which is built at the first
/// https address: it costs 40 to 50 ms of CPU, and plain http on loopback does not need it.
pub(super) struct Pools {
    pools: ByBulkhead<Pool>,
    tls: tokio::sync::OnceCell<Arc<ClientConfig>>,
    roots: Vec<CertificateDer<'static>>,
    deadline: Duration,
}

struct Pool {
    connections: usize,
    plain: OnceCell<awc::Client>,
    secure: OnceCell<awc::Client>,
}

impl Pools {
    pub(super) fn new(
        bounds: &Bounds,
        roots: Vec<CertificateDer<'static>>,
        deadline: Duration,
    ) -> Self {
        let pools = ByBulkhead::new(|bulkhead: Bulkhead| Pool {
            // awc treats zero as unlimited.
            connections: bulkhead.share(bounds).connections.max(1),
            plain: OnceCell::new(),
            secure: OnceCell::new(),
        });
        Self {
            pools,
            tls: tokio::sync::OnceCell::new(),
            roots,
            deadline,
        }
    }

    /// The client for calls of this purpose to this address.
    pub(super) async fn client(
        &self,
        purpose: CallPurpose,
        url: &url::Url,
    ) -> Result<&awc::Client, TransportError> {
        let pool = self.pools.get(Bulkhead::of(purpose));
        let build = |tls| build(pool.connections, tls, self.deadline);
        if url.scheme() != "https" {
            return Ok(pool.plain.get_or_init(|| build(None)));
        }
        let config = self
            .tls
            .get_or_try_init(|| async {
                let roots = self.roots.clone();
                actix_rt::task::spawn_blocking(move || tls::client_config(&roots))
                    .await
                    .map_err(|_| TransportError::Stopped)?
            })
            .await?;
        Ok(pool.secure.get_or_init(|| build(Some(Arc::clone(config)))))
    }

    #[cfg(test)]
    pub(super) fn has_tls(&self) -> bool {
        self.tls.get().is_some()
    }
}

fn build(connections: usize, tls: Option<Arc<ClientConfig>>, deadline: Duration) -> awc::Client {
    // The timeout of the TCP and TLS handshakes together.
    let handshakes = CONNECT_TIMEOUT + deadline;
    let connector = Connector::new()
        .connector(Connect::new(tls, CONNECT_TIMEOUT))
        .limit(connections)
        .timeout(handshakes)
        .conn_keep_alive(KEEP_ALIVE)
        .conn_lifetime(LIFETIME);
    // A redirect would send code and secret to another host (RFC 9700 section 4.12). awc's own timeout
    // ends with the headers, so that the worker's deadline covers the whole call.
    ClientBuilder::new()
        .disable_redirects()
        .disable_timeout()
        .no_default_headers()
        .connector(connector)
        .finish()
}
