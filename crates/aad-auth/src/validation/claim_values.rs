//! Readers of single claims: their forms, and what counts as absent.

use serde_json::Value;

use super::{
    Groups, NumericDate,
    json::BorrowedValue,
    raw_claims::{KnownClaim, RawClaims},
    rejection::{Code, Reason, Rejection},
};

pub(super) fn typed<T>(
    raw: &mut RawClaims<'_>,
    claim: KnownClaim,
    code: Code,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Rejection> {
    let malformed = Rejection::new(code, Reason::Malformed);
    raw.take(claim)
        .map(|value| {
            value
                .into_text()
                .and_then(|text| parse(&text))
                .ok_or(malformed)
        })
        .transpose()
}

/// Like [`typed`] where a rule reads the claim. Elsewhere an unreadable value counts as absent.
pub(super) fn typed_if<T>(
    read_by_a_rule: bool,
    raw: &mut RawClaims<'_>,
    claim: KnownClaim,
    code: Code,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Rejection> {
    match typed(raw, claim, code, parse) {
        Err(_) if !read_by_a_rule => Ok(None),
        outcome => outcome,
    }
}

pub(super) fn text_if(
    read_by_a_rule: bool,
    raw: &mut RawClaims<'_>,
    claim: KnownClaim,
    code: Code,
) -> Result<Option<Box<str>>, Rejection> {
    typed_if(read_by_a_rule, raw, claim, code, |text| Some(text.into()))
}

pub(super) fn text(
    raw: &mut RawClaims<'_>,
    claim: KnownClaim,
    code: Code,
) -> Result<Option<Box<str>>, Rejection> {
    typed(raw, claim, code, |text| Some(text.into()))
}

pub(super) fn date(
    raw: &mut RawClaims<'_>,
    claim: KnownClaim,
    code: Code,
) -> Result<Option<NumericDate>, Rejection> {
    let malformed = Rejection::new(code, Reason::Malformed);
    raw.take(claim)
        .map(|value| {
            value
                .as_value()
                .and_then(NumericDate::parse)
                .ok_or(malformed)
        })
        .transpose()
}

/// A text that is for display only. Any other type counts as absent.
pub(super) fn shown(raw: &mut RawClaims<'_>, claim: KnownClaim) -> Option<Box<str>> {
    let text = raw.take(claim)?.into_text()?;
    Some(text.into())
}

/// An array of texts. Any other value counts as absent, also an array with a member of another type.
pub(super) fn texts(raw: &mut RawClaims<'_>, claim: KnownClaim) -> Option<Vec<Box<str>>> {
    let Some(BorrowedValue::Other(Value::Array(members))) = raw.take(claim) else {
        return None;
    };
    all_texts(members)
}

fn all_texts(members: Vec<Value>) -> Option<Vec<Box<str>>> {
    members
        .into_iter()
        .map(|member| match member {
            Value::String(text) => Some(text.into()),
            _ => None,
        })
        .collect()
}

/// `aud`: a text or an array of texts (RFC 7519 section 4.1.3).
pub(super) fn audiences(raw: &mut RawClaims<'_>) -> Result<Vec<Box<str>>, Rejection> {
    let malformed = Rejection::new(Code::Audience, Reason::Malformed);
    let audiences = match raw.take(KnownClaim::Aud) {
        None => return Ok(Vec::new()),
        Some(BorrowedValue::Text(text)) => vec![text.into()],
        Some(BorrowedValue::Other(Value::Array(members))) => all_texts(members).ok_or(malformed)?,
        Some(BorrowedValue::Other(_)) => return Err(malformed),
    };
    let blank = |audience: &str| audience.trim().is_empty();
    if audiences.is_empty() || audiences.iter().any(|audience| blank(audience)) {
        return Err(malformed);
    }
    Ok(audiences)
}

/// `scp` or `scope`: a text (RFC 9068 section 2.2.3), or an array of texts, which some providers send. A
/// wrong type is refused: without scopes, a user's token would look like a client's own token.
pub(super) fn scopes(raw: &mut RawClaims<'_>) -> Result<Option<Box<str>>, Rejection> {
    let scp = scopes_in(raw, KnownClaim::Scp)?;
    let scope = scopes_in(raw, KnownClaim::Scope)?;
    Ok(scp.or(scope))
}

fn scopes_in(raw: &mut RawClaims<'_>, claim: KnownClaim) -> Result<Option<Box<str>>, Rejection> {
    let malformed = Rejection::new(Code::Scope, Reason::Malformed);
    match raw.take(claim) {
        None => Ok(None),
        Some(BorrowedValue::Text(text)) => Ok(Some(text.into())),
        Some(BorrowedValue::Other(Value::Array(members))) => {
            let members = all_texts(members).ok_or(malformed)?;
            let blank = |scope: &str| scope.is_empty() || scope.contains(char::is_whitespace);
            if members.iter().any(|scope| blank(scope)) {
                return Err(malformed);
            }
            Ok(Some(members.join(" ").into()))
        }
        Some(BorrowedValue::Other(_)) => Err(malformed),
    }
}

/// `groups`, or the notice that there are too many.
pub(super) fn groups(raw: &mut RawClaims<'_>) -> Groups {
    let in_source = raw.take(KnownClaim::ClaimNames).is_some_and(|names| {
        names
            .as_value()
            .is_some_and(|names| names.get("groups").is_some())
    });
    let too_many = raw
        .take(KnownClaim::Hasgroups)
        .is_some_and(|value| !matches!(value, BorrowedValue::Other(Value::Bool(false))));
    let is_there = raw.named("groups").is_some();
    match texts(raw, KnownClaim::Groups) {
        _ if in_source || too_many => Groups::Overage,
        Some(groups) => Groups::Listed(groups),
        None if is_there => Groups::Unreadable,
        None => Groups::Absent,
    }
}

#[cfg(test)]
#[path = "claim_values_tests.rs"]
mod tests;
