//! The port: what the crate asks of a store.

use std::{pin::Pin, sync::Arc, time::Duration};

use super::{Key, StoreError, StoreHealth, StoreStats};
use crate::clock::Timestamp;

/// What a store's operation returns.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Which writing of a record this is. Opaque: only equality has a meaning. A version never comes
/// again for the same key, also not after a deletion and a new creation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Version(pub u64);

/// A live record.
#[derive(Clone, Eq, PartialEq)]
pub struct Record {
    /// The bytes, as written.
    pub value: Arc<[u8]>,
    /// What a compare-and-swap has to present.
    pub version: Version,
    /// When it ends, by this process's clock.
    pub expires_at: Timestamp,
}

/// The outcome of a creation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Created {
    /// The record was created.
    Written(Version),
    /// A live record has this key; it was left as it is.
    Exists,
}

/// The outcome of a compare-and-swap.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Updated {
    /// The record was replaced.
    Written(Version),
    /// Another writer was first; the record was left as it is.
    Conflict,
    /// There is no live record; nothing was created. A session that was signed out while a
    /// request was in flight must never come back.
    Missing,
}

/// One member of an index set.
#[derive(Clone, Eq, PartialEq)]
pub struct Member {
    /// Its name, unique in the set.
    pub name: String,
    /// The bytes, as written.
    pub value: Vec<u8>,
}

/// Records with a time to live, compare-and-swap, and index sets.
///
/// Rules for every back end; [`suite`](super::suite) (feature `testing`) checks them:
/// - When an operation returns `Ok`, its effect is visible to every later operation of every
///   process that shares the store, and in a durable back end survives `kill -9`.
/// - An expired record or member is as good as absent, whether it has been swept or not.
/// - A life is clamped to 1 ms … ten years; it starts anew with each write.
/// - Keys and values beyond the bounds are refused with [`StoreError::TooLarge`]; a store that
///   is full of live records refuses with [`StoreError::Full`] and evicts none. A store with a bound
///   keeps a part of it that application data (kind `a` in the key) can never take.
/// - An operation dropped before it completes has happened wholly or not at all.
pub trait Store: Send + Sync + 'static {
    /// The live record under `key`.
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>>;

    /// Creates a record; never replaces a live one.
    fn create<'a>(
        &'a self,
        key: &'a Key,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Created>;

    /// Replaces a live record that still has the version `expected`; never creates one.
    fn update<'a>(
        &'a self,
        key: &'a Key,
        expected: Version,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Updated>;

    /// Sets the remaining life of a live record, shorter or longer, and leaves value and version
    /// alone. False, and nothing created, when there is none.
    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool>;

    /// Removes a record. False when there was no live one; that is no error.
    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool>;

    /// Puts a member into the index set `set`, replacing one of the same name. Sets and records
    /// have separate name spaces. [`StoreError::Full`] beyond [`MAX_MEMBERS`](super::MAX_MEMBERS)
    /// live members.
    fn index_put<'a>(
        &'a self,
        set: &'a Key,
        member: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, ()>;

    /// Removes a member. False when it was not there; that is no error.
    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool>;

    /// The live members of a set, in no order. An entry may dangle: what it names may be gone.
    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>>;

    /// Two records at once. A back end over a network answers in one round trip.
    fn get_two<'a>(
        &'a self,
        first: &'a Key,
        second: &'a Key,
    ) -> StoreFuture<'a, (Option<Record>, Option<Record>)> {
        Box::pin(async move {
            let (first, second) = futures_util::join!(self.get(first), self.get(second));
            Ok((first?, second?))
        })
    }

    /// Which of these keys have a live record, in their order. A back end over a network answers
    /// in one round trip.
    fn alive<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Vec<bool>> {
        Box::pin(async move {
            let mut alive = Vec::with_capacity(keys.len());
            for key in keys {
                alive.push(self.get(key).await?.is_some());
            }
            Ok(alive)
        })
    }

    /// Whether this process is the only writer, so that callers may keep decoded records.
    fn exclusive(&self) -> bool;

    /// The back end's name: `memory`, `file` or `redis`.
    fn kind(&self) -> &'static str;

    /// Whether the store can be used now. Answers within about a second.
    fn health(&self) -> Pin<Box<dyn Future<Output = StoreHealth> + Send + '_>>;

    /// Figures for metrics; cheap.
    fn stats(&self) -> StoreStats;

    /// Finishes what was accepted, and lets go of files and connections. Operations after it
    /// answer [`StoreError::Stopped`]. Calling it again is no error.
    fn close(&self) -> StoreFuture<'_, ()>;
}
