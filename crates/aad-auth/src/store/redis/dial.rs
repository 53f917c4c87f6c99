//! How a connection to one server is made.

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

/// What all connections have in common: TLS, credentials, database and limits.
pub(super) struct Dialer {
    url: RedisUrl,
    roots: Option<Vec<u8>>,
    config: AsyncConnectionConfig,
}

impl Dialer {
    /// `url` is that of the options.
    pub(super) fn new(url: RedisUrl, options: &RedisOptions) -> RedisResult<Self> {
        if url.tls {
            install_tls_provider();
        }
        let dialer = Self {
            roots: options.roots.clone(),
            config: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(options.timeout))
                .set_response_timeout(Some(options.timeout))
                .set_pipeline_buffer_size(1024),
            url,
        };
        // Roots or credentials that cannot be used are told at the start.
        for host in &dialer.url.hosts {
            dialer.client(&dialer.url.of_server(host), dialer.url.tls)?;
        }
        Ok(dialer)
    }

    pub(super) fn url(&self) -> &RedisUrl {
        &self.url
    }

    /// Connects as the user of the URL.
    pub(super) async fn connect(&self, host: &RedisHost) -> RedisResult<MultiplexedConnection> {
        self.open(self.url.of_server(host), self.url.tls).await
    }

    /// Connects to a sentinel, with user and password of the URL or without.
    pub(super) async fn connect_to_sentinel(
        &self,
        host: &RedisHost,
        credentials: bool,
    ) -> RedisResult<MultiplexedConnection> {
        self.open(self.url.of_sentinel(host, credentials), self.url.tls)
            .await
    }

    /// Why a server hangs up on new plain connections, as far as it can be found out. Sends neither user
    /// nor password.
    pub(super) async fn explain(&self, host: &RedisHost) -> Option<RedisError> {
        if self.url.tls {
            return None;
        }
        // What it says at once: too many clients, protected mode. On a connection that has sent
        // something this may be lost.
        let heard = tokio::time::timeout(TRIAL, greeting(host)).await;
        let heard = heard.ok().and_then(Result::ok).unwrap_or_default();
        if heard.first() == Some(&b'-') {
            return redis::parse_redis_value(&heard).ok()?.extract_error().err();
        }
        let speaks_tls = self.speaks_tls(host).await;
        speaks_tls.then(|| make_extension_error(fault::TLS_ONLY.into(), None))
    }

    async fn speaks_tls(&self, host: &RedisHost) -> bool {
        install_tls_provider();
        let url = Secret::from(format!("rediss://{host}/"));
        let attempt = tokio::time::timeout(TRIAL, self.open(url, true));
        match attempt.await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => tls::fault(&error).is_some_and(|fault| fault != TlsFault::NotTls),
            Err(_) => false,
        }
    }

    /// Whether a server that is silent at a port for TLS answers a plain command. Sends neither user nor
    /// password.
    pub(super) async fn misses_tls(&self, host: &RedisHost) -> bool {
        if !self.url.tls {
            return false;
        }
        let attempt = tokio::time::timeout(TRIAL, first_byte(host));
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

/// The redis crate builds its TLS configuration from the process's default provider. An
/// application that has installed one of its own keeps it.
fn install_tls_provider() {
    let _kept = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// What a server says unasked, up to 1 KiB.
async fn greeting(host: &RedisHost) -> std::io::Result<Vec<u8>> {
    let stream = TcpStream::connect((host.host.as_str(), host.port)).await?;
    let mut heard = Vec::new();
    stream.take(1024).read_to_end(&mut heard).await?;
    Ok(heard)
}

async fn first_byte(host: &RedisHost) -> std::io::Result<u8> {
    let mut stream = TcpStream::connect((host.host.as_str(), host.port)).await?;
    stream.write_all(b"PING\r\n").await?;
    stream.read_u8().await
}

/// How long a server has to show what it speaks.
const TRIAL: Duration = Duration::from_millis(300);
