//! Changes of one JSON object: a document, a header or claims.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::members::Members;

/// A change of a JSON object: of a metadata document, an answer, a token's header or its claims.
///
/// The first text of each variant is the member's name.
///
/// ```
/// use entra_emulator::{Endpoint, Fault, MemberEdit};
///
/// let wrong_type = MemberEdit::Set("displayName".to_owned(), 42.into());
/// let fault = Fault::document(Endpoint::Graph, wrong_type).once();
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MemberEdit {
    /// Sets a member.
    Set(String, Value),
    /// Sets a member to JSON text that need not be valid.
    SetRaw(String, String),
    /// Adds a member of this name beside the one that is there; the value is JSON text.
    Append(String, String),
    /// Removes a member.
    Remove(String),
    /// Adds seconds to a numeric member.
    Shift(String, i64),
    /// Appends text to a text member.
    Suffix(String, String),
    /// Removes characters from the end of a text member.
    Chop(String, usize),
    /// Replaces a part (second text) of a text member by another (third text).
    Replace(String, String, String),
    /// Turns a text member into upper case.
    Upper(String),
    /// Turns a member into an array of its value and these values.
    ToArray(String, Vec<Value>),
    /// Turns a number into text.
    ToText(String),
    /// Appends characters to a text member, at most 64 MiB; creates the member when it is missing.
    Grow(String, usize),
    /// Sets a member to arrays nested to this depth.
    Deepen(String, usize),
    /// Adds this number of members with generated names.
    Multiply(usize),
}

/// The largest growth of one edit: bytes, levels or members.
const MAX_GROWTH: usize = 64 * 1024 * 1024;

impl MemberEdit {
    pub(crate) fn apply(&self, members: &mut Members) {
        match self {
            Self::Set(name, value) => members.set(name, value),
            Self::SetRaw(name, text) => members.set_raw(name, text.clone()),
            Self::Append(name, text) => members.append_raw(name, text.clone()),
            Self::Remove(name) => members.remove(name),
            Self::Shift(name, seconds) => {
                let value = members.get(name).and_then(|value| value.as_i64());
                members.set(name, value.unwrap_or_default().saturating_add(*seconds));
            }
            Self::Suffix(name, suffix) => members.set(name, text(members, name) + suffix),
            Self::Chop(name, count) => members.set(name, chopped(&text(members, name), *count)),
            Self::Replace(name, from, to) => {
                members.set(name, text(members, name).replace(from, to));
            }
            Self::Upper(name) => members.set(name, text(members, name).to_uppercase()),
            Self::ToArray(name, more) => {
                let values = members.get(name).into_iter().chain(more.iter().cloned());
                members.set(name, values.collect::<Vec<_>>());
            }
            Self::ToText(name) => {
                members.set(name, members.get(name).unwrap_or_default().to_string());
            }
            Self::Grow(name, length) => {
                let growth = "x".repeat((*length).min(MAX_GROWTH));
                members.set(name, text(members, name) + &growth);
            }
            Self::Deepen(name, depth) => members.set_raw(name, nested_arrays(*depth)),
            Self::Multiply(count) => {
                for number in 0..(*count).min(MAX_GROWTH) {
                    members.append_raw(&format!("claim_{number:06}"), number.to_string());
                }
            }
        }
    }
}

fn text(members: &Members, name: &str) -> String {
    members
        .get(name)
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn chopped(text: &str, count: usize) -> String {
    let keep = text.chars().count().saturating_sub(count);
    text.chars().take(keep).collect()
}

fn nested_arrays(depth: usize) -> String {
    let depth = depth.min(MAX_GROWTH);
    "[".repeat(depth) + &"]".repeat(depth)
}
