//! The check that the server does not evict sessions.

use std::sync::atomic::{AtomicU8, Ordering};

use redis::{aio::MultiplexedConnection, cmd};

/// What is known of the server's `maxmemory-policy`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Policy {
    /// Not connected yet.
    Unasked = 0,
    /// It refuses writes when it is full, as it should.
    NoEviction = 1,
    /// It evicts: users are signed out at random once it is full.
    Evicts = 2,
    /// It does not tell: managed servers often forbid the question.
    Unknown = 3,
}

/// The answer of the last connection.
#[derive(Default)]
pub(super) struct PolicyCell(AtomicU8);

impl PolicyCell {
    pub(super) fn get(&self) -> Policy {
        match self.0.load(Ordering::Relaxed) {
            1 => Policy::NoEviction,
            2 => Policy::Evicts,
            3 => Policy::Unknown,
            _ => Policy::Unasked,
        }
    }

    /// Asks a new connection: `INFO`, which managed servers allow, then `CONFIG GET`.
    pub(super) async fn learn(&self, mut connection: MultiplexedConnection) {
        let info: Option<String> = cmd("INFO")
            .arg("memory")
            .query_async(&mut connection)
            .await
            .ok();
        let told = info.as_deref().and_then(in_info).map(str::to_owned);
        let told = match told {
            Some(told) => Some(told),
            None => ask_config(&mut connection).await,
        };
        let policy = match told.as_deref() {
            Some("noeviction") => Policy::NoEviction,
            Some(_) => Policy::Evicts,
            None => Policy::Unknown,
        };
        let before = self.0.swap(policy as u8, Ordering::Relaxed);
        if policy == Policy::Evicts && before != policy as u8 {
            tracing::warn!("{}", Policy::EVICTS);
        }
    }
}

impl Policy {
    /// What an operator should know.
    pub(super) const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Evicts => Some(Self::EVICTS),
            Self::Unknown => Some(Self::UNKNOWN),
            Self::Unasked | Self::NoEviction => None,
        }
    }

    const EVICTS: &str = "the Redis server of AAD_SESSION_STORE evicts records when its \
        memory is full, which signs users out at random; set its maxmemory-policy to noeviction";
    const UNKNOWN: &str = "the Redis server of AAD_SESSION_STORE does not tell its \
        maxmemory-policy; make sure it is noeviction, and allow the user +info to have it checked";
}

async fn ask_config(connection: &mut MultiplexedConnection) -> Option<String> {
    let answer: Vec<String> = cmd("CONFIG")
        .arg("GET")
        .arg("maxmemory-policy")
        .query_async(connection)
        .await
        .ok()?;
    answer.into_iter().nth(1)
}

fn in_info(info: &str) -> Option<&str> {
    let mut lines = info.lines();
    let policy = lines.find_map(|line| line.strip_prefix("maxmemory_policy:"))?;
    Some(policy.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_policy_in_info() {
        let info = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n";
        assert_eq!(in_info(info), Some("allkeys-lru"));
        assert_eq!(in_info("# Memory\r\n"), None);
    }
}
