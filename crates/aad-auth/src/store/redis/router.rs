//! Routes requests: which server gets a request, and which one next after a failure.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::secret::ExposeSecret;
use redis::{ErrorKind, RedisError, ServerErrorKind, Value};

use super::{
    address::read_address,
    commands::Commands,
    condition::Condition,
    condition_log::ConditionLog,
    connector::Connector,
    fault,
    node::{RedisNode, SendFailure},
    options::RedisOptions,
    slot_map::Primary,
    topology::Topology,
};
use crate::{
    config::{RedisKind, RedisUrl},
    store_room::StoreError,
};

/// The most nodes that one request is sent to.
const MAX_HOPS: usize = 6;
/// The pause after a node has answered `TRYAGAIN`.
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// Routes requests to servers. `docs/decisions/0040-redis-routing.md` explains why it does not use the redis
/// crate's `ConnectionManager` and cluster client.
pub(super) struct Router {
    connector: Connector,
    topology: Topology,
    condition_log: ConditionLog,
    timeout: Duration,
    stopped: AtomicBool,
}

/// The next node of a request.
enum NextHop {
    /// The owner of the key, by the present map of slots.
    Owner,
    /// This node; with `ASKING` if true.
    To(Arc<RedisNode>, bool),
}

impl Router {
    pub(super) fn new(options: &RedisOptions) -> Result<Self, StoreError> {
        let url = RedisUrl::parse(options.url.expose_secret()).map_err(|_| StoreError::Refused)?;
        let topology = Topology::new(&url).ok_or(StoreError::Refused)?;
        let connector = Connector::new(url, options).map_err(|_| StoreError::Refused)?;
        Ok(Self {
            connector,
            topology,
            condition_log: ConditionLog::default(),
            timeout: options.timeout,
            stopped: AtomicBool::new(false),
        })
    }

    /// Sends a request and returns the answers to its commands. It is sent again if the connection is
    /// broken, because a load balancer may have closed an idle connection. So it may be executed twice.
    pub(super) async fn run(&self, request: &Commands) -> Result<Vec<Value>, StoreError> {
        if self.is_stopped() {
            return Err(StoreError::Stopped);
        }
        self.attempt(request)
            .await
            .map_err(|condition| condition.error())
    }

    /// As [`run`](Self::run), with the condition of the server as the error.
    pub(super) async fn attempt(&self, request: &Commands) -> Result<Vec<Value>, Condition> {
        let deadline = Instant::now() + self.timeout;
        let (mut step, mut repeated) = (NextHop::Owner, false);
        let mut failed: Option<(Arc<RedisNode>, Condition)> = None;
        for _ in 0..MAX_HOPS {
            let (node, asking) = match step {
                NextHop::To(node, asking) => (node, asking),
                NextHop::Owner => (self.owner(request, deadline).await?, false),
            };
            if let Some((_, condition)) = failed.take().filter(|(it, _)| Arc::ptr_eq(it, &node)) {
                return Err(condition);
            }
            match self.send(&node, request, asking, deadline).await {
                Ok(answers) => return Ok(answers),
                Err(failure) => {
                    let condition = self.note(&node, &failure);
                    let next = self.next(request, &node, &failure, repeated).await;
                    repeated |= matches!(failure, SendFailure::Answer(_));
                    step = next.ok_or_else(|| condition.clone())?;
                    if matches!(failure, SendFailure::Connect(_) | SendFailure::Paused) {
                        failed = Some((node, condition));
                    }
                }
            }
        }
        self.condition_log
            .log(self.topology.first().host(), &Condition::Moving);
        Err(Condition::Moving)
    }

    /// Whether the servers are known to be a cluster.
    pub(super) fn is_cluster(&self) -> bool {
        self.topology.is_cluster()
    }

    /// The primaries, and whether every slot has one.
    pub(super) async fn primaries(&self) -> Result<(Vec<Primary>, bool), Condition> {
        let deadline = Instant::now() + self.timeout;
        let found = self.topology.primaries(&self.connector, deadline).await;
        found.inspect_err(|condition| {
            self.condition_log
                .log(self.topology.first().host(), condition);
        })
    }

    /// Closes all connections and refuses further requests.
    pub(super) fn close(&self) {
        self.stopped.store(true, Ordering::Release);
        self.topology.close();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    async fn owner(
        &self,
        request: &Commands,
        deadline: Instant,
    ) -> Result<Arc<RedisNode>, Condition> {
        let owner = self
            .topology
            .owner(&self.connector, request.key(), deadline);
        let owner = owner.await;
        owner.inspect_err(|condition| {
            self.condition_log
                .log(self.topology.first().host(), condition);
        })
    }

    async fn send(
        &self,
        node: &RedisNode,
        request: &Commands,
        asking: bool,
        deadline: Instant,
    ) -> Result<Vec<Value>, SendFailure> {
        let outcome = node.send(&self.connector, request, asking, deadline).await;
        if node.server_info().cluster {
            self.topology.found_cluster();
        }
        if outcome.is_ok() && node.note_answer() {
            self.condition_log.log_recovery(node.host());
        }
        outcome
    }

    /// Logs the condition of a failure, and returns it.
    fn note(&self, node: &RedisNode, failure: &SendFailure) -> Condition {
        let condition = match failure {
            SendFailure::Connect(error) | SendFailure::Answer(error) => fault::condition(error),
            SendFailure::Silent => Condition::Unreachable,
            // The condition was logged when the circuit opened.
            SendFailure::Paused => return node.trouble().unwrap_or(Condition::Unreachable),
        };
        let is_server = matches!(self.connector.url().kind, RedisKind::Server { .. });
        let condition = if is_server && node.server_info().sentinel {
            Condition::IsSentinel
        } else {
            condition
        };
        if matches!(failure, SendFailure::Connect(_) | SendFailure::Silent) || condition.is_total()
        {
            node.note_trouble(&condition);
        }
        if condition != Condition::Moving {
            self.condition_log.log(node.host(), &condition);
        }
        condition
    }

    /// The next node after a failure. `None`: the request has failed.
    async fn next(
        &self,
        request: &Commands,
        node: &RedisNode,
        failure: &SendFailure,
        repeated: bool,
    ) -> Option<NextHop> {
        match failure {
            SendFailure::Answer(error) => self.after_answer(request, node, error, repeated).await,
            SendFailure::Connect(_) | SendFailure::Paused | SendFailure::Silent => {
                self.topology.mark_stale();
                let in_time = !matches!(failure, SendFailure::Silent);
                (in_time && self.is_cluster()).then_some(NextHop::Owner)
            }
        }
    }

    async fn after_answer(
        &self,
        request: &Commands,
        node: &RedisNode,
        error: &RedisError,
        repeated: bool,
    ) -> Option<NextHop> {
        match error.kind() {
            ErrorKind::Server(kind @ (ServerErrorKind::Moved | ServerErrorKind::Ask)) => {
                self.topology.found_cluster();
                let asking = kind == ServerErrorKind::Ask;
                if !asking {
                    self.topology.mark_stale();
                }
                // In a cluster the caller sends one request for each key instead.
                let (address, _) = error
                    .redirect_node()
                    .filter(|_| !request.has_several_keys())?;
                let host = read_address(address, node.host())?;
                Some(NextHop::To(self.topology.node_at(&host), asking))
            }
            ErrorKind::Server(ServerErrorKind::TryAgain) => {
                tokio::time::sleep(TRY_AGAIN).await;
                Some(NextHop::Owner)
            }
            // The server has become a replica and executed nothing.
            ErrorKind::Server(ServerErrorKind::ReadOnly) if !repeated => {
                self.topology.mark_stale();
                Some(NextHop::Owner)
            }
            ErrorKind::Server(ServerErrorKind::ClusterDown) => {
                self.topology.mark_stale();
                None
            }
            _ if error.is_connection_dropped() && !repeated => Some(NextHop::Owner),
            _ => None,
        }
    }
}
