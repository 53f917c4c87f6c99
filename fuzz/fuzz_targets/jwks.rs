//! A key set costs bounded work, and no key id comes twice.
#![no_main]

use std::collections::HashSet;

use aad_auth::{
    config::SigningAlgorithms,
    internals::provider::{KeySet, MAX_KEYS},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for algorithms in ["RS256", "RS256,PS256,ES256"] {
        let algorithms = SigningAlgorithms::parse(algorithms).unwrap();
        let Ok(set) = KeySet::parse(data, algorithms) else {
            continue;
        };
        assert!((1..=MAX_KEYS).contains(&set.keys.len()));
        let mut kids = HashSet::new();
        for key in &set.keys {
            assert!(key.kid.as_ref().is_none_or(|kid| kids.insert(kid.clone())));
        }
    }
});
