//! What the nodes of a cluster say about its slots.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use redis::{Value, cmd};

use super::{
    commands::Commands,
    condition::Condition,
    dial::Dialer,
    fault,
    node::{RedisNode, SendFailure},
    slots::{Range, SLOTS, read_ranges},
};

/// How long nodes have for an answer to it.
const REFRESH_TIMEOUT: Duration = Duration::from_millis(500);
/// How many nodes are asked at once.
const ASKED: usize = 16;

/// Asks several nodes at once, and takes the first map that is whole: a node that is cut off from the
/// others, or silent, must not decide.
pub(super) async fn survey(
    nodes: Vec<Arc<RedisNode>>,
    dialer: &Dialer,
    deadline: Instant,
) -> Result<Vec<Range>, Condition> {
    let (well, troubled): (Vec<_>, Vec<_>) =
        nodes.into_iter().partition(|node| node.trouble().is_none());
    // A node that is cut off from the others says that the cluster is down, and has an old map.
    match ask_some(&well, dialer, deadline).await {
        Err(_) if !troubled.is_empty() => ask_some(&troubled, dialer, deadline).await,
        answer => answer,
    }
}

/// Asks nodes at once, [`ASKED`] at most. The first map that is whole counts, else the last one.
async fn ask_some(
    nodes: &[Arc<RedisNode>],
    dialer: &Dialer,
    deadline: Instant,
) -> Result<Vec<Range>, Condition> {
    let deadline = deadline.min(Instant::now() + REFRESH_TIMEOUT);
    let nodes = nodes.iter().take(ASKED);
    let mut answers: FuturesUnordered<_> =
        nodes.map(|node| ask_node(node, dialer, deadline)).collect();
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

async fn ask_node(
    node: &Arc<RedisNode>,
    dialer: &Dialer,
    deadline: Instant,
) -> Result<Vec<Range>, Condition> {
    let mut command = cmd("CLUSTER");
    command.arg("SLOTS");
    let request = Commands::new(String::new(), [command]);
    match node.send(dialer, &request, false, deadline).await {
        Ok(answers) => {
            let answer = answers.first().unwrap_or(&Value::Nil);
            read_ranges(answer, node.host()).ok_or(Condition::ClusterDown)
        }
        Err(SendFailure::Answer(error)) => Err(match fault::condition(&error) {
            Condition::Other(_) if !node.facts().cluster => Condition::NotACluster,
            condition => condition,
        }),
        Err(SendFailure::Connect(error)) => Err(fault::condition(&error)),
        Err(SendFailure::Silent | SendFailure::Paused) => Err(Condition::Unreachable),
    }
}

/// Whether each slot has an owner.
fn is_whole(ranges: &[Range]) -> bool {
    let slots = ranges
        .iter()
        .map(|range| u32::from(range.last - range.first) + 1);
    slots.sum::<u32>() >= u32::from(SLOTS)
}
