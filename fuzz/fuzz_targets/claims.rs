//! Accepted claims say, to any other reader too, what was read; no rule panics on them.
#![no_main]

use std::time::Duration;

use aad_auth::{
    config::{AllowedTenants, RolesClaim},
    internals::{
        provider::Issuer,
        validation::{
            AccessTokenRules, Claims, ClaimsContext, ExpectedIdToken, ExpectedNonce, ProviderKind,
            Rules, TokenKind, TokenRules, check,
        },
    },
    store::Timestamp,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|data: &[u8]| {
    for kind in [TokenKind::Id, TokenKind::Access, TokenKind::Logout] {
        for provider in [
            ProviderKind::Entra,
            ProviderKind::UserFlow,
            ProviderKind::Generic,
        ] {
            let roles = RolesClaim::standard();
            read(
                data,
                ClaimsContext {
                    kind,
                    provider,
                    roles,
                },
            );
        }
    }
});

fn read(data: &[u8], reading: ClaimsContext<'_>) {
    let Ok(claims) = Claims::parse(data, reading) else {
        return;
    };
    let other: Map<String, Value> = serde_json::from_slice(data).unwrap();
    let text = |name: &str| other.get(name).and_then(Value::as_str);
    assert_eq!(text("iss"), claims.iss.as_deref());
    assert_eq!(text("nonce"), claims.nonce.as_deref());
    if !claims.placeholder_subject {
        assert_eq!(text("sub"), claims.sub.as_ref().map(|sub| sub.as_str()));
    }
    if reading.provider == ProviderKind::Entra {
        assert_eq!(text("tid"), claims.tid.as_ref().map(|tid| tid.as_str()));
    }
    if reading.kind == TokenKind::Access {
        let confirmation = other.get("cnf").filter(|cnf| !cnf.is_null());
        assert_eq!(confirmation.is_some(), claims.bound_to_key);
    }
    let expiry = other.get("exp").filter(|exp| !exp.is_null());
    assert_eq!(expiry.is_some(), claims.exp.is_some());
    let issuer = Issuer::parse("https://login.microsoftonline.com/{tenantid}/v2.0").unwrap();
    let tenants = AllowedTenants::Any;
    let audiences = [Box::from("client")];
    let id = ExpectedIdToken {
        nonce: ExpectedNonce::Exactly("nonce"),
        access_token: Some("access"),
        code: Some("code"),
        max_age: Some(Duration::from_secs(60)),
    };
    let access = AccessTokenRules {
        audiences: &audiences,
        v1_issuer: Some(&issuer),
        typed_as_access_token: false,
    };
    for token in [
        TokenRules::Id(id),
        TokenRules::Access(access),
        TokenRules::Logout,
    ] {
        for now in [0, 1_800_000_000, u64::MAX] {
            let rules = Rules {
                issuer: &issuer,
                tenant: None,
                authority: None,
                directory_claims: reading.provider == ProviderKind::Entra,
                client_id: "client",
                trusted_audiences: &audiences,
                tenants: &tenants,
                leeway: Duration::from_secs(60),
                token,
            };
            if check(&claims, &rules, Timestamp::from_seconds(now)).is_ok() {
                assert!(!claims.bound_to_key || !matches!(token, TokenRules::Access(_)));
                assert!(claims.iss.is_some() && claims.exp.is_some() && !claims.aud.is_empty());
            }
        }
    }
}
