//! Opens connections to a server.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, IntoConnectionInfo, RedisError, RedisResult,
    TlsCertificates, aio::MultiplexedConnection, io::tcp::TcpSettings, make_extension_error,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    fault,
    options::RedisOptions,
    tls::{self, TlsFault},
};
use crate::{
    config::{RedisHost, RedisUrl},
    secret::{ExposeSecret, Secret},
};

/// Opens connections: holds TLS, credentials, database and timeouts.
pub(super) struct Connector {
    url: RedisUrl,
    roots: Option<Vec<u8>>,
    config: AsyncConnectionConfig,
}

impl Connector {
    /// A connector. `url` is the parsed URL of the options.
    pub(super) fn new(url: RedisUrl, options: &RedisOptions) -> RedisResult<Self> {
        if url.tls {
            install_tls_provider();
        }
        let connector = Self {
            roots: options.roots.clone(),
            config: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(options.timeout))
                .set_response_timeout(Some(options.timeout))
                .set_pipeline_buffer_size(1024),
            url,
        };
        // Invalid roots or credentials are an error at the start.
        for host in &connector.url.hosts {
            connector.client(&connector.url.of_server(host), connector.url.tls)?;
        }
        Ok(connector)
    }

    pub(super) fn url(&self) -> &RedisUrl {
        &self.url
    }

    /// Connects with user and password of the URL.
    pub(super) async fn connect(&self, host: &RedisHost) -> RedisResult<MultiplexedConnection> {
        self.open(self.url.of_server(host), self.url.tls).await
    }

    /// Connects to a sentinel, with or without user and password of the URL.
    pub(super) async fn connect_to_sentinel(
        &self,
        host: &RedisHost,
        credentials: bool,
    ) -> RedisResult<MultiplexedConnection> {
        self.open(self.url.of_sentinel(host, credentials), self.url.tls)
            .await
    }

    /// Finds out why a server closes new plain connections. `None` if unknown. Sends neither user nor
    /// password.
    pub(super) async fn explain(&self, host: &RedisHost) -> Option<RedisError> {
        if self.url.tls {
            return None;
        }
        // A server may send an error at once (too many clients, protected mode). After a request on the
        // connection, that error can be lost.
        let received = tokio::time::timeout(PROTOCOL_TEST_TIMEOUT, greeting(host)).await;
        let received = received.ok().and_then(Result::ok).unwrap_or_default();
        if received.first() == Some(&b'-') {
            return redis::parse_redis_value(&received)
                .ok()?
                .extract_error()
                .err();
        }
        let speaks_tls = self.speaks_tls(host).await;
        speaks_tls.then(|| make_extension_error(fault::TLS_ONLY.into(), None))
    }

    /// Whether the server answers a TLS handshake.
    async fn speaks_tls(&self, host: &RedisHost) -> bool {
        install_tls_provider();
        let url = Secret::from(format!("rediss://{host}/"));
        let attempt = tokio::time::timeout(PROTOCOL_TEST_TIMEOUT, self.open(url, true));
        match attempt.await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => tls::fault(&error).is_some_and(|fault| fault != TlsFault::NotTls),
            Err(_) => false,
        }
    }

    /// Whether a server that does not answer over TLS answers a plain command. Sends neither user nor
    /// password.
    pub(super) async fn misses_tls(&self, host: &RedisHost) -> bool {
        if !self.url.tls {
            return false;
        }
        let attempt = tokio::time::timeout(PROTOCOL_TEST_TIMEOUT, first_byte(host));
        // An answer, or an error such as NOAUTH.
        matches!(attempt.await, Ok(Ok(b'+' | b'-')))
    }

    async fn open(&self, url: Secret, tls: bool) -> RedisResult<MultiplexedConnection> {
        self.client(&url, tls)?
            .get_multiplexed_async_connection_with_config(&self.config)
            .await
    }

    fn client(&self, url: &Secret, tls: bool) -> RedisResult<Client> {
        let info: ConnectionInfo = url.expose_secret().into_connection_info()?;
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        // `AAD_CA_FILE` may be there for the provider alone: the redis crate refuses roots without TLS.
        match self.roots.as_ref().filter(|_| tls) {
            Some(pem) => Client::build_with_tls(
                info,
                TlsCertificates {
                    client_tls: None,
                    root_cert: Some(pem.clone()),
                },
            ),
            None => Client::open(info),
        }
    }
}

/// Installs a default cryptographic provider for rustls, which the redis crate needs. A provider that the
/// application has installed is kept.
fn install_tls_provider() {
    let _kept = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Reads what a server sends without a request, up to 1 KiB.
async fn greeting(host: &RedisHost) -> std::io::Result<Vec<u8>> {
    let stream = TcpStream::connect((host.host.as_str(), host.port)).await?;
    let mut received = Vec::new();
    stream.take(1024).read_to_end(&mut received).await?;
    Ok(received)
}

/// The first byte of the answer to a plain `PING`.
async fn first_byte(host: &RedisHost) -> std::io::Result<u8> {
    let mut stream = TcpStream::connect((host.host.as_str(), host.port)).await?;
    stream.write_all(b"PING\r\n").await?;
    stream.read_u8().await
}

/// How long a server has to answer a test of its protocol.
const PROTOCOL_TEST_TIMEOUT: Duration = Duration::from_millis(300);
