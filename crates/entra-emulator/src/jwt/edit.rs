use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Draft;
use crate::members::Members;

/// One change of a JSON object.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberEdit {
    /// Sets a member.
    Set(String, Value),
    /// Sets a member to JSON text that need not be valid.
    SetRaw(String, String),
    /// Adds a member although its name is there already.
    Append(String, String),
    /// Removes a member.
    Remove(String),
    /// Adds so many seconds to a numeric member.
    Shift(String, i64),
    /// Adds text behind a text member.
    Suffix(String, String),
    /// Cuts so many characters off the end of a text member.
    Chop(String, usize),
    /// Replaces a part of a text member.
    Replace(String, String, String),
    /// Turns a text member into upper case.
    Upper(String),
    /// Turns a member into an array of itself and these values.
    ToArray(String, Vec<Value>),
    /// Turns a number into text.
    ToText(String),
    /// Adds so many characters to a text member (or creates it).
    Grow(String, usize),
    /// Nests an array so deep.
    Deepen(String, usize),
    /// Adds so many members with invented names.
    Multiply(usize),
}

/// Which key and algorithm seal a token.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    /// The signing key, RS256.
    #[default]
    Signing,
    /// The signing key with another RSA algorithm (`RS384`, `RS512`, `PS256` …); the header is set accordingly.
    Algorithm(String),
    /// A published key that does not sign; `kid` stays as it is.
    Spare,
    /// The attacker's key, which is nowhere published; `kid` stays as it is.
    Foreign,
    /// An elliptic-curve key of the attacker, ES256.
    EllipticCurve,
    /// HS256 with the public key's PEM as secret.
    HmacPublicKey,
    /// HS256 with the client secret.
    HmacClientSecret,
    /// HS256 with an empty secret.
    HmacEmpty,
    /// PKCS#1 padding without any exponentiation: what a verifier accepts that takes a key of exponent 1.
    ExponentOne,
    /// A real key of 1024 bits, under whatever `kid` stands there.
    WeakKey,
    /// Nothing after the last point.
    Nothing,
}

/// What happens to the finished signature.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureEdit {
    /// One bit is flipped.
    Flip,
    /// It is cut to half its length.
    Truncate,
    /// It is removed; the point stays.
    Empty,
    /// It stays, but the payload is replaced by one with another `oid`.
    SwapPayload,
}

/// The shape of the finished token.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Three parts.
    #[default]
    Compact,
    /// The signature and its point are missing.
    TwoParts,
    /// A fourth part follows.
    FourParts,
    /// Five parts with the header of an encrypted token.
    Encrypted,
    /// Padding (`=`) behind each part.
    Padded,
    /// The standard base64 alphabet with padding.
    StandardBase64,
    /// A space before and after the token.
    Spaced,
    /// A line feed inside the payload part.
    LineFeed,
    /// Nothing at all.
    Nothing,
}

/// One change of a token.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// In the header.
    Header(MemberEdit),
    /// In the claims.
    Claims(MemberEdit),
    /// These bytes (base64url) are the payload.
    Payload(String),
    /// How it is sealed.
    Seal(Seal),
    /// What happens to the signature.
    Signature(SignatureEdit),
    /// Its shape.
    Shape(Shape),
}

impl MemberEdit {
    pub(crate) fn apply(&self, members: &mut Members) {
        match self {
            Self::Set(name, value) => members.set(name, value),
            Self::SetRaw(name, text) => members.set_raw(name, text.clone()),
            Self::Append(name, text) => members.append_raw(name, text.clone()),
            Self::Remove(name) => members.remove(name),
            Self::Shift(name, seconds) => {
                let value = members
                    .get(name)
                    .and_then(|value| value.as_i64())
                    .unwrap_or_default();
                members.set(name, value.saturating_add(*seconds));
            }
            Self::Suffix(name, suffix) => members.set(name, text(members, name) + suffix),
            Self::Chop(name, count) => {
                let text = text(members, name);
                let keep = text.chars().count().saturating_sub(*count);
                members.set(name, text.chars().take(keep).collect::<String>());
            }
            Self::Replace(name, from, to) => {
                members.set(name, text(members, name).replace(from, to));
            }
            Self::Upper(name) => members.set(name, text(members, name).to_uppercase()),
            Self::ToArray(name, more) => {
                let first = members.get(name);
                members.set(
                    name,
                    first
                        .into_iter()
                        .chain(more.iter().cloned())
                        .collect::<Vec<_>>(),
                );
            }
            Self::ToText(name) => {
                members.set(name, members.get(name).unwrap_or_default().to_string());
            }
            Self::Grow(name, length) => {
                members.set(
                    name,
                    text(members, name) + &"x".repeat((*length).min(MAX_GROWTH)),
                );
            }
            Self::Deepen(name, depth) => {
                let depth = (*depth).min(MAX_GROWTH);
                members.set_raw(name, "[".repeat(depth) + &"]".repeat(depth));
            }
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

/// The largest growth one edit may ask for: 64 MB.
const MAX_GROWTH: usize = 64 * 1024 * 1024;

impl Edit {
    pub(crate) fn apply(&self, draft: &mut Draft) {
        match self {
            Self::Header(edit) => edit.apply(&mut draft.header),
            Self::Claims(edit) => edit.apply(&mut draft.claims),
            Self::Payload(bytes) => draft.payload = crate::encoding::from_base64url(bytes),
            Self::Seal(seal) => draft.seal = seal.clone(),
            Self::Signature(edit) => draft.signature = Some(*edit),
            Self::Shape(shape) => draft.shape = *shape,
        }
    }
}
