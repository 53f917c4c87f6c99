//! The keyring and the provider's state in time (abuse F4 to F11, F14).

use aad_auth::{
    downstream::TransportError,
    internals::{
        last_error,
        provider::{KeyFailure, Provider, TokenSource},
    },
};
use serde_json::{Value, json};

use crate::{
    tokens::{
        FakeProvider, ManualTime, NOW, TestKey, V2T, access_claims, common, id_claims, metadata,
        provider, settle,
    },
    world::{World, outcome, seconds},
};

const DAY: u64 = 24 * 3600;

fn key(which: usize, kid: &str) -> Value {
    let mut key = TestKey::number(which).jwk(kid);
    key["issuer"] = V2T.into();
    key
}

fn document() -> Value {
    metadata("https://login.microsoftonline.com/common", V2T)
}

async fn loaded() -> World {
    let world = World::common();
    world.provider.metadata().await.unwrap();
    world
}

fn forged(kid: &str) -> String {
    TestKey::number(2).sign(kid, &access_claims())
}

#[tokio::test]
async fn starting_needs_nobody_and_loads_in_the_background() {
    let world = World::common();
    assert!(world.provider.metadata_at_once().is_none());
    world.provider.start();
    world.provider.start();
    settle().await;
    assert_eq!(world.fake.fetches(), (1, 1));
    assert!(world.provider.metadata_at_once().is_some());
    assert!(!world.provider.state().is_degraded());
}

#[tokio::test]
async fn keys_are_refreshed_each_hour() {
    let world = World::common();
    world.provider.start();
    settle().await;
    world.time.advance(seconds(3200)).await;
    assert_eq!(world.fake.fetches(), (1, 1));
    world.time.advance(seconds(800)).await;
    assert_eq!(world.fake.fetches(), (2, 2));
}

#[tokio::test]
async fn f4_a_provider_that_is_away_at_start_is_awaited_in_the_same_process() {
    let world = World::common();
    world.fake.set("metadata", Err(TransportError::Unreachable));
    world.provider.start();
    settle().await;
    let unavailable = world.provider.metadata().await.unwrap_err();
    assert_eq!(unavailable.retry_after, seconds(1));
    assert_eq!(
        world.fake.fetches(),
        (1, 0),
        "a fresh failure is remembered, not repeated"
    );
    assert!(world.provider.state().is_degraded());
    world.fake.set_metadata(&document());
    world.time.advance(seconds(2)).await;
    assert!(world.provider.metadata().await.is_ok());
    assert_eq!(world.provider.state().failures_in_a_row, 0);
}

#[tokio::test]
async fn f4_a_provider_that_hangs_holds_nobody_for_long() {
    let world = World::common();
    world.fake.hang();
    let waiting = tokio::spawn({
        let provider = world.provider.clone();
        async move { provider.metadata().await.is_err() }
    });
    settle().await;
    assert!(!waiting.is_finished());
    world.time.advance(seconds(9)).await;
    assert!(!waiting.is_finished(), "AAD_PROVIDER_TIMEOUT is 10 s");
    world.time.advance(seconds(1)).await;
    assert!(waiting.await.unwrap());
    world.fake.open();
    settle().await;
    assert!(
        world.provider.metadata_at_once().is_some(),
        "the load itself went on"
    );
}

#[tokio::test]
async fn f4_a_thousand_callers_cause_one_load() {
    let world = World::common();
    world.fake.hang();
    let callers: Vec<_> = (0..1000)
        .map(|_| {
            let provider = world.provider.clone();
            tokio::spawn(async move { provider.metadata().await.is_ok() })
        })
        .collect();
    settle().await;
    world.fake.open();
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    assert_eq!(world.fake.fetches(), (1, 1));
}

#[tokio::test]
async fn f5_broken_key_sets_keep_the_last_good_one() {
    let world = loaded().await;
    let token = TestKey::number(0).sign("k1", &id_claims());
    let bomb = "[".repeat(1 << 20).into_bytes();
    for answer in [
        Ok((500, b"oops".to_vec())),
        Ok((200, b"<html>".to_vec())),
        Ok((200, b"{\"keys\":[]}".to_vec())),
        Ok((200, Vec::new())),
        Ok((302, Vec::new())),
        Ok((200, bomb)),
        Err(TransportError::Timeout),
        Err(TransportError::TooLarge),
    ] {
        world.fake.set("keys", answer);
        world.time.advance(seconds(61)).await;
        let unknown = world.access(&forged("other")).await;
        assert_eq!(outcome(unknown), "AAD-TOKEN-KID unknown");
        assert_eq!(outcome(world.id(&token).await), "accepted");
    }
    assert_eq!(world.provider.state().failures_in_a_row, 8);
}

#[tokio::test]
async fn f6_a_flood_of_forged_key_ids_causes_one_fetch_a_minute() {
    let world = loaded().await;
    let good = TestKey::number(0).sign("k1", &access_claims());
    for minute in 1..=3 {
        for at in 0..1000 {
            let refused = world
                .provider
                .key(Some(&format!("{minute}-{at}")), TokenSource::Caller)
                .await;
            assert_eq!(refused.unwrap_err(), KeyFailure::Unknown);
        }
        assert_eq!(outcome(world.access(&good).await), "accepted");
        assert_eq!(world.fake.fetches(), (1, 1 + minute));
        world.time.advance(seconds(60)).await;
    }
    assert_eq!(world.provider.state().totals.fetches_saved, 2997);
}

#[tokio::test]
async fn f6_forged_tokens_that_break_another_rule_cause_no_fetch_at_all() {
    let world = loaded().await;
    let mut claims = access_claims();
    claims["aud"] = "other".into();
    let token = TestKey::number(2).sign("unknown", &claims);
    assert_eq!(
        outcome(world.access(&token).await),
        "AAD-TOKEN-AUD mismatch"
    );
    assert_eq!(world.fake.fetches(), (1, 1));
}

#[tokio::test]
async fn f7_a_new_key_is_accepted_at_once_for_the_same_request() {
    let world = loaded().await;
    world.fake.set_keys(&[key(0, "k1"), key(1, "k2")]);
    let bearer = TestKey::number(1).sign("k2", &access_claims());
    assert_eq!(outcome(world.access(&bearer).await), "accepted");
    let world = loaded().await;
    world.fake.set_keys(&[key(1, "k2")]);
    let signed_in = TestKey::number(1).sign("k2", &id_claims());
    assert_eq!(outcome(world.id(&signed_in).await), "accepted");
}

#[tokio::test]
async fn f8_a_flood_just_before_a_rotation_does_not_touch_sign_ins() {
    let world = loaded().await;
    for at in 0..2000 {
        let _ = world
            .provider
            .key(Some(&at.to_string()), TokenSource::Caller)
            .await;
    }
    world.fake.set_keys(&[key(1, "k2")]);
    let bearer = TestKey::number(1).sign("k2", &access_claims());
    assert_eq!(
        outcome(world.access(&bearer).await),
        "AAD-TOKEN-KID unknown"
    );
    let signed_in = TestKey::number(1).sign("k2", &id_claims());
    assert_eq!(outcome(world.id(&signed_in).await), "accepted");
    assert_eq!(
        outcome(world.access(&bearer).await),
        "accepted",
        "found by the other's fetch"
    );
}

#[tokio::test]
async fn f8_a_bearer_waits_for_at_most_a_minute_after_a_flood() {
    let world = loaded().await;
    for at in 0..2000 {
        let _ = world
            .provider
            .key(Some(&at.to_string()), TokenSource::Caller)
            .await;
    }
    world.fake.set_keys(&[key(1, "k2")]);
    let bearer = TestKey::number(1).sign("k2", &access_claims());
    assert_eq!(
        outcome(world.access(&bearer).await),
        "AAD-TOKEN-KID unknown"
    );
    world.time.advance(seconds(60)).await;
    assert_eq!(outcome(world.access(&bearer).await), "accepted");
}

#[tokio::test]
async fn the_same_forged_key_id_does_not_take_the_next_minutes_fetch() {
    let world = loaded().await;
    let _ = world.provider.key(Some("stuck"), TokenSource::Caller).await;
    world.time.advance(seconds(60)).await;
    let _ = world.provider.key(Some("stuck"), TokenSource::Caller).await;
    assert_eq!(world.fake.fetches(), (1, 2));
    world.fake.set_keys(&[key(1, "k2")]);
    assert!(
        world
            .provider
            .key(Some("k2"), TokenSource::Caller)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn sign_ins_ask_once_in_five_seconds_and_wait_for_their_turn() {
    let world = loaded().await;
    let sign_ins: Vec<_> = (0..50)
        .map(|_| {
            let verifier = world.verifier.clone();
            tokio::spawn(async move {
                let token = TestKey::number(1).sign("k2", &id_claims());
                outcome(verifier.id_token(&token, crate::world::expected()).await)
            })
        })
        .collect();
    settle().await;
    assert_eq!(world.fake.fetches(), (1, 2));
    // The node that answered did not know the new key yet; five seconds later it does.
    world.fake.set_keys(&[key(0, "k1"), key(1, "k2")]);
    world.time.advance(seconds(4)).await;
    assert_eq!(world.fake.fetches(), (1, 2));
    world.time.advance(seconds(1)).await;
    for sign_in in sign_ins {
        assert_eq!(sign_in.await.unwrap(), "accepted");
    }
    assert_eq!(world.fake.fetches(), (1, 3));
}

#[tokio::test]
async fn a_redeemed_token_with_a_key_that_never_comes_is_refused_in_the_end() {
    let world = loaded().await;
    let verifier = world.verifier.clone();
    let sign_in = tokio::spawn(async move {
        let token = TestKey::number(1).sign("k2", &id_claims());
        outcome(verifier.id_token(&token, crate::world::expected()).await)
    });
    settle().await;
    world.time.advance(seconds(5)).await;
    assert_eq!(sign_in.await.unwrap(), "AAD-TOKEN-KID unknown");
}

#[tokio::test]
async fn partial_key_sets_end_no_key_before_its_time() {
    let world = loaded().await;
    world.fake.set_keys(&[key(1, "k2")]);
    assert!(
        world
            .provider
            .key(Some("k2"), TokenSource::Redeemed)
            .await
            .is_ok()
    );
    assert!(
        world
            .provider
            .key(Some("k1"), TokenSource::Caller)
            .await
            .is_ok()
    );
    assert_eq!(world.provider.state().keys, 2);
}

#[tokio::test]
async fn f9_a_key_that_is_no_longer_published_ends_after_a_day() {
    let world = loaded().await;
    world.provider.start();
    settle().await;
    world.fake.set_keys(&[key(1, "k2")]);
    for _ in 0..23 {
        world.time.advance(seconds(3600)).await;
    }
    assert!(
        world
            .provider
            .key(Some("k1"), TokenSource::Caller)
            .await
            .is_ok()
    );
    for _ in 0..2 {
        world.time.advance(seconds(3600)).await;
    }
    assert!(
        world
            .provider
            .key(Some("k1"), TokenSource::Caller)
            .await
            .is_err()
    );
    assert!(
        world
            .provider
            .key(Some("k2"), TokenSource::Caller)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn stale_keys_are_used_while_the_provider_is_away_but_not_longer_than_a_day() {
    let world = loaded().await;
    world.fake.set("keys", Err(TransportError::Unreachable));
    world.fake.set("metadata", Err(TransportError::Unreachable));
    world.time.advance(seconds(DAY - 1)).await;
    assert!(
        world
            .provider
            .key(Some("k1"), TokenSource::Caller)
            .await
            .is_ok()
    );
    assert!(world.provider.metadata_at_once().is_some());
    world.time.advance(seconds(1)).await;
    let failure = world
        .provider
        .key(Some("k1"), TokenSource::Caller)
        .await
        .unwrap_err();
    assert!(matches!(failure, KeyFailure::Unavailable(_)));
    assert!(world.provider.metadata().await.is_err());
}

#[tokio::test]
async fn b26_and_b27_broken_metadata_leaves_the_last_good_one_for_a_day() {
    let world = loaded().await;
    world.provider.start();
    settle().await;
    world.fake.set_metadata(&metadata(
        "https://login.microsoftonline.com/common",
        "hxxp://brokenissuer/{tenantid}",
    ));
    for _ in 0..22 {
        world.time.advance(seconds(3600)).await;
    }
    let token = |world: &World| {
        let now = aad_auth::store::Clock::now(&world.time.clock).seconds();
        let mut claims = id_claims();
        claims["iat"] = now.into();
        claims["exp"] = (now + 3600).into();
        TestKey::number(0).sign("k1", &claims)
    };
    assert_eq!(outcome(world.id(&token(&world)).await), "accepted");
    assert!(last_error(&world.provider.state()).is_some());
    for _ in 0..4 {
        world.time.advance(seconds(3600)).await;
    }
    assert_eq!(outcome(world.id(&token(&world)).await), "unavailable");
}

#[tokio::test]
async fn f10_a_giant_key_set_stays_bounded_over_many_refreshes() {
    let world = loaded().await;
    for round in 0..3 {
        let keys: Vec<Value> = (0..300)
            .map(|at| key(0, &format!("{round}-{at}")))
            .collect();
        world.fake.set_keys(&keys);
        world.time.advance(seconds(61)).await;
        let _ = world
            .provider
            .key(Some("nobody"), TokenSource::Caller)
            .await;
        world.time.advance(seconds(121)).await;
    }
    assert_eq!(world.provider.state().keys, 256);
    assert!(
        world
            .provider
            .key(Some("2-0"), TokenSource::Caller)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn f11_a_token_without_key_id_needs_a_single_key() {
    let header = r#"{"alg":"RS256"}"#;
    let token = TestKey::number(0).sign_raw(header, id_claims().to_string().as_bytes());
    let world = loaded().await;
    assert_eq!(outcome(world.id(&token).await), "accepted");
    let world = World::new(common(), &document(), &[key(0, "k1"), key(1, "k2")], |_| {});
    assert_eq!(outcome(world.id(&token).await), "AAD-TOKEN-KID missing");
    let mut anonymous = [key(0, "x"), key(1, "x")];
    for key in &mut anonymous {
        key.as_object_mut().unwrap().remove("kid");
    }
    let world = World::new(common(), &document(), &anonymous, |_| {});
    assert_eq!(outcome(world.id(&token).await), "AAD-TOKEN-KID missing");
    let world = World::new(common(), &document(), &anonymous[..1], |_| {});
    assert_eq!(outcome(world.id(&token).await), "accepted");
}

#[tokio::test]
async fn a_restart_with_the_provider_away_verifies_at_once() {
    let world = loaded().await;
    let snapshot = world.provider.export();
    let fake = FakeProvider::new(&Value::Null, &[]);
    fake.set("metadata", Err(TransportError::Unreachable));
    let time = ManualTime::at(NOW + seconds(3600));
    let restarted = provider(common(), &fake, &time);
    restarted.import(&snapshot).unwrap();
    assert!(restarted.key(Some("k1"), TokenSource::Caller).await.is_ok());
    assert!(restarted.metadata().await.is_ok());
    assert_eq!(fake.fetches(), (0, 0));
    // Ages go on counting, so a snapshot does not make keys live longer.
    time.advance(seconds(DAY - 3600)).await;
    assert!(
        restarted
            .key(Some("k1"), TokenSource::Caller)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn snapshots_that_are_foreign_broken_or_weak_are_refused() {
    let world = loaded().await;
    let snapshot = world.provider.export();
    let time = ManualTime::at(NOW);
    let fake = FakeProvider::new(&document(), &[]);
    let other = crate::tokens::authority(aad_auth::internals::config::AuthoritySettings {
        tenant_id: Some("organizations"),
        ..aad_auth::internals::config::AuthoritySettings::default()
    });
    assert!(provider(other, &fake, &time).import(&snapshot).is_err());
    let fresh = || -> Provider { provider(common(), &fake, &time) };
    for broken in [&b""[..], b"{}", b"null", &snapshot[..snapshot.len() / 2]] {
        assert!(fresh().import(broken).is_err());
    }
    let mut stored: Value = serde_json::from_slice(&snapshot).unwrap();
    stored["keys"][0]["members"][0]["kty"] = "oct".into();
    stored["metadata"]["document"] = json!("{}").to_string().into();
    let weak = fresh();
    weak.import(stored.to_string().as_bytes()).unwrap();
    assert_eq!(weak.state().keys, 0);
    assert!(weak.metadata_at_once().is_none());
    // A time in the future does not make anything live longer.
    let mut stored: Value = serde_json::from_slice(&snapshot).unwrap();
    stored["keys"][0]["seen_at"] = u64::MAX.into();
    stored["metadata"]["loaded_at"] = u64::MAX.into();
    let ahead = fresh();
    ahead.import(stored.to_string().as_bytes()).unwrap();
    time.advance(seconds(DAY)).await;
    assert_eq!(ahead.state().keys, 0);
    assert!(ahead.metadata_at_once().is_none());
}

#[tokio::test]
async fn what_is_newer_is_not_replaced_by_a_snapshot() {
    let world = loaded().await;
    let snapshot = world.provider.export();
    world.fake.set_keys(&[key(1, "k2")]);
    let newer = provider(common(), &world.fake, &world.time);
    newer.metadata().await.unwrap();
    newer.import(&snapshot).unwrap();
    assert_eq!(newer.state().keys, 1);
}

#[tokio::test]
async fn loads_are_announced() {
    let world = World::common();
    let mut changes = world.provider.changes();
    assert!(!changes.has_changed().unwrap());
    world.provider.metadata().await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
}

#[tokio::test]
async fn f14_clock_skew_is_measured() {
    let world = World::common();
    // NOW is 2027-01-15T08:00:00Z.
    world.fake.set_date("Fri, 15 Jan 2027 08:10:00 GMT");
    world.provider.metadata().await.unwrap();
    // The provider's clock goes on; ours is set by hand.
    let skew = world.provider.state().clock_skew.unwrap();
    assert!((600..620).contains(&skew), "{skew}");
    assert!(world.provider.state().is_degraded());
    let garbled = World::common();
    garbled.fake.set_date("yesterday");
    garbled.provider.metadata().await.unwrap();
    assert_eq!(garbled.provider.state().clock_skew, None);
}

#[tokio::test]
async fn a_load_whose_task_is_lost_does_not_block_the_next() {
    use std::time::Duration;

    use aad_auth::internals::provider::{Background, BoxFuture};

    struct Lossy(std::sync::Arc<ManualTime>, std::sync::atomic::AtomicBool);
    impl Background for Lossy {
        fn spawn(&self, task: BoxFuture<'static, ()>) {
            if !self.1.swap(false, std::sync::atomic::Ordering::SeqCst) {
                self.0.spawn(task);
            }
        }
        fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
            self.0.sleep(duration)
        }
    }
    let world = World::common();
    let settings = world.provider.settings().clone();
    let lossy = Lossy(world.time.clone(), true.into());
    let ports = aad_auth::internals::provider::ProviderPorts {
        fetch: world.fake.clone(),
        background: std::sync::Arc::new(lossy),
        clock: std::sync::Arc::new(world.time.clock.clone()),
        random: std::sync::Arc::new(aad_auth::internals::random::SeededRandom::new(2)),
    };
    let provider = Provider::new(settings, ports);
    assert!(provider.metadata().await.is_err());
    assert!(provider.metadata().await.is_ok());
}
