//! The trait of session stores.

use std::{pin::Pin, sync::Arc, time::Duration};

use super::{Key, StoreError, StoreHealth, StoreStats};
use crate::clock::Timestamp;

/// The future of a store's operation.
///
/// See `examples/custom_store.rs` for an example.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The version of a record: identifies one write. Only equality has a meaning. A version never recurs for
/// a key, not even after a deletion and a new creation.
///
/// See [`Store`] for an example.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Version(pub u64);

/// A live record.
///
/// See [`Store`] for an example.
#[derive(Clone, Eq, PartialEq)]
pub struct Record {
    /// The bytes, as written.
    pub value: Arc<[u8]>,
    /// The version to pass to [`Store::update`].
    pub version: Version,
    /// When it expires, by the clock of this process.
    pub expires_at: Timestamp,
}

/// The outcome of [`Store::create`].
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use aad_auth::store::{Created, Key, MemoryStore, Store, SystemClock};
///
/// # actix_web::rt::System::new().block_on(async {
/// let store = MemoryStore::new(Arc::new(SystemClock));
/// let (key, life) = (Key::new("shop:cart:1")?, Duration::from_secs(60));
/// assert!(matches!(store.create(&key, b"one", life).await?, Created::Written(_)));
/// assert_eq!(store.create(&key, b"two", life).await?, Created::Exists);
/// # Ok::<_, aad_auth::store::StoreError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Created {
    /// The record was created with this version.
    Written(Version),
    /// A live record has this key. It was not changed.
    Exists,
}

/// The outcome of [`Store::update`].
///
/// See [`Store`] for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Updated {
    /// The record was replaced and has this version.
    Written(Version),
    /// The record has another version. It was not changed.
    Conflict,
    /// There is no live record, and none was created: an update in flight must not restore a session
    /// after its sign-out.
    Missing,
}

/// One member of an index set.
///
/// ```
/// use std::time::Duration;
/// use aad_auth::store::{Key, Member, Store, StoreError};
///
/// async fn put(store: &dyn Store, set: &Key, member: &Member) -> Result<(), StoreError> {
///     store.index_put(set, &member.name, &member.value, Duration::from_secs(60)).await
/// }
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Member {
    /// The name, unique in the set.
    pub name: String,
    /// The bytes, as written.
    pub value: Vec<u8>,
}

/// A session store: records with a time to live and compare-and-swap, and index sets.
///
/// The [module](crate::store) page has the contract for back ends. The methods with a default serve a simple
/// back end as they are.
///
/// `examples/custom_store.rs` implements a store. Code that uses one:
///
/// ```
/// use std::time::Duration;
/// use aad_auth::store::{Key, Store, StoreError, Updated};
///
/// async fn append(store: &dyn Store, key: &Key, life: Duration) -> Result<Updated, StoreError> {
///     let Some(record) = store.get(key).await? else {
///         return Ok(Updated::Missing);
///     };
///     let value = [&record.value[..], b"!"].concat();
///     store.update(key, record.version, &value, life).await
/// }
/// ```
pub trait Store: Send + Sync + 'static {
    /// Reads the live record of `key`.
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>>;

    /// Creates a record; never replaces a live one.
    fn create<'a>(
        &'a self,
        key: &'a Key,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Created>;

    /// Replaces a live record that has the version `expected`; never creates one.
    fn update<'a>(
        &'a self,
        key: &'a Key,
        expected: Version,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Updated>;

    /// Sets the remaining life of a live record, shorter or longer. Value and version stay as they are.
    /// Returns false if there is no live record.
    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool>;

    /// Deletes a record. Returns false if there was no live record.
    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool>;

    /// Puts a member into an index set, or replaces the member of that name. Sets and records have
    /// separate name spaces. Returns [`StoreError::Full`] beyond [`MAX_MEMBERS`](super::MAX_MEMBERS) live
    /// members.
    fn index_put<'a>(
        &'a self,
        set: &'a Key,
        member: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, ()>;

    /// Removes a member from an index set. Returns false if there was no live member of that name.
    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool>;

    /// Lists the live members of an index set, in any order. The record that a member names may be gone.
    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>>;

    /// Reads two records. A back end over a network overrides it, to answer in one round trip.
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

    /// Returns for each key, in order, whether it has a live record. A back end over a network overrides
    /// it, to answer in one round trip.
    fn alive<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Vec<bool>> {
        Box::pin(async move {
            let mut alive = Vec::with_capacity(keys.len());
            for key in keys {
                alive.push(self.get(key).await?.is_some());
            }
            Ok(alive)
        })
    }

    /// Whether this process is the only writer of the store, so that callers may cache decoded records.
    /// Default: false, which is always safe.
    fn exclusive(&self) -> bool {
        false
    }

    /// The name of the back end, for metrics and readiness: `memory`, `file`, `redis`. Default: `custom`.
    fn kind(&self) -> &'static str {
        "custom"
    }

    /// Whether the store can be used now, within about a second. Default: reads a record that does not
    /// exist. A back end that can be full, or read-only, overrides it.
    fn health(&self) -> Pin<Box<dyn Future<Output = StoreHealth> + Send + '_>> {
        Box::pin(async move {
            let read = match Key::new("aad:health") {
                Ok(key) => self.get(&key).await.map(drop),
                Err(error) => Err(error),
            };
            match read {
                Ok(()) => StoreHealth::Ready,
                Err(StoreError::Opening) => StoreHealth::Opening,
                Err(error) => StoreHealth::Failed(error),
            }
        })
    }

    /// Figures for metrics. Must be cheap. Default: none.
    fn stats(&self) -> StoreStats {
        StoreStats::default()
    }

    /// Finishes accepted operations, and closes files and connections. Later operations return
    /// [`StoreError::Stopped`]. A second call is no error.
    fn close(&self) -> StoreFuture<'_, ()>;
}
