//! The client: sends requests, and translates records.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::{FromRedisValue, Value, from_redis_value};

use super::{
    commands::{Commands, one},
    options::RedisOptions,
    router::Router,
};
use crate::{
    clock::Clock,
    random::{Random, bytes},
    store_room::{Key, Record, StoreError, Version, limits},
};

/// A store on Redis (6 or later) or Valkey, shared by all instances: one server, a cluster, or a primary
/// behind Sentinel. Each thread that uses it has a connection of its own to each server.
///
/// Servers must not evict (`maxmemory-policy noeviction`; checked at each connection, see
/// [`Store::health`](crate::store::Store::health)). How much a crash of the server loses is decided by its persistence
/// (`appendonly yes`).
///
/// After a connection broke, a change may be sent twice. That is harmless, except that `delete` and
/// `index_remove` may then return false although this call removed the record or member.
///
/// See [`RedisOptions`](super::RedisOptions) for an example.
pub struct RedisStore {
    pub(super) router: Router,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) refused: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) failures: AtomicU64,
}

impl RedisStore {
    /// A store on the servers of `options`. It connects at the first operation, so the servers need not be
    /// reachable at the start.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if URL or roots are invalid.
    pub fn open(options: &RedisOptions) -> Result<Self, StoreError> {
        Ok(Self {
            router: Router::new(options)?,
            clock: Arc::clone(&options.clock),
            random: Arc::clone(&options.random),
            refused: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        })
    }

    /// Sends a request. `T` is a tuple with a field for each command.
    pub(super) async fn run<T: FromRedisValue>(&self, request: &Commands) -> Result<T, StoreError> {
        let outcome = self.router.run(request).await;
        match &outcome {
            Err(StoreError::Full) => count(&self.refused),
            Err(_) => count(&self.failures),
            Ok(_) => {}
        }
        from_redis_value(Value::Array(outcome?)).map_err(|_| StoreError::Corrupt)
    }

    /// Sends a request of one command.
    pub(super) async fn run_one<T: FromRedisValue>(
        &self,
        request: &Commands,
    ) -> Result<T, StoreError> {
        let (answer,) = self.run(request).await?;
        Ok(answer)
    }

    /// Sends a request that names several keys. `None` in a cluster, where the caller sends one request for
    /// each key.
    pub(super) async fn run_together<T: FromRedisValue>(
        &self,
        request: &Commands,
    ) -> Result<Option<T>, StoreError> {
        if self.router.is_cluster() {
            return Ok(None);
        }
        match self.run(request).await {
            Ok(answer) => Ok(Some(answer)),
            // This request has shown that the servers are a cluster.
            Err(_) if self.router.is_cluster() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a record lives.
    pub(super) async fn lives(&self, name: String) -> Result<bool, StoreError> {
        let command = one("PTTL", &name);
        let rest: i64 = self.run_one(&Commands::new(name, [command])).await?;
        Ok(rest >= 0)
    }

    pub(super) fn record(
        &self,
        (stored, rest): StoredRecord,
    ) -> Result<Option<Record>, StoreError> {
        let (Some(stored), Ok(rest)) = (stored, u64::try_from(rest)) else {
            // Absent, or expired between the two commands.
            return Ok(None);
        };
        let (version, value) = stored.split_first_chunk::<8>().ok_or(StoreError::Corrupt)?;
        Ok(Some(Record {
            value: value.into(),
            version: Version(u64::from_le_bytes(*version)),
            expires_at: self.clock.now() + Duration::from_millis(rest),
        }))
    }

    pub(super) fn draw_version(&self) -> u64 {
        u64::from_le_bytes(bytes(&*self.random))
    }
}

/// A record as the server holds it, and its remaining life in milliseconds.
pub(super) type StoredRecord = (Option<Vec<u8>>, i64);

/// The name of a record on the server. Records and sets have separate name spaces.
pub(super) fn record_name(key: &Key) -> String {
    format!("aad:r:{}", key.as_str())
}

/// The name of an index set on the server.
pub(super) fn set_name(key: &Key) -> String {
    format!("aad:s:{}", key.as_str())
}

/// The value of a record on the server: version, then value.
pub(super) fn payload(version: u64, value: &[u8]) -> Vec<u8> {
    [&version.to_le_bytes()[..], value].concat()
}

/// A life in milliseconds, clamped.
pub(super) fn millis(ttl: Duration) -> u64 {
    u64::try_from(limits::clamp_life(ttl).as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
