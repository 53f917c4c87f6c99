//! No text whatever makes reading a token panic.
#![no_main]

use aad_auth::{
    config::SigningAlgorithms,
    validation::{Candidate, DEFAULT_MAX_TOKEN, TokenKind},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|token: &str| {
    for kind in [TokenKind::Id, TokenKind::Access, TokenKind::Logout] {
        if Candidate::read(token, kind, SigningAlgorithms::default(), DEFAULT_MAX_TOKEN).is_ok() {
            assert_eq!(token.split('.').count(), 3);
        }
    }
});
