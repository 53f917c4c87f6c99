//! An application with a session store of its own: two maps in the memory of the process.
//! `tests/store/custom.rs` runs the conformance suite against the store. The page of the module
//! `aad_auth::store` explains the contract.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aad_auth::{
    Auth, Config, User,
    store::{
        Clock, Created, Key, MAX_MEMBERS, Member, Record, Store, StoreError, StoreFuture,
        SystemClock, Timestamp, Updated, Version, check_member, check_value, clamp_life,
    },
};
use actix_web::{App, HttpServer, get};

/// The bound on records, and on index sets.
const MAX_ENTRIES: usize = 100_000;

/// The store. `None` after `close`.
pub struct MapStore {
    clock: Arc<dyn Clock>,
    maps: Mutex<Option<Maps>>,
}

#[derive(Default)]
struct Maps {
    /// Counts up, so that a version never recurs. A durable store would draw versions at random.
    last_version: u64,
    records: HashMap<Key, Record>,
    sets: HashMap<Key, HashMap<String, (Vec<u8>, Timestamp)>>,
}

impl MapStore {
    /// An empty store.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let maps = Mutex::new(Some(Maps::default()));
        Self { clock, maps }
    }

    /// Runs an operation under the lock, which makes it atomic.
    fn run<'a, T>(
        &'a self,
        operation: impl FnOnce(&mut Maps, Timestamp) -> Result<T, StoreError> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let mut maps = self.maps.lock().unwrap_or_else(PoisonError::into_inner);
            let maps = maps.as_mut().ok_or(StoreError::Stopped)?;
            operation(maps, self.clock.now())
        })
    }
}

impl Maps {
    /// The record of a key, unless it has expired.
    fn live(&mut self, key: &Key, now: Timestamp) -> Option<&mut Record> {
        let record = self.records.get_mut(key)?;
        (record.expires_at > now).then_some(record)
    }

    fn write(&mut self, key: &Key, value: &[u8], expires_at: Timestamp) -> Version {
        self.last_version += 1;
        let (value, version) = (value.into(), Version(self.last_version));
        let record = Record {
            value,
            version,
            expires_at,
        };
        self.records.insert(key.clone(), record);
        version
    }

    /// Removes what has expired when the store is full. It is full of live records then, or has room.
    fn make_room(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.records.len().max(self.sets.len()) >= MAX_ENTRIES {
            self.records.retain(|_, record| record.expires_at > now);
            self.sets.retain(|_, set| {
                set.retain(|_, (_, expires_at)| *expires_at > now);
                !set.is_empty()
            });
        }
        let full = self.records.len().max(self.sets.len()) >= MAX_ENTRIES;
        if full { Err(StoreError::Full) } else { Ok(()) }
    }
}

impl Store for MapStore {
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>> {
        self.run(move |maps, now| Ok(maps.live(key, now).cloned()))
    }

    fn create<'a>(
        &'a self,
        key: &'a Key,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Created> {
        self.run(move |maps, now| {
            check_value(value)?;
            if maps.live(key, now).is_some() {
                return Ok(Created::Exists);
            }
            maps.make_room(now)?;
            let version = maps.write(key, value, now + clamp_life(ttl));
            Ok(Created::Written(version))
        })
    }

    fn update<'a>(
        &'a self,
        key: &'a Key,
        expected: Version,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Updated> {
        self.run(move |maps, now| {
            check_value(value)?;
            Ok(match maps.live(key, now) {
                None => Updated::Missing,
                Some(record) if record.version != expected => Updated::Conflict,
                Some(_) => Updated::Written(maps.write(key, value, now + clamp_life(ttl))),
            })
        })
    }

    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool> {
        self.run(move |maps, now| {
            let record = maps.live(key, now);
            Ok(record
                .map(|record| record.expires_at = now + clamp_life(ttl))
                .is_some())
        })
    }

    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        self.run(move |maps, now| {
            let record = maps.records.remove(key);
            Ok(record.is_some_and(|record| record.expires_at > now))
        })
    }

    fn index_put<'a>(
        &'a self,
        set: &'a Key,
        member: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, ()> {
        self.run(move |maps, now| {
            check_member(member, value)?;
            maps.make_room(now)?;
            let set = maps.sets.entry(set.clone()).or_default();
            set.retain(|_, (_, expires_at)| *expires_at > now);
            if set.len() >= MAX_MEMBERS && !set.contains_key(member) {
                return Err(StoreError::Full);
            }
            set.insert(member.to_owned(), (value.to_vec(), now + clamp_life(ttl)));
            Ok(())
        })
    }

    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool> {
        self.run(move |maps, now| {
            let removed = maps.sets.get_mut(set).and_then(|set| set.remove(member));
            Ok(removed.is_some_and(|(_, expires_at)| expires_at > now))
        })
    }

    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        self.run(move |maps, now| {
            let members = maps.sets.get(set).into_iter().flatten();
            let live = members.filter(|(_, (_, expires_at))| *expires_at > now);
            let live = live.map(|(name, (value, _))| Member {
                name: name.clone(),
                value: value.clone(),
            });
            Ok(live.collect())
        })
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            *self.maps.lock().unwrap_or_else(PoisonError::into_inner) = None;
            Ok(())
        })
    }

    // This process is the only writer. The default, false, would be correct too, but slower.
    fn exclusive(&self) -> bool {
        true
    }
}

#[get("/")]
async fn hello(user: User) -> String {
    format!("Hello {}", user.name())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = Arc::new(MapStore::new(Arc::new(SystemClock)));
    let auth = Auth::builder(Config::from_env()?).store(store).build()?;
    let port = auth.config().base_url.port();
    HttpServer::new(move || {
        App::new()
            .configure(auth.routes())
            .service(
                actix_web::web::scope("")
                    .wrap(auth.require_user())
                    .service(hello),
            )
            .wrap(auth.middleware())
    })
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
