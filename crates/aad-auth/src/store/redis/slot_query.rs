//! Asks the nodes of a cluster for the map of slots.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use redis::{Value, cmd};

use super::{
    commands::Commands,
    condition::Condition,
    connector::Connector,
    fault,
    node::{RedisNode, SendFailure},
    slot_map::{SLOTS, SlotRange, read_ranges},
};

/// How long nodes have for their answer.
const REFRESH_TIMEOUT: Duration = Duration::from_millis(500);
/// The most nodes that are asked concurrently.
const MAX_ASKED: usize = 16;

/// Asks several nodes concurrently, and takes the first complete map. So a node that is isolated, or
/// silent, does not decide.
pub(super) async fn query_slots(
    nodes: Vec<Arc<RedisNode>>,
    connector: &Connector,
    deadline: Instant,
) -> Result<Vec<SlotRange>, Condition> {
    let (well, troubled): (Vec<_>, Vec<_>) =
        nodes.into_iter().partition(|node| node.trouble().is_none());
    // An isolated node reports that the cluster is down, and has an old map.
    match ask_some(&well, connector, deadline).await {
        Err(_) if !troubled.is_empty() => ask_some(&troubled, connector, deadline).await,
        answer => answer,
    }
}

/// Asks nodes concurrently, at most [`MAX_ASKED`]. Returns the first complete map, else the last one.
async fn ask_some(
    nodes: &[Arc<RedisNode>],
    connector: &Connector,
    deadline: Instant,
) -> Result<Vec<SlotRange>, Condition> {
    let deadline = deadline.min(Instant::now() + REFRESH_TIMEOUT);
    let nodes = nodes.iter().take(MAX_ASKED);
    let mut answers: FuturesUnordered<_> = nodes
        .map(|node| ask_node(node, connector, deadline))
        .collect();
    let mut partial = None;
    let mut refusal = Condition::Unreachable;
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(ranges) if is_whole(&ranges) => return Ok(ranges),
            Ok(ranges) => partial = Some(ranges),
            Err(Condition::Unreachable) => {}
            Err(condition) => refusal = condition,
        }
    }
    partial.ok_or(refusal)
}

/// Asks one node.
async fn ask_node(
    node: &Arc<RedisNode>,
    connector: &Connector,
    deadline: Instant,
) -> Result<Vec<SlotRange>, Condition> {
    let mut command = cmd("CLUSTER");
    command.arg("SLOTS");
    let request = Commands::new(String::new(), [command]);
    match node.send(connector, &request, false, deadline).await {
        Ok(answers) => {
            let answer = answers.first().unwrap_or(&Value::Nil);
            read_ranges(answer, node.host()).ok_or(Condition::ClusterDown)
        }
        Err(SendFailure::Answer(error)) => Err(match fault::condition(&error) {
            Condition::Other(_) if !node.server_info().cluster => Condition::NotACluster,
            condition => condition,
        }),
        Err(SendFailure::Connect(error)) => Err(fault::condition(&error)),
        Err(SendFailure::Silent | SendFailure::Paused) => Err(Condition::Unreachable),
    }
}

/// Whether each slot has an owner.
fn is_whole(ranges: &[SlotRange]) -> bool {
    let slots = ranges
        .iter()
        .map(|range| u32::from(range.last - range.first) + 1);
    slots.sum::<u32>() >= u32::from(SLOTS)
}
