//! Polling of a shared store for the result of another instance.

use std::time::Duration;

use crate::random::{self, Random};

/// How long a request polls for the result of another instance.
pub(crate) const POLLING_TIMEOUT: Duration = Duration::from_secs(3);

/// Sleeps between two polls: 40 to 103 ms, at random, so that instances do not poll in step.
pub(crate) async fn pause_between_polls(random: &dyn Random) {
    let [jitter] = random::bytes(random);
    tokio::time::sleep(Duration::from_millis(40 + u64::from(jitter) / 4)).await;
}
