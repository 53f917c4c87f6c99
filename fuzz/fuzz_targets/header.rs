//! An accepted header says, to any other reader too, what was read.
#![no_main]

use aad_auth::{
    config::SigningAlgorithms,
    internals::validation::{Header, TokenKind},
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|data: &[u8]| {
    for kind in [TokenKind::Id, TokenKind::Access, TokenKind::Logout] {
        let Ok(header) = Header::parse(data, kind, SigningAlgorithms::default()) else {
            continue;
        };
        let other: Map<String, Value> = serde_json::from_slice(data).unwrap();
        assert_eq!(other["alg"], "RS256");
        assert_eq!(
            other.get("kid").and_then(Value::as_str),
            header.kid.as_deref()
        );
        for demanding in ["crit", "b64", "enc", "zip", "cty"] {
            assert!(!other.contains_key(demanding));
        }
    }
});
