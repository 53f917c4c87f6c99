//! What the log says of a provider that cannot be used: the cause, and once.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tracing::subscriber::DefaultGuard;

use crate::{
    tokens::{V2T, metadata, settle},
    world::{World, seconds},
};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Collects what this thread logs, on which all tasks of a test run.
    fn collect() -> (Self, DefaultGuard) {
        let lines = Self::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .finish();
        (lines, tracing::subscriber::set_default(subscriber))
    }

    fn with(&self, text: &str) -> Vec<String> {
        let all = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let found = all.lines().filter(|line| line.contains(text));
        found.map(str::to_owned).collect()
    }
}

fn document(member: &str, value: Value) -> Value {
    let mut document = metadata("https://login.microsoftonline.com/common", V2T);
    document[member] = value;
    document
}

#[tokio::test]
async fn r80_what_stands_in_the_way_of_every_sign_in_is_one_error_with_the_remedy() {
    let (lines, _guard) = Lines::collect();
    let world = World::common();
    let plain = document("code_challenge_methods_supported", json!(["plain"]));
    world.fake.set_metadata(&plain);
    world.provider.start();
    settle().await;
    for _ in 0..3 {
        world.time.advance(seconds(4000)).await;
    }
    assert!(world.fake.fetches().0 >= 3);
    let told = lines.with("AAD-PROVIDER-PKCE");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("ERROR") && told[0].contains("allow S256"));
    // Mended, and broken in another way.
    world.fake.set_metadata(&document("x", Value::Null));
    world.time.advance(seconds(4000)).await;
    assert!(world.provider.obstacles().is_empty());
    world.fake.set_metadata(&plain);
    world.time.advance(seconds(4000)).await;
    assert_eq!(lines.with("AAD-PROVIDER-PKCE").len(), 2);
}

#[tokio::test]
async fn r86_optional_endpoints_at_another_host_are_one_warning_with_the_setting() {
    let (lines, _guard) = Lines::collect();
    let world = World::common();
    let mut document = document("revocation_endpoint", json!("https://b.test/revoke"));
    document["userinfo_endpoint"] = json!("https://a.test/me");
    world.fake.set_metadata(&document);
    world.provider.start();
    settle().await;
    world.time.advance(seconds(4000)).await;
    let told = lines.with("AAD_ENDPOINT_HOSTS=a.test,b.test");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("userinfo_endpoint, revocation_endpoint"));
}

#[tokio::test]
async fn r85_a_load_that_takes_too_long_is_one_warning_for_all_who_wait() {
    let (lines, _guard) = Lines::collect();
    let world = World::common();
    world.fake.hang();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let provider = world.provider.clone();
            tokio::spawn(async move { provider.metadata().await.is_err() })
        })
        .collect();
    settle().await;
    world.time.advance(seconds(10)).await;
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    let told = lines.with("did not arrive within AAD_PROVIDER_TIMEOUT");
    assert_eq!(told.len(), 1, "{told:?}");
}
