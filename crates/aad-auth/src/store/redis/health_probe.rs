//! Health of the servers: whether they read and write, and warnings for the operator.

use std::sync::Arc;

use futures_util::future::join_all;
use redis::cmd;

use super::{
    commands::{Commands, one},
    condition::Condition,
    node::RedisNode,
    router::Router,
    slot_map::Primary,
};
use crate::store_room::{StoreError, StoreHealth};

/// Reads and writes on each primary. A server that is full, or a replica, still reads.
pub(super) async fn health(router: &Router) -> StoreHealth {
    if router.is_stopped() {
        return StoreHealth::Failed(StoreError::Stopped);
    }
    let (primaries, complete) = match router.primaries().await {
        Ok(found) => found,
        Err(condition) => return unusable(&condition),
    };
    let probes = primaries.iter().map(|primary| probe(router, &primary.name));
    let outcomes = join_all(probes).await;
    let unread = outcomes
        .iter()
        .filter_map(|outcome| outcome.read.as_ref().err());
    let unread: Vec<_> = unread.collect();
    if let Some(condition) = unread.first().filter(|_| unread.len() == outcomes.len()) {
        return unusable(condition);
    }
    let mut warnings = Warnings::default();
    if !complete {
        warnings.add(Condition::ClusterDown.sentence());
    }
    for (Primary { node, .. }, outcome) in primaries.iter().zip(&outcomes) {
        if let Err(condition) = outcome.read.as_ref().and(outcome.write.as_ref()) {
            warnings.add(with_address(router, node, condition.sentence()));
        }
        if let Some(warning) = node.server_info().eviction.warning() {
            warnings.add(with_address(router, node, warning.to_owned()));
        }
    }
    warnings.into_health()
}

/// The outcome of reading and writing on one primary.
struct ProbeOutcome {
    read: Result<(), Condition>,
    write: Result<(), Condition>,
}

/// Reads and writes `name` on its primary.
async fn probe(router: &Router, name: &str) -> ProbeOutcome {
    let read = Commands::new(name.to_owned(), [one("PTTL", name)]);
    let read = router.attempt(&read).await.map(drop);
    let write = match &read {
        Ok(()) => {
            let mut set = cmd("SET");
            set.arg(name).arg("").arg("PX").arg(1000);
            let write = Commands::new(name.to_owned(), [set]);
            router.attempt(&write).await.map(drop)
        }
        Err(_) => Ok(()),
    };
    ProbeOutcome { read, write }
}

/// Adds the node's address to a sentence, in a cluster.
fn with_address(router: &Router, node: &Arc<RedisNode>, sentence: String) -> String {
    if router.is_cluster() {
        format!("{sentence} ({})", node.host())
    } else {
        sentence
    }
}

fn unusable(condition: &Condition) -> StoreHealth {
    match condition {
        Condition::Unreachable => StoreHealth::Failed(StoreError::Unavailable),
        _ => StoreHealth::Unusable {
            error: condition.error(),
            reason: condition.sentence(),
        },
    }
}

#[derive(Default)]
struct Warnings(Vec<String>);

impl Warnings {
    fn add(&mut self, warning: String) {
        if !self.0.contains(&warning) {
            self.0.push(warning);
        }
    }

    fn into_health(self) -> StoreHealth {
        let warnings: Vec<_> = self.0.iter().map(String::as_str).collect();
        StoreHealth::with_warnings(&warnings)
    }
}
