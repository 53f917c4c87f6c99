//! Whether the servers can be used, and what an operator should know of them.

use std::sync::Arc;

use futures_util::future::join_all;
use redis::cmd;

use super::{
    commands::{Commands, one},
    condition::Condition,
    link::Link,
    node::RedisNode,
    slots::Primary,
};
use crate::store::{StoreError, StoreHealth};

/// Asks each primary to read, then to write: what is full, or a replica, reads as if nothing were the
/// matter.
pub(super) async fn health(link: &Link) -> StoreHealth {
    if link.is_stopped() {
        return StoreHealth::Failed(StoreError::Stopped);
    }
    let (primaries, complete) = match link.primaries().await {
        Ok(found) => found,
        Err(condition) => return unusable(&condition),
    };
    let probes = primaries.iter().map(|primary| probe(link, &primary.name));
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
            warnings.add(told(link, node, condition.sentence()));
        }
        if let Some(warning) = node.facts().eviction.warning() {
            warnings.add(told(link, node, warning.to_owned()));
        }
    }
    warnings.into_health()
}

/// What one primary has answered.
struct ProbeOutcome {
    read: Result<(), Condition>,
    write: Result<(), Condition>,
}

async fn probe(link: &Link, name: &str) -> ProbeOutcome {
    let read = Commands::new(name.to_owned(), [one("PTTL", name)]);
    let read = link.attempt(&read).await.map(drop);
    let write = match &read {
        Ok(()) => {
            let mut set = cmd("SET");
            set.arg(name).arg("").arg("PX").arg(1000);
            let write = Commands::new(name.to_owned(), [set]);
            link.attempt(&write).await.map(drop)
        }
        Err(_) => Ok(()),
    };
    ProbeOutcome { read, write }
}

/// In a cluster the operator also has to know which node it is.
fn told(link: &Link, node: &Arc<RedisNode>, sentence: String) -> String {
    if link.is_cluster() {
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
