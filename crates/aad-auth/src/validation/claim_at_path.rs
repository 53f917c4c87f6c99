//! The value at a path of `AAD_ROLES_CLAIM`.

use serde_json::{Map, Value};

use super::{json::BorrowedValue, raw_claims::RawClaims};
use crate::config::ClaimPath;

/// The value at a path.
pub(super) enum ClaimAtPath<'r> {
    Nothing,
    Text(&'r str),
    List(&'r [Value]),
    Members(&'r Map<String, Value>),
    /// A value that lists no roles.
    Unreadable,
}

/// Finds the value at `path`. A claim whose name is the whole path wins over nested members.
pub(super) fn value_at<'r>(raw: &'r RawClaims<'_>, path: &ClaimPath) -> ClaimAtPath<'r> {
    if let Some(whole) = raw.named(path.name()) {
        return match whole {
            BorrowedValue::Text(text) => ClaimAtPath::Text(text),
            BorrowedValue::Other(value) => leaf(value),
        };
    }
    let mut steps = path.steps();
    let Some(kept) = steps.next().and_then(|first| raw.named(first)) else {
        return ClaimAtPath::Nothing;
    };
    let Some(mut value) = kept.as_value() else {
        return ClaimAtPath::Unreadable;
    };
    for step in steps {
        let Value::Object(members) = value else {
            return ClaimAtPath::Unreadable;
        };
        match members.get(step) {
            None | Some(Value::Null) => return ClaimAtPath::Nothing,
            Some(member) => value = member,
        }
    }
    match (value, path.counts_members()) {
        (Value::Object(members), true) => ClaimAtPath::Members(members),
        (_, true) => ClaimAtPath::Unreadable,
        (value, false) => leaf(value),
    }
}

fn leaf(value: &Value) -> ClaimAtPath<'_> {
    match value {
        Value::Null => ClaimAtPath::Nothing,
        Value::String(text) => ClaimAtPath::Text(text),
        Value::Array(members) => ClaimAtPath::List(members),
        _ => ClaimAtPath::Unreadable,
    }
}

/// Whether the token refers to the claim instead of having it: by `_claim_names` (OpenID Connect Core
/// 1.0 section 5.6.2; Entra's group overage), or by Entra's `hasgroups`.
pub(super) fn lies_elsewhere(raw: &RawClaims<'_>, path: &ClaimPath) -> bool {
    let pointers = raw.named("_claim_names").and_then(BorrowedValue::as_value);
    let pointed = pointers
        .and_then(Value::as_object)
        .is_some_and(|names| names.keys().any(|name| path.begins_with(name)));
    let no = |value: &BorrowedValue<'_>| matches!(value, BorrowedValue::Other(Value::Bool(false)));
    let too_many = raw.named("hasgroups").is_some_and(|value| !no(value));
    pointed || (too_many && path.begins_with("groups"))
}
