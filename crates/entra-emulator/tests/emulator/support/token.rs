//! Reads and verifies tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Reads header and claims of a token without verifying it.
pub(crate) fn parts(token: &str) -> (Value, Value) {
    let part = |number: usize| {
        let bytes = URL_SAFE_NO_PAD
            .decode(token.split('.').nth(number).unwrap())
            .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    (part(0), part(1))
}

/// Tells whether the key of this set with the token's `kid` verifies it.
pub(crate) fn verifies(token: &str, keys: &Value) -> bool {
    let (header, _) = parts(token);
    let found = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == header["kid"]);
    let Some(key) = found else { return false };
    let component = |name: &str| key[name].as_str().unwrap();
    let key =
        jsonwebtoken::DecodingKey::from_rsa_components(component("n"), component("e")).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    jsonwebtoken::crypto::verify(
        signature,
        message.as_bytes(),
        &key,
        jsonwebtoken::Algorithm::RS256,
    )
    .unwrap_or(false)
}
