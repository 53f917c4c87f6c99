//! The cache of verified access tokens.

use aad_auth::internals::provider::TokenSource;
use serde_json::Value;

use crate::{
    tokens::{NOW, TestKey, V2T, access_claims, common, metadata},
    world::{World, outcome, seconds, with},
};

fn world(cache_bytes: usize) -> World {
    let mut key = TestKey::number(0).jwk("k1");
    key["issuer"] = V2T.into();
    let document = metadata("https://login.microsoftonline.com/common", V2T);
    World::new(common(), &document, &[key], |settings| {
        settings.cache_bytes = cache_bytes;
    })
}

fn token(claims: &Value) -> String {
    TestKey::number(0).sign("k1", claims)
}

const MIB: usize = 1 << 20;

#[tokio::test]
async fn the_same_token_is_the_same_object() {
    let world = world(MIB);
    let token = token(&access_claims());
    let first = world.access(&token).await.unwrap();
    let second = world.access(&token).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    assert_eq!(world.verifier.cache_usage().0, 1);
}

#[tokio::test]
async fn switched_off_it_keeps_nothing() {
    let world = world(0);
    let token = token(&access_claims());
    world.access(&token).await.unwrap();
    world.access(&token).await.unwrap();
    assert_eq!(world.verifier.cache_usage(), (0, 0));
}

#[tokio::test]
async fn a_known_token_with_another_signature_is_refused() {
    let world = world(MIB);
    let token = token(&access_claims());
    world.access(&token).await.unwrap();
    let (input, _) = token.rsplit_once('.').unwrap();
    let forged = TestKey::number(1).sign("k1", &access_claims());
    let (_, signature) = forged.rsplit_once('.').unwrap();
    let mixed = format!("{input}.{signature}");
    assert_eq!(
        outcome(world.access(&mixed).await),
        "AAD-TOKEN-SIGNATURE mismatch"
    );
}

#[tokio::test]
async fn it_ends_with_the_token() {
    let world = world(MIB);
    let token = token(&with(access_claims(), "exp", NOW.seconds() + 100));
    let first = world.access(&token).await.unwrap();
    world.time.advance(seconds(159)).await;
    let last = world.access(&token).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &last));
    world.time.advance(seconds(1)).await;
    assert_eq!(outcome(world.access(&token).await), "AAD-TOKEN-EXP expired");
    assert_eq!(world.verifier.cache_usage(), (0, 0));
}

#[tokio::test]
async fn it_ends_with_the_key() {
    let world = world(MIB);
    let token = token(&access_claims());
    world.access(&token).await.unwrap();
    // The same key id with another key: the provider takes the old one back.
    let mut other = TestKey::number(1).jwk("k1");
    other["issuer"] = V2T.into();
    world.fake.set_keys(&[other]);
    let _ = world
        .provider
        .key(Some("unknown"), TokenSource::Caller)
        .await;
    assert_eq!(
        outcome(world.access(&token).await),
        "AAD-TOKEN-SIGNATURE mismatch"
    );
    assert_eq!(world.verifier.cache_usage().0, 0);
}

#[tokio::test]
async fn it_ends_with_what_the_metadata_said() {
    let mut key = TestKey::number(0).jwk("k1");
    key["issuer"] = V2T.into();
    key["cloud_instance_name"] = "microsoftonline.com".into();
    let mut document = metadata("https://login.microsoftonline.com/common", V2T);
    let world = World::new(common(), &document, &[key], |_| {});
    world.provider.start();
    let token = token(&with(access_claims(), "exp", NOW.seconds() + 7200));
    assert_eq!(outcome(world.access(&token).await), "accepted");
    document["cloud_instance_name"] = "microsoftonline.us".into();
    world.fake.set_metadata(&document);
    world.time.advance(seconds(4000)).await;
    assert_eq!(
        outcome(world.access(&token).await),
        "AAD-TOKEN-KEY-CLOUD mismatch"
    );
}

#[tokio::test]
async fn a_refresh_without_change_keeps_it() {
    let world = world(MIB);
    let token = token(&access_claims());
    let first = world.access(&token).await.unwrap();
    let _ = world
        .provider
        .key(Some("unknown"), TokenSource::Caller)
        .await;
    assert_eq!(world.fake.fetches().1, 2);
    let second = world.access(&token).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn bad_tokens_neither_enter_nor_push_good_ones_out() {
    let world = world(MIB);
    let good = token(&access_claims());
    world.access(&good).await.unwrap();
    let before = world.verifier.cache_usage();
    for at in 0..500 {
        let claims = with(access_claims(), "jti", at.to_string());
        let forged = TestKey::number(1).sign("k1", &claims);
        assert!(world.access(&forged).await.is_err());
    }
    assert_eq!(world.verifier.cache_usage(), before);
}

#[tokio::test]
async fn it_stays_within_its_bytes() {
    let bytes = 64 * 1024;
    let world = world(bytes);
    for at in 0..200 {
        let claims = with(access_claims(), "jti", at.to_string());
        world.access(&token(&claims)).await.unwrap();
    }
    let (tokens, used) = world.verifier.cache_usage();
    assert!(
        used <= bytes && tokens > 8,
        "{tokens} tokens in {used} bytes"
    );
}

#[tokio::test]
async fn r92_a_token_that_is_bound_to_a_key_never_enters() {
    let world = world(MIB);
    let bound = token(&with(
        access_claims(),
        "cnf",
        serde_json::json!({"jkt": "x"}),
    ));
    for _ in 0..2 {
        assert_eq!(
            outcome(world.access(&bound).await),
            "AAD-TOKEN-CNF not_allowed"
        );
    }
    assert_eq!(world.verifier.cache_usage(), (0, 0));
}
