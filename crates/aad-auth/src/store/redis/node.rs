//! One server, with its connections and its circuit breaker.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use arc_swap::ArcSwapOption;
use redis::{
    ErrorKind, RedisError, RedisResult, Value, aio::MultiplexedConnection, make_extension_error,
};

use super::{
    breaker::Breaker,
    commands::Commands,
    condition::Condition,
    connector::Connector,
    fault::{self, ends_connection, is_away},
    runtime_connections::RuntimeConnections,
    sentinel,
    server_info::{ServerInfo, ServerInfoCell},
};
use crate::config::{RedisHost, RedisKind};

/// A server, or the primary that Sentinel names.
pub(super) struct RedisNode {
    /// The address of the server; with Sentinel, of a sentinel.
    host: RedisHost,
    connections: RuntimeConnections,
    breaker: Breaker,
    server_info: ServerInfoCell,
    /// Why it serves nothing. Empty while it answers.
    trouble: ArcSwapOption<Condition>,
    /// Whether it did not answer the last request.
    silent: AtomicBool,
}

/// Why a request to a node has failed.
pub(super) enum SendFailure {
    /// No connection could be opened, so nothing was sent.
    Connect(RedisError),
    /// An error of the server, or of the connection after the request was sent.
    Answer(RedisError),
    /// No answer in time.
    Silent,
    /// The circuit is open: it did not answer recently, and is not tried now.
    Paused,
}

impl RedisNode {
    pub(super) fn new(host: RedisHost) -> Self {
        Self {
            host,
            connections: RuntimeConnections::default(),
            breaker: Breaker::new(),
            server_info: ServerInfoCell::default(),
            trouble: ArcSwapOption::empty(),
            silent: AtomicBool::new(false),
        }
    }

    pub(super) fn host(&self) -> &RedisHost {
        &self.host
    }

    /// What the server reported at the last connection.
    pub(super) fn server_info(&self) -> ServerInfo {
        self.server_info.get()
    }

    /// Why it serves nothing. `None`: it answered the last request, or got none.
    pub(super) fn trouble(&self) -> Option<Condition> {
        self.trouble.load().as_deref().cloned()
    }

    /// Notes why it serves nothing, until its next answer.
    pub(super) fn note_trouble(&self, condition: &Condition) {
        self.trouble.store(Some(Arc::new(condition.clone())));
    }

    /// Notes an answer. Returns whether the server has recovered.
    pub(super) fn note_answer(&self) -> bool {
        // A load first, because every request calls this.
        self.trouble.load().is_some() && self.trouble.swap(None).is_some()
    }

    /// Drops its connections.
    pub(super) fn close(&self) {
        self.connections.clear();
    }

    /// Sends a request, and opens a connection if there is none. Returns by `deadline`.
    pub(super) async fn send(
        &self,
        connector: &Connector,
        request: &Commands,
        asking: bool,
        deadline: Instant,
    ) -> Result<Vec<Value>, SendFailure> {
        let Some(permit) = self.breaker.permit(Instant::now()) else {
            return Err(SendFailure::Paused);
        };
        let own = self.connections.here();
        let exchange = async {
            let connection = own
                .connection(|| self.connect(connector))
                .await
                .map_err(SendFailure::Connect)?;
            let answer = request.send(&mut (*connection).clone(), asking).await;
            answer.map_err(|error| {
                if ends_connection(&error) {
                    own.discard(&connection);
                }
                SendFailure::Answer(error)
            })
        };
        let outcome = tokio::time::timeout_at(deadline.into(), exchange).await;
        let outcome = outcome.unwrap_or_else(|_| {
            // The connection may be half open.
            own.clear();
            Err(SendFailure::Silent)
        });
        if matches!(&outcome, Err(failure) if failure.is_silence()) {
            self.silent.store(true, Ordering::Relaxed);
        }
        match &outcome {
            Err(failure) if failure.is_away() => permit.fail(Instant::now()),
            _ => permit.succeed(),
        }
        outcome
    }

    async fn connect(&self, connector: &Connector) -> RedisResult<MultiplexedConnection> {
        // A server without TLS takes the handshake for an incomplete command, and waits.
        if self.silent.swap(false, Ordering::Relaxed) && connector.misses_tls(&self.host).await {
            return Err(make_extension_error(fault::NOT_TLS.into(), None));
        }
        match self.connect_and_learn(connector).await {
            Err(error) if hung_up(&error) => {
                Err(connector.explain(&self.host).await.unwrap_or(error))
            }
            outcome => outcome,
        }
    }

    async fn connect_and_learn(&self, connector: &Connector) -> RedisResult<MultiplexedConnection> {
        let connection = match &connector.url().kind {
            RedisKind::Sentinel { service, .. } => sentinel::connect(connector, service).await?,
            RedisKind::Server { .. } | RedisKind::Cluster => connector.connect(&self.host).await?,
        };
        self.server_info.learn(connection.clone()).await?;
        Ok(connection)
    }
}

/// Whether the server closed a new connection, or sent something that is not Redis.
fn hung_up(error: &RedisError) -> bool {
    let dropped = error.is_connection_dropped() && !error.is_connection_refusal();
    dropped || error.kind() == ErrorKind::Parse
}

impl SendFailure {
    fn is_silence(&self) -> bool {
        match self {
            Self::Connect(error) | Self::Answer(error) => error.is_timeout(),
            Self::Silent => true,
            Self::Paused => false,
        }
    }

    /// Whether the circuit breaker counts the failure: see [`is_away`].
    fn is_away(&self) -> bool {
        match self {
            Self::Connect(error) | Self::Answer(error) => is_away(error),
            Self::Silent => true,
            Self::Paused => false,
        }
    }
}
