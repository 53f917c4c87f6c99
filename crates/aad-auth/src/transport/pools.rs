//! Connections: each bulkhead has its own.
//!
//! A `Connector` of awc (3.11, `client/pool.rs`) lets `limit` calls of one client and scheme have a
//! connection at a time: over all hosts, in the order in which they come. A call keeps its place
//! until its body is read or the call is dropped, and the connector's timeouts do not cover the
//! waiting for one. So calls to a host that hangs keep calls to every other host waiting, and
//! nothing but another client helps against that.
//!
//! Names are looked up by the 512 blocking threads of the runtime, which all bulkheads share: a lookup
//! that hangs holds one for as long as the system's resolver tries. The bound by host, and its
//! circuit after five failures, leave most of them free.

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

/// The connection pools of the provider thread. The TLS configuration, which all of them share, is
/// built at the first https address: it costs 40 to 50 ms of CPU, and an emulator on loopback
/// never needs it.
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
            // For awc, no connection means any number.
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
    // The handshakes of TCP and TLS together.
    let handshakes = CONNECT_TIMEOUT + deadline;
    let connector = Connector::new()
        .connector(Connect::new(tls, CONNECT_TIMEOUT))
        .limit(connections)
        .timeout(handshakes)
        .conn_keep_alive(KEEP_ALIVE)
        .conn_lifetime(LIFETIME);
    // A redirect would carry code and secret to another host (RFC 9700 section 4.12). awc's own
    // timeout ends with the headers: the worker's deadline covers the whole call instead.
    ClientBuilder::new()
        .disable_redirects()
        .disable_timeout()
        .no_default_headers()
        .connector(connector)
        .finish()
}
