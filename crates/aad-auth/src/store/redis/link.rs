//! The way to the servers: which of them a request goes to, and where it goes next.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{ErrorKind, RedisError, ServerErrorKind, Value};
use secrecy::ExposeSecret;

use super::{
    address::read_address,
    commands::Commands,
    condition::Condition,
    dial::Dialer,
    fault,
    node::{RedisNode, SendFailure},
    notice::Notices,
    options::RedisOptions,
    slots::Primary,
    topology::Topology,
};
use crate::{
    config::{RedisKind, RedisUrl},
    store::StoreError,
};

/// How many nodes one request is sent to at most.
const HOPS: usize = 6;
/// How long to wait when a node says that it can answer in a moment.
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// The way to the servers. The redis crate's `ConnectionManager` and its cluster client are not used:
/// see `docs/decisions/0040-redis-routing.md`.
pub(super) struct Link {
    dialer: Dialer,
    topology: Topology,
    notices: Notices,
    timeout: Duration,
    stopped: AtomicBool,
}

/// Where a request goes next.
enum Step {
    /// To the owner of its key, as the map of slots has it now.
    Owner,
    /// To this node; with `ASKING` where that is true.
    To(Arc<RedisNode>, bool),
}

impl Link {
    pub(super) fn new(options: &RedisOptions) -> Result<Self, StoreError> {
        let url = RedisUrl::parse(options.url.expose_secret()).map_err(|_| StoreError::Refused)?;
        let topology = Topology::new(&url).ok_or(StoreError::Refused)?;
        let dialer = Dialer::new(url, options).map_err(|_| StoreError::Refused)?;
        Ok(Self {
            dialer,
            topology,
            notices: Notices::default(),
            timeout: options.timeout,
            stopped: AtomicBool::new(false),
        })
    }

    /// Sends a request and returns an answer to each of its commands. It is sent once more when the
    /// connection turns out to be broken: one that a load balancer has cut while it was idle is no
    /// failure. So it may be carried out twice.
    pub(super) async fn run(&self, request: &Commands) -> Result<Vec<Value>, StoreError> {
        if self.is_stopped() {
            return Err(StoreError::Stopped);
        }
        self.attempt(request)
            .await
            .map_err(|condition| condition.error())
    }

    /// As [`run`](Self::run), with the condition that keeps it from being answered.
    pub(super) async fn attempt(&self, request: &Commands) -> Result<Vec<Value>, Condition> {
        let deadline = Instant::now() + self.timeout;
        let (mut step, mut repeated) = (Step::Owner, false);
        let mut failed: Option<(Arc<RedisNode>, Condition)> = None;
        for _ in 0..HOPS {
            let (node, asking) = match step {
                Step::To(node, asking) => (node, asking),
                Step::Owner => (self.owner(request, deadline).await?, false),
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
        self.notices
            .tell(self.topology.first().host(), &Condition::Moving);
        Err(Condition::Moving)
    }

    /// Whether the servers are a cluster, as far as it is known.
    pub(super) fn is_cluster(&self) -> bool {
        self.topology.is_cluster()
    }

    /// The primaries, and whether all slots have one.
    pub(super) async fn primaries(&self) -> Result<(Vec<Primary>, bool), Condition> {
        let deadline = Instant::now() + self.timeout;
        let found = self.topology.primaries(&self.dialer, deadline).await;
        found.inspect_err(|condition| self.notices.tell(self.topology.first().host(), condition))
    }

    /// Lets go of the connections, for good.
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
        let owner = self.topology.owner(&self.dialer, request.key(), deadline);
        let owner = owner.await;
        owner.inspect_err(|condition| self.notices.tell(self.topology.first().host(), condition))
    }

    async fn send(
        &self,
        node: &RedisNode,
        request: &Commands,
        asking: bool,
        deadline: Instant,
    ) -> Result<Vec<Value>, SendFailure> {
        let outcome = node.send(&self.dialer, request, asking, deadline).await;
        if node.facts().cluster {
            self.topology.found_cluster();
        }
        if outcome.is_ok() && node.note_answer() {
            self.notices.tell_recovery(node.host());
        }
        outcome
    }

    /// The condition that a failure shows; logs it.
    fn note(&self, node: &RedisNode, failure: &SendFailure) -> Condition {
        let condition = match failure {
            SendFailure::Connect(error) | SendFailure::Answer(error) => fault::condition(error),
            SendFailure::Silent => Condition::Unreachable,
            // The reason was told when the circuit opened.
            SendFailure::Paused => return node.trouble().unwrap_or(Condition::Unreachable),
        };
        let is_server = matches!(self.dialer.url().kind, RedisKind::Server { .. });
        let condition = if is_server && node.facts().sentinel {
            Condition::IsSentinel
        } else {
            condition
        };
        if matches!(failure, SendFailure::Connect(_) | SendFailure::Silent) || condition.is_total()
        {
            node.note_trouble(&condition);
        }
        if condition != Condition::Moving {
            self.notices.tell(node.host(), &condition);
        }
        condition
    }

    /// Where the request goes after a failure. `None`: nowhere.
    async fn next(
        &self,
        request: &Commands,
        node: &RedisNode,
        failure: &SendFailure,
        repeated: bool,
    ) -> Option<Step> {
        match failure {
            SendFailure::Answer(error) => self.after_answer(request, node, error, repeated).await,
            SendFailure::Connect(_) | SendFailure::Paused | SendFailure::Silent => {
                self.topology.mark_stale();
                let in_time = !matches!(failure, SendFailure::Silent);
                (in_time && self.is_cluster()).then_some(Step::Owner)
            }
        }
    }

    async fn after_answer(
        &self,
        request: &Commands,
        node: &RedisNode,
        error: &RedisError,
        repeated: bool,
    ) -> Option<Step> {
        match error.kind() {
            ErrorKind::Server(kind @ (ServerErrorKind::Moved | ServerErrorKind::Ask)) => {
                self.topology.found_cluster();
                let asking = kind == ServerErrorKind::Ask;
                if !asking {
                    self.topology.mark_stale();
                }
                // Several keys are asked for one by one where the servers are a cluster.
                let (address, _) = error
                    .redirect_node()
                    .filter(|_| !request.has_several_keys())?;
                let host = read_address(address, node.host())?;
                Some(Step::To(self.topology.node_at(&host), asking))
            }
            ErrorKind::Server(ServerErrorKind::TryAgain) => {
                tokio::time::sleep(TRY_AGAIN).await;
                Some(Step::Owner)
            }
            // A replica now: the primary of before was not told, so that nothing was carried out.
            ErrorKind::Server(ServerErrorKind::ReadOnly) if !repeated => {
                self.topology.mark_stale();
                Some(Step::Owner)
            }
            ErrorKind::Server(ServerErrorKind::ClusterDown) => {
                self.topology.mark_stale();
                None
            }
            _ if error.is_connection_dropped() && !repeated => Some(Step::Owner),
            _ => None,
        }
    }
}
