//! The way to the server: one connection a thread, made when needed, made anew when it breaks.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, IntoConnectionInfo, RedisResult,
    TlsCertificates, aio::MultiplexedConnection, io::tcp::TcpSettings,
};
use secrecy::ExposeSecret;

use super::{
    breaker::{Breaker, Permit},
    connections::{Connections, Slot},
    fault::{ends_connection, is_away, translate},
    options::RedisOptions,
    policy::{Policy, PolicyCell},
};
use crate::store::StoreError;

/// An operation on its way.
pub(super) type Sent<'o, T> = Pin<Box<dyn Future<Output = RedisResult<T>> + Send + 'o>>;

/// The way to the server. The crate's own `ConnectionManager` is not used: it never connects
/// again after a connection that failed for another reason than I/O, such as a server that is
/// still loading its data.
pub(super) struct Link {
    client: Client,
    config: AsyncConnectionConfig,
    timeout: Duration,
    connections: Connections,
    breaker: Breaker,
    policy: Arc<PolicyCell>,
    stopped: AtomicBool,
}

impl Link {
    pub(super) fn new(options: &RedisOptions) -> Result<Self, StoreError> {
        let client = client(options).map_err(|error| translate(&error))?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(options.timeout))
            .set_response_timeout(Some(options.timeout))
            .set_pipeline_buffer_size(1024);
        Ok(Self {
            client,
            config,
            timeout: options.timeout,
            connections: Connections::default(),
            breaker: Breaker::new(),
            policy: Arc::default(),
            stopped: AtomicBool::new(false),
        })
    }

    /// Runs an operation, and once more when the connection turns out to be broken: a connection
    /// that a load balancer has cut while it was idle is nobody's failure. `operation` learns
    /// whether it may have been carried out before.
    pub(super) async fn run<'o, T>(
        &self,
        operation: impl Fn(MultiplexedConnection, bool) -> Sent<'o, T> + Send,
    ) -> Result<T, StoreError> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(StoreError::Stopped);
        }
        let Some(permit) = self.breaker.permit(Instant::now()) else {
            return Err(StoreError::Unavailable);
        };
        let slot = self.connections.here();
        let outcome = tokio::time::timeout(self.timeout, self.attempts(&slot, operation)).await;
        match outcome {
            Ok(outcome) => settle(permit, outcome),
            Err(_) => {
                // What does not answer may be a connection whose other end is gone.
                slot.clear();
                permit.fail(Instant::now());
                Err(StoreError::Unavailable)
            }
        }
    }

    /// What the server said of its eviction policy.
    pub(super) fn policy(&self) -> Policy {
        self.policy.get()
    }

    /// Lets go of the connections, for good.
    pub(super) fn close(&self) {
        self.stopped.store(true, Ordering::Release);
        self.connections.clear();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    async fn attempts<'o, T>(
        &self,
        slot: &Slot,
        operation: impl Fn(MultiplexedConnection, bool) -> Sent<'o, T> + Send,
    ) -> RedisResult<T> {
        let mut repeated = false;
        loop {
            let connection = slot.connection(|| self.connect()).await?;
            let outcome = operation((*connection).clone(), repeated).await;
            let Err(error) = outcome else {
                return outcome;
            };
            if ends_connection(&error) {
                slot.discard(&connection);
            }
            if repeated || !error.is_connection_dropped() {
                return Err(error);
            }
            repeated = true;
        }
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&self.config)
            .await?;
        self.policy.learn(connection.clone()).await;
        Ok(connection)
    }
}

fn settle<T>(permit: Permit<'_>, outcome: RedisResult<T>) -> Result<T, StoreError> {
    match outcome {
        Ok(value) => {
            permit.succeed();
            Ok(value)
        }
        Err(error) => {
            if is_away(&error) {
                permit.fail(Instant::now());
            } else {
                permit.succeed();
            }
            Err(translate(&error))
        }
    }
}

fn client(options: &RedisOptions) -> RedisResult<Client> {
    let url = options.url.expose_secret();
    let tls = url.starts_with("rediss:");
    if tls {
        install_tls_provider();
    }
    let info: ConnectionInfo = url.into_connection_info()?;
    let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    // `AAD_CA_FILE` may be there for the provider alone: the redis crate refuses roots without TLS.
    match options.roots.as_ref().filter(|_| tls) {
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

/// The redis crate builds its TLS configuration from the process's default provider. An
/// application that has installed one of its own keeps it.
fn install_tls_provider() {
    let _kept = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
