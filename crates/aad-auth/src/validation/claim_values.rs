//! One claim at a time: its forms, and what counts as absent.

use serde_json::Value;

use super::{
    Groups, NumericDate,
    json::Kept,
    raw_claims::{Known, RawClaims},
    rejection::{Code, Reason, Rejection},
};

pub(super) fn typed<T>(
    raw: &mut RawClaims<'_>,
    claim: Known,
    code: Code,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Rejection> {
    let malformed = Rejection::new(code, Reason::Malformed);
    raw.take(claim)
        .map(|kept| {
            kept.into_text()
                .and_then(|text| parse(&text))
                .ok_or(malformed)
        })
        .transpose()
}

/// [`typed`] where a rule reads the claim; elsewhere a value that cannot be read counts as absent.
pub(super) fn typed_if<T>(
    read_by_a_rule: bool,
    raw: &mut RawClaims<'_>,
    claim: Known,
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
    claim: Known,
    code: Code,
) -> Result<Option<Box<str>>, Rejection> {
    typed_if(read_by_a_rule, raw, claim, code, |text| Some(text.into()))
}

pub(super) fn text(
    raw: &mut RawClaims<'_>,
    claim: Known,
    code: Code,
) -> Result<Option<Box<str>>, Rejection> {
    typed(raw, claim, code, |text| Some(text.into()))
}

pub(super) fn date(
    raw: &mut RawClaims<'_>,
    claim: Known,
    code: Code,
) -> Result<Option<NumericDate>, Rejection> {
    let malformed = Rejection::new(code, Reason::Malformed);
    raw.take(claim)
        .map(|kept| {
            kept.as_value()
                .and_then(NumericDate::parse)
                .ok_or(malformed)
        })
        .transpose()
}

/// A text that is only shown; anything else counts as absent.
pub(super) fn shown(raw: &mut RawClaims<'_>, claim: Known) -> Option<Box<str>> {
    let text = raw.take(claim)?.into_text()?;
    Some(text.into())
}

/// An array of texts; anything else, also an array with one other member, counts as absent.
pub(super) fn texts(raw: &mut RawClaims<'_>, claim: Known) -> Option<Vec<Box<str>>> {
    let Some(Kept::Other(Value::Array(members))) = raw.take(claim) else {
        return None;
    };
    all_texts(members)
}

/// App roles, in ID tokens, access tokens and userinfo.
pub(super) fn roles(raw: &mut RawClaims<'_>) -> Option<Vec<Box<str>>> {
    texts(raw, Known::Roles)
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

/// RFC 7519 section 4.1.3: one text, or an array of them.
pub(super) fn audiences(raw: &mut RawClaims<'_>) -> Result<Vec<Box<str>>, Rejection> {
    let malformed = Rejection::new(Code::Audience, Reason::Malformed);
    let audiences = match raw.take(Known::Aud) {
        None => return Ok(Vec::new()),
        Some(Kept::Text(text)) => vec![text.into()],
        Some(Kept::Other(Value::Array(members))) => all_texts(members).ok_or(malformed)?,
        Some(Kept::Other(_)) => return Err(malformed),
    };
    let blank = |audience: &str| audience.trim().is_empty();
    if audiences.is_empty() || audiences.iter().any(|audience| blank(audience)) {
        return Err(malformed);
    }
    Ok(audiences)
}

/// Absent scopes would make a user's token look like an application's: a wrong type is refused. An
/// array of texts is one way to write them (RFC 9068 section 2.2.3 has the text, others the array).
pub(super) fn scopes(raw: &mut RawClaims<'_>) -> Result<Option<Box<str>>, Rejection> {
    let scp = scopes_in(raw, Known::Scp)?;
    let scope = scopes_in(raw, Known::Scope)?;
    Ok(scp.or(scope))
}

fn scopes_in(raw: &mut RawClaims<'_>, claim: Known) -> Result<Option<Box<str>>, Rejection> {
    let malformed = Rejection::new(Code::Scope, Reason::Malformed);
    match raw.take(claim) {
        None => Ok(None),
        Some(Kept::Text(text)) => Ok(Some(text.into())),
        Some(Kept::Other(Value::Array(members))) => {
            let members = all_texts(members).ok_or(malformed)?;
            let blank = |scope: &str| scope.is_empty() || scope.contains(char::is_whitespace);
            if members.iter().any(|scope| blank(scope)) {
                return Err(malformed);
            }
            Ok(Some(members.join(" ").into()))
        }
        Some(Kept::Other(_)) => Err(malformed),
    }
}

pub(super) fn groups(raw: &mut RawClaims<'_>) -> Groups {
    let in_source = raw.take(Known::ClaimNames).is_some_and(|names| {
        names
            .as_value()
            .is_some_and(|names| names.get("groups").is_some())
    });
    let too_many = raw
        .take(Known::Hasgroups)
        .is_some_and(|value| !matches!(value, Kept::Other(Value::Bool(false))));
    match texts(raw, Known::Groups) {
        _ if in_source || too_many => Groups::Overage,
        Some(groups) => Groups::Listed(groups),
        None => Groups::Absent,
    }
}
