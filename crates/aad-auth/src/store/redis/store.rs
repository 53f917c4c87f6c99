//! The Redis store: the port in commands and scripts.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::{Cmd, FromRedisValue, ScriptInvocation, aio::MultiplexedConnection, cmd, pipe};

use super::{
    link::{Link, Sent},
    options::RedisOptions,
    probe,
    scripts::{LIST, PUT, REMOVE, UPDATE},
};
use crate::{
    clock::Clock,
    random::{Random, bytes},
    store::{
        Created, Key, MAX_MEMBERS, Member, Record, Store, StoreError, StoreFuture, StoreHealth,
        StoreStats, Updated, Version, limits,
    },
};

/// A store on a Redis (6 or later) or Valkey server, shared by all instances. Each thread that uses it has
/// a connection of its own.
///
/// The server must not evict (`maxmemory-policy noeviction`; checked at each connection, see
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

    async fn run<'o, T>(
        &self,
        operation: impl Fn(MultiplexedConnection, bool) -> Sent<'o, T> + Send,
    ) -> Result<T, StoreError> {
        let outcome = self.link.run(operation).await;
        match &outcome {
            Err(StoreError::Full) => count(&self.refused),
            Err(_) => count(&self.failures),
            Ok(_) => {}
        }
        outcome
    }

    async fn flag(&self, command: &Cmd) -> Result<bool, StoreError> {
        self.run(|mut connection, _| {
            Box::pin(async move { command.query_async(&mut connection).await })
        })
        .await
    }

    async fn invoke<T>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError>
    where
        T: FromRedisValue + Send,
    {
        self.run(|mut connection, _| {
            Box::pin(async move { script.invoke_async(&mut connection).await })
        })
        .await
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
            let name = &record_name(key);
            let stored: Stored = self
                .run(|mut connection, _| {
                    Box::pin(async move {
                        let mut commands = pipe();
                        commands.get(name).pttl(name);
                        commands.query_async(&mut connection).await
                    })
                })
                .await?;
            self.record(stored)
        })
    }

    fn get_two<'a>(
        &'a self,
        first: &'a Key,
        second: &'a Key,
    ) -> StoreFuture<'a, (Option<Record>, Option<Record>)> {
        Box::pin(async move {
            let (first, second) = (&record_name(first), &record_name(second));
            let (one, one_rest, two, two_rest): (_, _, Option<Vec<u8>>, i64) = self
                .run(|mut connection, _| {
                    Box::pin(async move {
                        let mut commands = pipe();
                        commands.get(first).pttl(first).get(second).pttl(second);
                        commands.query_async(&mut connection).await
                    })
                })
                .await?;
            Ok((self.record((one, one_rest))?, self.record((two, two_rest))?))
        })
    }

    fn alive<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Vec<bool>> {
        Box::pin(async move {
            if keys.is_empty() {
                return Ok(Vec::new());
            }
            let mut commands = pipe();
            for key in keys {
                // Not EXISTS: this asks for no further right of the server's user.
                commands.pttl(record_name(key));
            }
            let commands = &commands;
            let rests: Vec<i64> = self
                .run(|mut connection, _| {
                    Box::pin(async move { commands.query_async(&mut connection).await })
                })
                .await?;
            Ok(rests.into_iter().map(|rest| rest >= 0).collect())
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
            let (set, head) = (&set, &head);
            let written = self
                .run(|mut connection, repeated| {
                    Box::pin(async move {
                        let set: Option<String> = set.query_async(&mut connection).await?;
                        if set.is_some() || !repeated {
                            return Ok(set.is_some());
                        }
                        // Perhaps the first attempt, whose answer was lost, has written it.
                        let head: Vec<u8> = head.query_async(&mut connection).await?;
                        Ok(head == version.to_le_bytes())
                    })
                })
                .await?;
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
            let mut script = UPDATE.key(record_name(key));
            script.arg(&expected.0.to_le_bytes()[..]);
            script.arg(payload(version, value)).arg(millis(ttl));
            let outcome: u8 = self.invoke(&script).await?;
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
            let mut command = cmd("PEXPIRE");
            self.flag(command.arg(record_name(key)).arg(millis(ttl)))
                .await
        })
    }

    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.flag(cmd("DEL").arg(record_name(key))).await })
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
            let mut script = PUT.key(set_name(set));
            script.arg(member).arg(value);
            script.arg(millis(ttl)).arg(MAX_MEMBERS);
            let written: bool = self.invoke(&script).await?;
            if written {
                return Ok(());
            }
            count(&self.refused);
            Err(StoreError::Full)
        })
    }

    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut script = REMOVE.key(set_name(set));
            script.arg(member);
            self.invoke(&script).await
        })
    }

    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        Box::pin(async move {
            let script = LIST.key(set_name(set));
            let listed: Vec<(String, Vec<u8>)> = self.invoke(&script).await?;
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
