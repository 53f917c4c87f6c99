//! The Redis store: implements the trait with commands and scripts.

use std::{pin::Pin, sync::atomic::Ordering, time::Duration};

use futures_util::future::try_join_all;
use redis::cmd;

use super::{
    client::{RedisStore, count, millis, payload, record_name, set_name},
    commands::{Commands, one, read},
    health_probe,
    scripts::{LIST, PUT, REMOVE, UPDATE},
};
use crate::store_room::{
    Created, Key, MAX_MEMBERS, Member, Record, Store, StoreError, StoreFuture, StoreHealth,
    StoreStats, Updated, Version, limits,
};

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
            // `PTTL` instead of `EXISTS`: the server's user needs no further right.
            let all = keys.iter().map(|key| one("PTTL", &record_name(key)));
            if let Some(rests) = self
                .run_together::<Vec<i64>>(&Commands::together(all))
                .await?
            {
                return Ok(rests.into_iter().map(|rest| rest >= 0).collect());
            }
            let mut alive = Vec::with_capacity(keys.len());
            for some in keys.chunks(BATCH) {
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
            // A record of this version was written by this call, before its connection broke.
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
        Box::pin(health_probe::health(&self.router))
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
            self.router.close();
            Ok(())
        })
    }
}

/// The most keys of a cluster that are queried concurrently.
const BATCH: usize = 256;
