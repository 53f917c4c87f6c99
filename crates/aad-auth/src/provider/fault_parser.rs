//! Reads refusals: error bodies of the token endpoint, and error parameters of a redirect.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Fault;
use crate::transport::without_bom;

/// The maximum size of an error body, in bytes. Real ones have one or two kilobytes.
const MAX_BODY: usize = 32 * 1024;
const MAX_CODE: usize = 64;
const MAX_CODES: usize = 8;
const MAX_CLAIMS: usize = 4096;
/// Replaces an `error` that is no plain code.
const UNRECOGNISED: &str = "unrecognised_error";

impl Fault {
    /// Reads the JSON body of an error answer. `None` when it is no object with a text `error`. Members
    /// of another type count as absent.
    pub fn from_json(body: &[u8]) -> Option<Self> {
        if body.len() > MAX_BODY {
            return None;
        }
        let ErrorMembers(mut members) = serde_json::from_slice(without_bom(body)).ok()?;
        let codes = members.remove("error_codes");
        let mut fault = Self::read(|name| match members.get(name) {
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        })?;
        let listed = numbers(codes.as_ref());
        if !listed.is_empty() {
            fault.codes = listed;
        }
        Some(fault)
    }

    /// Reads the error parameters of a redirect. `None` without `error`. The caller refuses repeated
    /// parameters; here the first one counts.
    pub fn from_parameters<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Option<Self> {
        let parameters: Vec<_> = parameters.into_iter().collect();
        Self::read(|wanted| {
            let found = parameters.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| *value)
        })
    }

    fn read<'a>(member: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let error = member("error")?;
        let description = member("error_description").unwrap_or_default();
        Some(Self {
            error: plain_code(error).map_or(Cow::Borrowed(UNRECOGNISED), Cow::Owned),
            codes: codes_in(description, "AADSTS"),
            user_flow_code: codes_in(description, "AADB2C").first().copied(),
            suberror: member("suberror").and_then(plain_code),
            subcode: member("error_subcode").and_then(plain_code),
            claims: member("claims").and_then(claims_challenge),
            trace_id: member("trace_id")
                .and_then(plain_code)
                .or_else(|| labelled(description, "Trace ID: ")),
            correlation_id: member("correlation_id")
                .and_then(plain_code)
                .or_else(|| labelled(description, "Correlation ID: ")),
            status: 0,
            asks_anew: is_expired_page(error, description),
        })
    }
}

#[derive(Deserialize)]
struct ErrorMembers(Map<String, Value>);

/// A text that is safe in a log line and a page.
fn plain_code(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    let fits = !text.is_empty() && text.len() <= MAX_CODE && text.bytes().all(plain);
    fits.then(|| text.to_owned())
}

fn claims_challenge(text: &str) -> Option<String> {
    let printable = |byte: u8| (0x20..0x7f).contains(&byte);
    let object = text.len() <= MAX_CLAIMS
        && text.bytes().all(printable)
        && serde_json::from_str::<Map<String, Value>>(text).is_ok();
    object.then(|| text.to_owned())
}

/// Reads numbers, and texts that are numbers: the v1.0 endpoint sends texts.
fn numbers(value: Option<&Value>) -> Vec<u32> {
    let Some(Value::Array(items)) = value else {
        return Vec::new();
    };
    let number = |item: &Value| match item {
        Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    items.iter().filter_map(number).take(MAX_CODES).collect()
}

/// The numbers after each `prefix`, each once, in the order of the text.
fn codes_in(text: &str, prefix: &str) -> Vec<u32> {
    let mut codes = Vec::new();
    for tail in text.split(prefix).skip(1) {
        let digits = leading(tail, |byte| byte.is_ascii_digit());
        if let Ok(code) = digits.parse()
            && !codes.contains(&code)
            && codes.len() < MAX_CODES
        {
            codes.push(code);
        }
    }
    codes
}

fn labelled(text: &str, label: &str) -> Option<String> {
    let (_, tail) = text.split_once(label)?;
    plain_code(leading(tail, |byte| {
        byte.is_ascii_hexdigit() || byte == b'-'
    }))
}

fn leading(text: &str, wanted: impl Fn(u8) -> bool) -> &str {
    let length = text.bytes().take_while(|byte| wanted(*byte)).count();
    text.get(..length).unwrap_or_default()
}

/// Whether Keycloak or Ory Hydra reports that its sign-in page was submitted too late, or that another
/// tab has replaced it.
fn is_expired_page(error: &str, description: &str) -> bool {
    let expired = description == "authentication_expired";
    error == "request_forbidden" || (error == "temporarily_unavailable" && expired)
}

#[cfg(test)]
#[path = "fault_parser_tests.rs"]
mod tests;
