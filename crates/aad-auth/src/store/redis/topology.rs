//! Which servers there are, and which of them a key belongs to.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use tokio::sync::{Mutex, MutexGuard};

use super::{
    condition::Condition,
    dial::Dialer,
    node::RedisNode,
    slots::{PROBE, Primary, Range, SlotMap},
    survey::survey,
};
use crate::config::{RedisHost, RedisKind, RedisUrl};

/// How long after a question for the slots the next one may be asked.
const REFRESH_PAUSE: Duration = Duration::from_millis(100);
/// The specification recommends at most 1,000 nodes; those of redirections come on top.
const MAX_NODES: usize = 2000;

/// The servers of the store. A single one and a primary behind Sentinel are one node; whether an address
/// is that of a cluster may turn out later.
pub(super) struct Topology {
    first: Arc<RedisNode>,
    seeds: Vec<Arc<RedisNode>>,
    nodes: RwLock<HashMap<RedisHost, Arc<RedisNode>>>,
    map: ArcSwapOption<SlotMap>,
    cluster: AtomicBool,
    /// Whether the map of slots should be read again.
    stale: AtomicBool,
    /// Held by the request that asks for the slots.
    asked: Mutex<Option<Asked>>,
}

/// The last question for the slots.
struct Asked {
    at: Instant,
    /// Why it was not answered.
    refusal: Option<Condition>,
}

impl Topology {
    /// `None` without a host.
    pub(super) fn new(url: &RedisUrl) -> Option<Self> {
        let nodes = url
            .hosts
            .iter()
            .map(|host| Arc::new(RedisNode::new(host.clone())));
        let seeds: Vec<_> = nodes.collect();
        let known = seeds
            .iter()
            .map(|node| (node.host().clone(), Arc::clone(node)));
        Some(Self {
            first: Arc::clone(seeds.first()?),
            nodes: RwLock::new(known.collect()),
            seeds,
            map: ArcSwapOption::empty(),
            cluster: AtomicBool::new(url.kind == RedisKind::Cluster),
            stale: AtomicBool::new(true),
            asked: Mutex::new(None),
        })
    }

    /// Whether the servers are a cluster, as far as it is known.
    pub(super) fn is_cluster(&self) -> bool {
        self.cluster.load(Ordering::Acquire)
    }

    /// A server has shown that it is a node of a cluster.
    pub(super) fn found_cluster(&self) {
        if !self.cluster.swap(true, Ordering::AcqRel) {
            tracing::info!("AAD_SESSION_STORE leads to a Redis Cluster");
        }
    }

    /// The map of slots has turned out to be old, or a node of it to be away.
    pub(super) fn mark_stale(&self) {
        self.stale.store(true, Ordering::Release);
    }

    /// The node that owns `key`. Reads the map of slots first where that is due.
    pub(super) async fn owner(
        &self,
        dialer: &Dialer,
        key: &str,
        deadline: Instant,
    ) -> Result<Arc<RedisNode>, Condition> {
        if !self.is_cluster() {
            return Ok(Arc::clone(&self.first));
        }
        let outcome = self.refresh(dialer, deadline).await;
        let map = self.map.load();
        let map = map.as_ref();
        let map = map.ok_or_else(|| outcome.err().unwrap_or(Condition::Unreachable))?;
        map.owner(key).cloned().ok_or_else(|| {
            // Another node may have got the slot by now.
            self.mark_stale();
            Condition::ClusterDown
        })
    }

    /// The primaries, and whether each slot has one. Of a single server that one.
    pub(super) async fn primaries(
        &self,
        dialer: &Dialer,
        deadline: Instant,
    ) -> Result<(Vec<Primary>, bool), Condition> {
        if !self.is_cluster() {
            let only = Primary {
                node: Arc::clone(&self.first),
                name: PROBE.to_owned(),
            };
            return Ok((vec![only], true));
        }
        let outcome = self.refresh(dialer, deadline).await;
        let map = self.map.load();
        let map = map.as_ref();
        let map = map.ok_or_else(|| outcome.err().unwrap_or(Condition::Unreachable))?;
        if !map.is_complete() {
            self.mark_stale();
        }
        Ok((map.primaries().to_vec(), map.is_complete()))
    }

    /// The first node of the address.
    pub(super) fn first(&self) -> &Arc<RedisNode> {
        &self.first
    }

    /// The node at an address.
    pub(super) fn node_at(&self, host: &RedisHost) -> Arc<RedisNode> {
        let nodes = self.nodes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = nodes.get(host) {
            return Arc::clone(node);
        }
        drop(nodes);
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        if nodes.len() >= MAX_NODES {
            nodes.clear();
        }
        let new = || Arc::new(RedisNode::new(host.clone()));
        Arc::clone(nodes.entry(host.clone()).or_insert_with(new))
    }

    /// Lets go of all connections.
    pub(super) fn close(&self) {
        let nodes = self.nodes.read().unwrap_or_else(PoisonError::into_inner);
        nodes.values().for_each(|node| node.close());
        self.seeds.iter().for_each(|node| node.close());
        if let Some(map) = &*self.map.load() {
            map.owners().for_each(|node| node.close());
        }
    }

    /// Reads the map of slots where it is old. One request does it; the others go on with the old one, or
    /// wait where there is none.
    async fn refresh(&self, dialer: &Dialer, deadline: Instant) -> Result<(), Condition> {
        if !self.is_due() {
            return Ok(());
        }
        let Some(mut asked) = self.turn(deadline).await else {
            return Ok(());
        };
        if let Some(last) = asked.as_ref().filter(|it| it.at.elapsed() < REFRESH_PAUSE) {
            return last.refusal.clone().map_or(Ok(()), Err);
        }
        if !self.is_due() {
            return Ok(());
        }
        // What is learnt of moves while the nodes answer asks for the next question.
        self.stale.store(false, Ordering::Release);
        let answer = survey(self.candidates(), dialer, deadline).await;
        *asked = Some(Asked {
            at: Instant::now(),
            refusal: answer.as_ref().err().cloned(),
        });
        if answer.is_err() {
            self.mark_stale();
        }
        self.install(answer?);
        Ok(())
    }

    fn is_due(&self) -> bool {
        self.stale.load(Ordering::Acquire) || self.map.load().is_none()
    }

    async fn turn(&self, deadline: Instant) -> Option<MutexGuard<'_, Option<Asked>>> {
        if self.map.load().is_some() {
            return self.asked.try_lock().ok();
        }
        let turn = tokio::time::timeout_at(deadline.into(), self.asked.lock());
        turn.await.ok()
    }

    /// The primaries of the map, then the nodes of the address.
    fn candidates(&self) -> Vec<Arc<RedisNode>> {
        let map = self.map.load();
        let known = map.iter().flat_map(|map| map.owners());
        let mut found: Vec<Arc<RedisNode>> = Vec::new();
        for node in self.seeds.iter().chain(known) {
            if !found.iter().any(|it| it.host() == node.host()) {
                found.push(Arc::clone(node));
            }
        }
        found
    }

    fn install(&self, ranges: Vec<Range>) {
        let ranges = ranges
            .into_iter()
            .map(|range| (range.first, range.last, self.node_at(&range.owner)));
        let map = Arc::new(SlotMap::new(ranges.collect()));
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        // A node that is gone takes its connections with it.
        nodes.retain(|_, node| {
            let mut kept = map.owners().chain(&self.seeds);
            kept.any(|it| Arc::ptr_eq(it, node))
        });
        drop(nodes);
        self.map.store(Some(map));
    }
}
