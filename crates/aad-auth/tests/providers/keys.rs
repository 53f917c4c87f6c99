//! Keys of every kind that products sign with.

use std::sync::OnceLock;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, KeyPair as _,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

use crate::{template::Values, tokens::TestKey};

/// The public halves, for the templates of a key set: `{n}`, `{e}`; `{x}`, `{y}`; `{x384}`, `{y384}`.
pub fn public_halves(values: Values) -> Values {
    let (n, e) = TestKey::number(0).components();
    let (x, y) = coordinates(p256());
    let (x384, y384) = coordinates(p384());
    values
        .with("n", BASE64.encode(n))
        .with("e", BASE64.encode(e))
        .with("x", x)
        .with("y", y)
        .with("x384", x384)
        .with("y384", y384)
}

/// A token with this header, signed as its `alg` says.
pub fn sign(header: &Value, claims: &Value) -> String {
    let (text, payload) = (header.to_string(), claims.to_string());
    let key = match header["alg"].as_str().unwrap() {
        "RS256" | "PS256" => return TestKey::number(0).sign_raw(&text, payload.as_bytes()),
        "ES256" => p256(),
        "ES384" => p384(),
        other => panic!("no key for {other}"),
    };
    let input = format!("{}.{}", BASE64.encode(text), BASE64.encode(payload));
    let signature = key.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    format!("{input}.{}", BASE64.encode(signature))
}

fn p256() -> &'static EcdsaKeyPair {
    static KEY: OnceLock<EcdsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| generate(&ECDSA_P256_SHA256_FIXED_SIGNING))
}

fn p384() -> &'static EcdsaKeyPair {
    static KEY: OnceLock<EcdsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| generate(&ECDSA_P384_SHA384_FIXED_SIGNING))
}

fn generate(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    EcdsaKeyPair::generate(algorithm).unwrap()
}

/// Both coordinates of the uncompressed point.
fn coordinates(key: &EcdsaKeyPair) -> (String, String) {
    let point = &key.public_key().as_ref()[1..];
    let (x, y) = point.split_at(point.len() / 2);
    (BASE64.encode(x), BASE64.encode(y))
}
