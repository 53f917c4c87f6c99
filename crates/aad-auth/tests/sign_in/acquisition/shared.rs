//! Two instances on one store that neither has for itself.

use std::{pin::Pin, sync::Arc, time::Duration};

use aad_auth::{
    clock::{ManualClock, SystemClock},
    store::{
        Created, Key, Member, MemoryStore, Record, Store, StoreFuture, StoreHealth, StoreStats,
        Updated, Version,
    },
};
use entra_emulator::Endpoint;
use futures_util::future::join_all;

use super::support::{LIFE, until};
use crate::support::{ADA, App, Browser};

/// A memory store that says, like Redis, that others write to it as well.
struct Shared(MemoryStore);

impl Store for Shared {
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>> {
        self.0.get(key)
    }
    fn create<'a>(
        &'a self,
        key: &'a Key,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Created> {
        self.0.create(key, value, ttl)
    }
    fn update<'a>(
        &'a self,
        key: &'a Key,
        expected: Version,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Updated> {
        self.0.update(key, expected, value, ttl)
    }
    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool> {
        self.0.touch(key, ttl)
    }
    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        self.0.delete(key)
    }
    fn index_put<'a>(
        &'a self,
        set: &'a Key,
        member: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, ()> {
        self.0.index_put(set, member, value, ttl)
    }
    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool> {
        self.0.index_remove(set, member)
    }
    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        self.0.index_list(set)
    }
    fn exclusive(&self) -> bool {
        false
    }
    fn kind(&self) -> &'static str {
        "shared"
    }
    fn health(&self) -> Pin<Box<dyn Future<Output = StoreHealth> + Send + '_>> {
        self.0.health()
    }
    fn stats(&self) -> StoreStats {
        self.0.stats()
    }
    fn close(&self) -> StoreFuture<'_, ()> {
        self.0.close()
    }
}

#[actix_web::test]
async fn two_instances_refresh_once_each_at_most_and_both_see_an_end() {
    let emulator = entra_emulator::Emulator::builder().start().unwrap();
    let control = emulator.control();
    control.auto_sign_in(Some(ADA));
    let clock = ManualClock::at(aad_auth::clock::Clock::now(&SystemClock));
    let store: Arc<dyn Store> = Arc::new(Shared(MemoryStore::new(Arc::new(clock.clone()))));
    let start = || {
        let (clock, store) = (Arc::new(clock.clone()), Arc::clone(&store));
        App::start_at(
            emulator.url().as_str(),
            |source| source.with("AAD_SESSION_SECRET", "QUJD".repeat(22)),
            |builder| builder.clock(clock).store(store),
        )
    };
    let (one, two) = (start(), start());
    let browser = Browser::new();
    assert_eq!(browser.open(&one.url("/app/x")).await.status, 200);
    let (name, cookie) = browser.session_cookie().unwrap();
    let name = name.replace(&one.port.to_string(), &two.port.to_string());
    browser.set_cookie("localhost", &name, &cookie);

    clock.advance(Duration::from_secs(2 * LIFE));
    control.set_clock_offset(i64::try_from(2 * LIFE).unwrap());
    let urls: Vec<_> = (0..20)
        .map(|n| [&one, &two][n % 2].url("/app/graph"))
        .collect();
    for page in join_all(urls.iter().map(|url| browser.fetch(url))).await {
        assert_eq!(page.body, "Ada Admin for Ada Admin");
    }
    let refreshes = control.counters().refreshes;
    assert!((1..=2).contains(&refreshes), "{refreshes}");

    let asked = control.count_calls(Endpoint::Token);
    control.disable_user(ADA).unwrap();
    clock.advance(Duration::from_secs(LIFE));
    control.set_clock_offset(i64::try_from(3 * LIFE).unwrap());
    for app in [&two, &one] {
        let url = app.url("/app/x");
        until("the session ends", async || {
            browser.fetch(&url).await.status == 401
        })
        .await;
    }
    assert_eq!(control.count_calls(Endpoint::Token), asked + 1);
}
