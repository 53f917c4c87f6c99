//! No text whatever makes reading a token panic.
#![no_main]

use aad_auth::{
    config::{RolesClaim, SigningAlgorithms},
    internals::validation::{Candidate, ClaimsContext, DEFAULT_MAX_TOKEN, ProviderKind, TokenKind},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|token: &str| {
    for kind in [TokenKind::Id, TokenKind::Access, TokenKind::Logout] {
        for provider in [
            ProviderKind::Entra,
            ProviderKind::UserFlow,
            ProviderKind::Generic,
        ] {
            let roles = RolesClaim::standard();
            let reading = ClaimsContext {
                kind,
                provider,
                roles,
            };
            let algorithms = SigningAlgorithms::default();
            if Candidate::read(token, reading, algorithms, DEFAULT_MAX_TOKEN).is_ok() {
                assert_eq!(token.split('.').count(), 3);
            }
        }
    }
});
