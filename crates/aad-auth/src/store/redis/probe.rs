//! Whether the server can be used, and what an operator should know of it.

use redis::cmd;

use super::link::Link;
use crate::store::{StoreError, StoreHealth};

/// Asks the server for a sign of life, then to write.
pub(super) async fn health(link: &Link) -> StoreHealth {
    if link.is_stopped() {
        return StoreHealth::Failed(StoreError::Stopped);
    }
    let ping = link.run(|mut connection, _| {
        Box::pin(async move { cmd("PING").query_async::<String>(&mut connection).await })
    });
    if let Err(reason) = ping.await {
        return StoreHealth::Failed(reason);
    }
    let mut warnings = Vec::new();
    warnings.extend(refused_write(link).await);
    warnings.extend(link.policy().warning());
    StoreHealth::with_warnings(&warnings)
}

/// Writes a record that lives for a moment: a server that is full, or a replica, answers PING as if
/// nothing were the matter. What is to be done, where the write is refused.
async fn refused_write(link: &Link) -> Option<&'static str> {
    let probe = link.run(|mut connection, _| {
        Box::pin(async move {
            let mut set = cmd("SET");
            set.arg(PROBE).arg("").arg("PX").arg(1000);
            set.query_async::<()>(&mut connection).await
        })
    });
    match probe.await {
        Ok(()) => None,
        Err(StoreError::Full) => Some(FULL),
        Err(_) => Some(REFUSES),
    }
}

/// No record or set has this name.
const PROBE: &str = "aad:probe";
const FULL: &str = "the Redis server of AAD_SESSION_STORE is full: sign-ins are refused, and those who \
    are signed in are served; raise its maxmemory, or shorten AAD_SESSION_IDLE and AAD_SESSION_MAX";
const REFUSES: &str = "the Redis server of AAD_SESSION_STORE answers but refuses to write: sign-ins and \
    sign-outs are refused; name the primary and not a replica, check that it can save to its disk, \
    and that its user has +set on ~aad:*";
