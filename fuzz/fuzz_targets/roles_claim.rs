//! Of a setting, then a line end, then claims: what is accepted is bounded and written the same again,
//! and no role is listed that the claims do not hold.
#![no_main]

use std::collections::HashSet;

use aad_auth::{
    config::RolesClaim,
    internals::validation::{Claims, ClaimsContext, ProviderKind, TokenKind},
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &str| {
    let (setting, claims) = input.split_once('\n').unwrap_or((input, "{}"));
    let Ok(claim) = RolesClaim::parse(setting) else {
        return;
    };
    assert!((1..=16).contains(&claim.paths().len()));
    assert_eq!(RolesClaim::parse(&claim.to_string()), Ok(claim.clone()));
    let reading = ClaimsContext {
        kind: TokenKind::Id,
        provider: ProviderKind::Generic,
        roles: &claim,
    };
    let Ok(read) = Claims::parse(claims.as_bytes(), reading) else {
        return;
    };
    let roles = read.roles;
    let Ok(other) = serde_json::from_str::<Value>(claims) else {
        return;
    };
    let mut texts = HashSet::new();
    collect(&other, &mut texts);
    let mut seen = HashSet::new();
    for role in roles.listed() {
        assert!(texts.contains(&**role) && seen.insert(role), "{role}");
    }
    assert!(roles.listed().len() <= 1024);
});

/// Every text and every name in a document.
fn collect<'a>(value: &'a Value, texts: &mut HashSet<&'a str>) {
    match value {
        Value::String(text) => {
            texts.insert(text);
        }
        Value::Array(members) => members.iter().for_each(|member| collect(member, texts)),
        Value::Object(members) => {
            for (name, member) in members {
                texts.insert(name);
                collect(member, texts);
            }
        }
        _ => {}
    }
}
