//! Several tokens in one shard, which only chance brings together in a test with real tokens.

use serde_json::json;

use super::*;
use crate::{
    config::{AuthoritySettings, SigningAlgorithms},
    provider::KeySet,
};

/// A cache of which each shard has `share` bytes.
struct Shared {
    cache: VerifiedCache,
    key: Arc<VerificationKey>,
    metadata: Arc<Metadata>,
}

impl Shared {
    fn of(share: usize) -> Self {
        let issuer = "https://id.example.test";
        let settings = AuthoritySettings {
            authority: Some(issuer),
            ..AuthoritySettings::default()
        };
        let authority = settings.build().unwrap();
        let document = json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys"),
                              "authorization_endpoint": format!("{issuer}/authorize"),
                              "token_endpoint": format!("{issuer}/token")});
        let hosts = authority.endpoint_hosts();
        let metadata = Metadata::parse(document.to_string().as_bytes(), &authority, &hosts);
        let modulus = "_".repeat(341) + "w";
        let keys = json!({"keys": [{"kty": "RSA", "n": modulus, "e": "AQAB"}]});
        let keys = KeySet::parse(keys.to_string().as_bytes(), SigningAlgorithms::default());
        Self {
            cache: VerifiedCache::new(share * SHARDS).unwrap(),
            key: Arc::new(keys.unwrap().keys.pop().unwrap()),
            metadata: Arc::new(metadata.unwrap()),
        }
    }

    fn insert(&self, number: u8) {
        let (key, metadata) = (Arc::clone(&self.key), Arc::clone(&self.metadata));
        let end = Timestamp::from_seconds(1);
        self.cache
            .insert(named(number), token(), key, metadata, end);
    }

    fn held(&self) -> Vec<u8> {
        let shard = self.cache.shard(&named(0)).unwrap();
        let mut held: Vec<u8> = shard.entries.keys().map(|[.., number]| *number).collect();
        held.sort_unstable();
        held
    }
}

/// Digests that differ and belong to one shard.
fn named(number: u8) -> Digest {
    let mut digest = Digest::default();
    digest[31] = number;
    digest
}

fn token() -> Arc<AccessToken> {
    Arc::new(AccessToken::with_claims(br#"{"sub":"user"}"#))
}

fn size() -> usize {
    token().verified().size() + ENTRY_OVERHEAD
}

#[test]
fn a_token_that_is_larger_than_its_share_is_not_kept() {
    for (share, kept) in [(size() - 1, 0), (size(), 1)] {
        let shared = Shared::of(share);
        shared.insert(1);
        assert_eq!(shared.cache.usage(), (kept, kept * size()));
    }
}

#[test]
fn the_oldest_goes_and_only_when_there_is_no_room() {
    let shared = Shared::of(2 * size());
    shared.insert(1);
    shared.insert(2);
    assert_eq!(shared.held(), [1, 2]);
    shared.insert(3);
    assert_eq!(shared.held(), [2, 3]);
    assert_eq!(shared.cache.usage(), (2, 2 * size()));
}

#[test]
fn the_same_token_twice_takes_the_room_of_one() {
    let shared = Shared::of(2 * size());
    shared.insert(1);
    shared.insert(1);
    assert_eq!(shared.cache.usage(), (1, size()));
}

#[test]
fn one_that_is_taken_out_leaves_the_others_their_turn() {
    let shared = Shared::of(2 * size());
    shared.insert(1);
    shared.insert(2);
    shared.cache.shard(&named(1)).unwrap().remove(&named(1));
    for number in 3..=4 {
        shared.insert(number);
    }
    assert_eq!(shared.held(), [3, 4]);
}
