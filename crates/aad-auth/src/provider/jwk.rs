//! One member of a key set (RFC 7517 section 4, RFC 7518 section 6).

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::{Map, Value};

use super::{Issuer, VerificationKey, verification_key::ParsedKeys};
use crate::config::SigningAlgorithms;
use jsonwebtoken::Algorithm;

pub(crate) const MAX_KID: usize = 256;

/// RFC 7515 section 2 omits the padding. Some providers send it. It changes no byte.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Parses a key. `None` where the key is malformed or weak, or verifies no accepted signature.
pub(crate) fn parse(member: Value, algorithms: SigningAlgorithms) -> Option<VerificationKey> {
    let jwk = member.as_object()?;
    let usable = text_or_absent(jwk, "use")?.is_none_or(|usage| usage == "sig")
        && may_verify(jwk)?
        // With the private half published, any reader can sign.
        && jwk.get("d").is_none_or(Value::is_null);
    if !usable {
        return None;
    }
    let alg = text_or_absent(jwk, "alg")?;
    let allowed =
        |algorithm, name| algorithms.allow(algorithm) && alg.is_none_or(|alg| alg == name);
    let parsed = match text_or_absent(jwk, "kty")?? {
        "RSA" => rsa(
            jwk,
            allowed(Algorithm::RS256, "RS256"),
            allowed(Algorithm::PS256, "PS256"),
        )?,
        "EC" if allowed(Algorithm::ES256, "ES256") => p256(jwk)?,
        _ => return None,
    };
    let kid = text_or_absent(jwk, "kid")?;
    if kid.is_some_and(|kid| kid.is_empty() || kid.len() > MAX_KID) {
        return None;
    }
    Some(VerificationKey {
        kid: kid.map(Into::into),
        issuer: match text_or_absent(jwk, "issuer")? {
            Some(issuer) => Some(Issuer::parse(issuer)?),
            None => None,
        },
        cloud_instance_name: text_or_absent(jwk, "cloud_instance_name")?.map(Into::into),
        parsed,
        members: vec![member],
    })
}

/// `Some(None)` when the member is absent or null, `None` when it is no text.
fn text_or_absent<'a>(jwk: &'a Map<String, Value>, name: &str) -> Option<Option<&'a str>> {
    match jwk.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => value.as_str().map(Some),
    }
}

fn may_verify(jwk: &Map<String, Value>) -> Option<bool> {
    match jwk.get("key_ops") {
        None | Some(Value::Null) => Some(true),
        Some(operations) => Some(operations.as_array()?.iter().any(|one| one == "verify")),
    }
}

/// Accepts 2048 to 8192 bits (RFC 7518 section 3.3; larger keys cost too much time), and an odd
/// exponent between 3 and 2^32: the exponent 1 would make every signature valid (abuse A20, A21).
fn rsa(jwk: &Map<String, Value>, rs256: bool, ps256: bool) -> Option<ParsedKeys> {
    if !rs256 && !ps256 {
        return None;
    }
    let n = unsigned(text_or_absent(jwk, "n")??)?;
    let e = unsigned(text_or_absent(jwk, "e")??)?;
    let bits = n.len().checked_mul(8)? - n.first()?.leading_zeros() as usize;
    let odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    let sane_exponent = e.len() <= 4 && odd(&e) && e != [1];
    if !(2048..=8192).contains(&bits) || !odd(&n) || !sane_exponent {
        return None;
    }
    ParsedKeys::rsa(&n, &e, rs256, ps256)
}

fn p256(jwk: &Map<String, Value>) -> Option<ParsedKeys> {
    let coordinate = |name| {
        let bytes = BASE64URL.decode(text_or_absent(jwk, name)??).ok()?;
        (bytes.len() == 32).then_some(bytes)
    };
    if text_or_absent(jwk, "crv")?? != "P-256" {
        return None;
    }
    ParsedKeys::p256(&coordinate("x")?, &coordinate("y")?)
}

/// Decodes a Base64urlUInt without its leading zeros. Some providers send them in spite of RFC 7518
/// section 2.
fn unsigned(text: &str) -> Option<Vec<u8>> {
    if text.len() > 2048 {
        return None;
    }
    let bytes = BASE64URL.decode(text).ok()?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    bytes.get(first..).map(<[u8]>::to_vec)
}

/// The algorithm of a key: `alg`, else `crv` or `kty`. Only a plain name, for a message to the operator.
pub(crate) fn algorithm_name(member: &Value) -> Option<String> {
    ["alg", "crv", "kty"]
        .iter()
        .find_map(|name| {
            member
                .get(*name)?
                .as_str()
                .filter(|text| is_plain_name(text))
        })
        .map(str::to_owned)
}

/// Whether a name of an algorithm, method or type is safe in a message.
pub(crate) fn is_plain_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=32).contains(&text.len()) && text.bytes().all(plain)
}
