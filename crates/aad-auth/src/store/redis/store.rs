//! The Redis store: the port in commands and scripts.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::try_join_all;
use redis::{FromRedisValue, Value, cmd, from_redis_value};

use super::{
    commands::{Commands, one, read},
    link::Link,
    options::RedisOptions,
    probe,
    scripts::{LIST, PUT, REMOVE, UPDATE},
};
use crate::{
    clock::Clock,
    random::{Random, bytes},
    store_room::{
        Created, Key, MAX_MEMBERS, Member, Record, Store, StoreError, StoreFuture, StoreHealth,
        StoreStats, Updated, Version, limits,
    },
};

/// A store on Redis (6 or later) or Valkey, shared by all instances: one server, a cluster, or a primary
/// behind Sentinel. Each thread that uses it has a connection of its own to each server.
///
/// Servers must not evict (`maxmemory-policy noeviction`; checked at each connection, see
/// [`Store::health`]). How much a crash of the server loses is decided by its persistence
/// (`appendonly yes`).
///
/// After a connection broke, a change may be sent twice. That is harmless, but for one thing: the
/// answer of `delete` and `index_remove` may then be false although this call removed it.
pub struct RedisStore {
    link: Link,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    refused: AtomicU64,
    conflicts: AtomicU64,
    failures: AtomicU64,
}

impl RedisStore {
    /// A store on the server of `options`. It connects at the first operation; the server may be
    /// away at the start.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when URL or roots cannot be used.
    pub fn open(options: &RedisOptions) -> Result<Self, StoreError> {
        Ok(Self {
            link: Link::new(options)?,
            clock: Arc::clone(&options.clock),
            random: Arc::clone(&options.random),
            refused: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        })
    }

    /// Sends a request. `T` has a part for each of its commands.
    async fn run<T: FromRedisValue>(&self, request: &Commands) -> Result<T, StoreError> {
        let outcome = self.link.run(request).await;
        match &outcome {
            Err(StoreError::Full) => count(&self.refused),
            Err(_) => count(&self.failures),
            Ok(_) => {}
        }
        from_redis_value(Value::Array(outcome?)).map_err(|_| StoreError::Corrupt)
    }

    /// Sends a request of one command.
    async fn run_one<T: FromRedisValue>(&self, request: &Commands) -> Result<T, StoreError> {
        let (answer,) = self.run(request).await?;
        Ok(answer)
    }

    /// Sends a request that names several keys. `None` where the servers are a cluster: there each key
    /// is asked for by itself.
    async fn run_together<T: FromRedisValue>(
        &self,
        request: &Commands,
    ) -> Result<Option<T>, StoreError> {
        if self.link.is_cluster() {
            return Ok(None);
        }
        match self.run(request).await {
            Ok(answer) => Ok(Some(answer)),
            // It has turned out just now.
            Err(_) if self.link.is_cluster() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn lives(&self, name: String) -> Result<bool, StoreError> {
        let command = one("PTTL", &name);
        let rest: i64 = self.run_one(&Commands::new(name, [command])).await?;
        Ok(rest >= 0)
    }

    fn record(&self, (stored, rest): Stored) -> Result<Option<Record>, StoreError> {
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

    fn draw_version(&self) -> u64 {
        u64::from_le_bytes(bytes(&*self.random))
    }
}

impl Store for RedisStore {
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move {
            let name = record_name(key);
            let commands = read(&name);
            let stored = self.run(&Commands::new(name, commands)).await?;
            self.record(stored)
        })
    }

    fn get_two<'a>(
        &'a self,
        first: &'a Key,
        second: &'a Key,
    ) -> StoreFuture<'a, (Option<Record>, Option<Record>)> {
        Box::pin(async move {
            let names = [record_name(first), record_name(second)];
            let both = Commands::together(names.iter().flat_map(|name| read(name)));
            match self.run_together(&both).await? {
                Some((one, one_rest, two, two_rest)) => {
                    Ok((self.record((one, one_rest))?, self.record((two, two_rest))?))
                }
                None => futures_util::try_join!(self.get(first), self.get(second)),
            }
        })
    }

    fn alive<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Vec<bool>> {
        Box::pin(async move {
            if keys.is_empty() {
                return Ok(Vec::new());
            }
            // Not EXISTS: this asks for no further right of the server's user.
            let all = keys.iter().map(|key| one("PTTL", &record_name(key)));
            if let Some(rests) = self
                .run_together::<Vec<i64>>(&Commands::together(all))
                .await?
            {
                return Ok(rests.into_iter().map(|rest| rest >= 0).collect());
            }
            let mut alive = Vec::with_capacity(keys.len());
            for some in keys.chunks(AT_ONCE) {
                let asked = some.iter().map(|key| self.lives(record_name(key)));
                alive.extend(try_join_all(asked).await?);
            }
            Ok(alive)
        })
    }

    fn create<'a>(
        &'a self,
        key: &'a Key,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Created> {
        Box::pin(async move {
            limits::check_value(value)?;
            let version = self.draw_version();
            let (mut set, mut head) = (cmd("SET"), cmd("GETRANGE"));
            let name = record_name(key);
            set.arg(&name).arg(payload(version, value));
            set.arg("NX").arg("PX").arg(millis(ttl));
            head.arg(&name).arg(0).arg(7);
            // A record of this very version was written by this call, before its connection broke.
            let (set, head): (Option<String>, Vec<u8>) =
                self.run(&Commands::new(name, [set, head])).await?;
            let written = set.is_some() || head == version.to_le_bytes();
            Ok(if written {
                Created::Written(Version(version))
            } else {
                Created::Exists
            })
        })
    }

    fn update<'a>(
        &'a self,
        key: &'a Key,
        expected: Version,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Updated> {
        Box::pin(async move {
            limits::check_value(value)?;
            let version = self.draw_version();
            let request = Commands::script(&UPDATE, record_name(key), |command| {
                command.arg(&expected.0.to_le_bytes()[..]);
                command.arg(payload(version, value)).arg(millis(ttl));
            });
            let outcome: u8 = self.run_one(&request).await?;
            Ok(match outcome {
                0 => Updated::Missing,
                1 => Updated::Written(Version(version)),
                _ => {
                    count(&self.conflicts);
                    Updated::Conflict
                }
            })
        })
    }

    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let name = record_name(key);
            let mut command = one("PEXPIRE", &name);
            command.arg(millis(ttl));
            self.run_one(&Commands::new(name, [command])).await
        })
    }

    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let name = record_name(key);
            let command = one("DEL", &name);
            self.run_one(&Commands::new(name, [command])).await
        })
    }

    fn index_put<'a>(
        &'a self,
        set: &'a Key,
        member: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            limits::check_member(member, value)?;
            let request = Commands::script(&PUT, set_name(set), |command| {
                command.arg(member).arg(value);
                command.arg(millis(ttl)).arg(MAX_MEMBERS);
            });
            let written: bool = self.run_one(&request).await?;
            if written {
                return Ok(());
            }
            count(&self.refused);
            Err(StoreError::Full)
        })
    }

    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let request = Commands::script(&REMOVE, set_name(set), |command| {
                command.arg(member);
            });
            self.run_one(&request).await
        })
    }

    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        Box::pin(async move {
            let request = Commands::script(&LIST, set_name(set), |_| {});
            let listed: Vec<(String, Vec<u8>)> = self.run_one(&request).await?;
            let members = listed.into_iter();
            Ok(members
                .map(|(name, value)| Member { name, value })
                .collect())
        })
    }

    fn exclusive(&self) -> bool {
        false
    }

    fn kind(&self) -> &'static str {
        "redis"
    }

    fn health(&self) -> Pin<Box<dyn Future<Output = StoreHealth> + Send + '_>> {
        Box::pin(probe::health(&self.link))
    }

    fn stats(&self) -> StoreStats {
        StoreStats {
            refused: self.refused.load(Ordering::Relaxed),
            conflicts: self.conflicts.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            ..StoreStats::default()
        }
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.link.close();
            Ok(())
        })
    }
}

/// How many keys of a cluster are asked for at once.
const AT_ONCE: usize = 256;

/// A record as the server holds it, and the rest of its life in milliseconds.
type Stored = (Option<Vec<u8>>, i64);

/// Records and sets have separate name spaces.
fn record_name(key: &Key) -> String {
    format!("aad:r:{}", key.as_str())
}

fn set_name(key: &Key) -> String {
    format!("aad:s:{}", key.as_str())
}

fn payload(version: u64, value: &[u8]) -> Vec<u8> {
    [&version.to_le_bytes()[..], value].concat()
}

fn millis(ttl: Duration) -> u64 {
    u64::try_from(limits::life(ttl).as_millis()).unwrap_or(u64::MAX)
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
