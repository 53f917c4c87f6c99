//! The servers of the store, and the owner of each key.

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
    connector::Connector,
    node::RedisNode,
    slot_map::{PROBE, Primary, SlotMap, SlotRange},
    slot_query::query_slots,
};
use crate::config::{RedisHost, RedisKind, RedisUrl};

/// The shortest pause between two queries for the slots.
const REFRESH_PAUSE: Duration = Duration::from_millis(100);
/// Most nodes. The specification recommends at most 1,000; redirections may add further ones.
const MAX_NODES: usize = 2000;

/// The servers of the store. A single server, and a primary behind Sentinel, are one node. Whether an
/// address belongs to a cluster may only be known after the first request.
pub(super) struct Topology {
    first: Arc<RedisNode>,
    seeds: Vec<Arc<RedisNode>>,
    nodes: RwLock<HashMap<RedisHost, Arc<RedisNode>>>,
    map: ArcSwapOption<SlotMap>,
    cluster: AtomicBool,
    /// Whether the map of slots is outdated.
    stale: AtomicBool,
    /// Locked by the request that queries the slots.
    last_query: Mutex<Option<LastSlotQuery>>,
}

/// The last query for the slots.
struct LastSlotQuery {
    at: Instant,
    /// Why it failed. `None`: it succeeded.
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
            last_query: Mutex::new(None),
        })
    }

    /// Whether the servers are known to be a cluster.
    pub(super) fn is_cluster(&self) -> bool {
        self.cluster.load(Ordering::Acquire)
    }

    /// Notes that a server is a node of a cluster.
    pub(super) fn found_cluster(&self) {
        if !self.cluster.swap(true, Ordering::AcqRel) {
            tracing::info!("the server of AAD_SESSION_STORE is a node of a Redis Cluster");
        }
    }

    /// Marks the map of slots as outdated: a slot has moved, or a node does not respond.
    pub(super) fn mark_stale(&self) {
        self.stale.store(true, Ordering::Release);
    }

    /// The node that owns `key`. Refreshes the map of slots first if it is outdated.
    pub(super) async fn owner(
        &self,
        connector: &Connector,
        key: &str,
        deadline: Instant,
    ) -> Result<Arc<RedisNode>, Condition> {
        if !self.is_cluster() {
            return Ok(Arc::clone(&self.first));
        }
        let outcome = self.refresh(connector, deadline).await;
        let map = self.map.load();
        let map = map.as_ref();
        let map = map.ok_or_else(|| outcome.err().unwrap_or(Condition::Unreachable))?;
        map.owner(key).cloned().ok_or_else(|| {
            // Another node may own the slot by now.
            self.mark_stale();
            Condition::ClusterDown
        })
    }

    /// The primaries, and whether every slot has one. A single server is the only primary.
    pub(super) async fn primaries(
        &self,
        connector: &Connector,
        deadline: Instant,
    ) -> Result<(Vec<Primary>, bool), Condition> {
        if !self.is_cluster() {
            let only = Primary {
                node: Arc::clone(&self.first),
                name: PROBE.to_owned(),
            };
            return Ok((vec![only], true));
        }
        let outcome = self.refresh(connector, deadline).await;
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

    /// The node at an address; adds it if it is unknown.
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

    /// Drops all connections.
    pub(super) fn close(&self) {
        let nodes = self.nodes.read().unwrap_or_else(PoisonError::into_inner);
        nodes.values().for_each(|node| node.close());
        self.seeds.iter().for_each(|node| node.close());
        if let Some(map) = &*self.map.load() {
            map.owners().for_each(|node| node.close());
        }
    }

    /// Refreshes the map of slots if it is outdated. One request queries the nodes. Others use the old map
    /// meanwhile, or wait if there is none.
    async fn refresh(&self, connector: &Connector, deadline: Instant) -> Result<(), Condition> {
        if !self.is_due() {
            return Ok(());
        }
        let Some(mut last_query) = self.lock_query(deadline).await else {
            return Ok(());
        };
        if let Some(last) = last_query
            .as_ref()
            .filter(|it| it.at.elapsed() < REFRESH_PAUSE)
        {
            return last.refusal.clone().map_or(Ok(()), Err);
        }
        if !self.is_due() {
            return Ok(());
        }
        // Before the query: a move that is noticed meanwhile requires the next query.
        self.stale.store(false, Ordering::Release);
        let answer = query_slots(self.candidates(), connector, deadline).await;
        *last_query = Some(LastSlotQuery {
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

    /// Locks the query. `None` if another request is querying and there is an old map, or after the
    /// deadline.
    async fn lock_query(&self, deadline: Instant) -> Option<MutexGuard<'_, Option<LastSlotQuery>>> {
        if self.map.load().is_some() {
            return self.last_query.try_lock().ok();
        }
        let lock = tokio::time::timeout_at(deadline.into(), self.last_query.lock());
        lock.await.ok()
    }

    /// The nodes to query: those of the address, then the primaries of the map.
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

    fn install(&self, ranges: Vec<SlotRange>) {
        let ranges = ranges
            .into_iter()
            .map(|range| (range.first, range.last, self.node_at(&range.owner)));
        let map = Arc::new(SlotMap::new(ranges.collect()));
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        // Removing a node also drops its connections.
        nodes.retain(|_, node| {
            let mut kept = map.owners().chain(&self.seeds);
            kept.any(|it| Arc::ptr_eq(it, node))
        });
        drop(nodes);
        self.map.store(Some(map));
    }
}
