//! One server of the store, with its connections and its circuit breaker.

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
    connections::Connections,
    dial::Dialer,
    fault::{self, ends_connection, is_away},
    sentinel,
    server_info::{ServerInfo, ServerInfoCell},
};
use crate::config::{RedisHost, RedisKind};

/// A server, or the one that Sentinel calls the primary.
pub(super) struct RedisNode {
    /// Where it is; with Sentinel, where one of the sentinels is.
    host: RedisHost,
    connections: Connections,
    breaker: Breaker,
    facts: ServerInfoCell,
    /// Why it serves nothing, as far as is known.
    trouble: ArcSwapOption<Condition>,
    /// Whether it was silent when it was asked last.
    silent: AtomicBool,
}

/// Why a node gave no answer that can be used.
pub(super) enum SendFailure {
    /// No connection could be made, so that nothing was sent.
    Connect(RedisError),
    /// An error of the server, or of the connection after the request was sent.
    Answer(RedisError),
    /// No answer in time.
    Silent,
    /// It was away a moment ago, and is not tried at present.
    Paused,
}

impl RedisNode {
    pub(super) fn new(host: RedisHost) -> Self {
        Self {
            host,
            connections: Connections::default(),
            breaker: Breaker::new(),
            facts: ServerInfoCell::default(),
            trouble: ArcSwapOption::empty(),
            silent: AtomicBool::new(false),
        }
    }

    pub(super) fn host(&self) -> &RedisHost {
        &self.host
    }

    /// What it has said of itself at the last connection.
    pub(super) fn facts(&self) -> ServerInfo {
        self.facts.get()
    }

    /// Why it serves nothing. `None`: it answered the last request, or has not been asked.
    pub(super) fn trouble(&self) -> Option<Condition> {
        self.trouble.load().as_deref().cloned()
    }

    /// Notes why it serves nothing, until it answers.
    pub(super) fn note_trouble(&self, condition: &Condition) {
        self.trouble.store(Some(Arc::new(condition.clone())));
    }

    /// Notes that it answers; true when that is news.
    pub(super) fn note_answer(&self) -> bool {
        // Read first: each request comes through here.
        self.trouble.load().is_some() && self.trouble.swap(None).is_some()
    }

    /// Lets go of its connections.
    pub(super) fn close(&self) {
        self.connections.clear();
    }

    /// Sends a request, and connects where there is no connection. Answers by `deadline`.
    pub(super) async fn send(
        &self,
        dialer: &Dialer,
        request: &Commands,
        asking: bool,
        deadline: Instant,
    ) -> Result<Vec<Value>, SendFailure> {
        let Some(permit) = self.breaker.permit(Instant::now()) else {
            return Err(SendFailure::Paused);
        };
        let slot = self.connections.here();
        let exchange = async {
            let connection = slot
                .connection(|| self.connect(dialer))
                .await
                .map_err(SendFailure::Connect)?;
            let answer = request.send(&mut (*connection).clone(), asking).await;
            answer.map_err(|error| {
                if ends_connection(&error) {
                    slot.discard(&connection);
                }
                SendFailure::Answer(error)
            })
        };
        let outcome = tokio::time::timeout_at(deadline.into(), exchange).await;
        let outcome = outcome.unwrap_or_else(|_| {
            // What does not answer may be a connection whose other end is gone.
            slot.clear();
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

    async fn connect(&self, dialer: &Dialer) -> RedisResult<MultiplexedConnection> {
        // A server without TLS waits for more of what it takes for a command.
        if self.silent.swap(false, Ordering::Relaxed) && dialer.misses_tls(&self.host).await {
            return Err(make_extension_error(fault::NOT_TLS.into(), None));
        }
        match self.connect_and_learn(dialer).await {
            Err(error) if hung_up(&error) => Err(dialer.explain(&self.host).await.unwrap_or(error)),
            outcome => outcome,
        }
    }

    async fn connect_and_learn(&self, dialer: &Dialer) -> RedisResult<MultiplexedConnection> {
        let connection = match &dialer.url().kind {
            RedisKind::Sentinel { service, .. } => sentinel::connect(dialer, service).await?,
            RedisKind::Server { .. } | RedisKind::Cluster => dialer.connect(&self.host).await?,
        };
        self.facts.learn(connection.clone()).await?;
        Ok(connection)
    }
}

/// Whether something listens, but hung up on a new connection or sent what is not Redis.
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

    /// Whether the server is away, as against an answer that we do not like: what the circuit breaker
    /// counts.
    fn is_away(&self) -> bool {
        match self {
            Self::Connect(error) | Self::Answer(error) => is_away(error),
            Self::Silent => true,
            Self::Paused => false,
        }
    }
}
