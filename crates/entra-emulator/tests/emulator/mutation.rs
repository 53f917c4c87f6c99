//! Wrong tokens: algorithms, keys, signatures, headers and forms are wrong as named.

use entra_emulator::{Emulator, Mutation};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Value, json};

use crate::support::{ADA, NONCE, NORTHWIND, WEBAPP, WEBAPP_SECRET, get, parts, tokens, verifies};

/// An emulator and its keys, for minting wrong tokens.
pub(crate) struct Lab {
    pub(crate) emulator: Emulator,
    pub(crate) keys: Value,
}

impl Lab {
    pub(crate) async fn new() -> Self {
        let emulator = Emulator::builder().start().unwrap();
        let keys = get(&emulator, &format!("{NORTHWIND}/discovery/v2.0/keys"))
            .await
            .json();
        Self { emulator, keys }
    }

    pub(crate) fn token(&self, mutation: Mutation) -> String {
        let mint = self
            .emulator
            .control()
            .mint()
            .id_token(ADA, WEBAPP, NONCE)
            .unwrap();
        mint.mutate(mutation).sign().unwrap()
    }

    pub(crate) fn genuine(&self, mutation: Mutation) -> Value {
        let token = self.token(mutation);
        assert!(verifies(&token, &self.keys), "properly signed");
        parts(&token).1
    }

    pub(crate) fn hmac(token: &str, secret: &[u8]) -> bool {
        let (message, signature) = token.rsplit_once('.').unwrap();
        crypto::verify(
            signature,
            message.as_bytes(),
            &DecodingKey::from_secret(secret),
            Algorithm::HS256,
        )
        .unwrap()
    }
}

#[actix_web::test]
async fn an_unchanged_token_verifies() {
    let lab = Lab::new().await;
    assert_eq!(lab.genuine(Mutation::none())["nonce"], NONCE);
}

#[actix_web::test]
async fn a_fault_changes_the_id_token_of_the_token_endpoint() {
    let lab = Lab::new().await;
    let faults = lab.emulator.control().faults();
    let id = faults.id_token(Mutation::nonce("wrong"));
    let body = tokens(&lab.emulator, ADA).await;
    assert_eq!(
        parts(body["id_token"].as_str().unwrap()).1["nonce"],
        "wrong"
    );
    faults.remove(id);
    let body = tokens(&lab.emulator, ADA).await;
    assert_eq!(parts(body["id_token"].as_str().unwrap()).1["nonce"], NONCE);
    faults.id_token(Mutation::hs256_with_client_secret());
    let body = tokens(&lab.emulator, ADA).await;
    assert!(Lab::hmac(
        body["id_token"].as_str().unwrap(),
        WEBAPP_SECRET.as_bytes()
    ));
}

#[actix_web::test]
async fn algorithms_and_keys_are_wrong_as_named() {
    let lab = Lab::new().await;
    let alg = |token: &str| parts(token).0["alg"].as_str().unwrap().to_owned();
    let none = lab.token(Mutation::alg_none());
    assert!(alg(&none) == "none" && none.ends_with('.'));
    assert_eq!(alg(&lab.token(Mutation::alg_none_spelt("nOnE"))), "nOnE");
    assert!(
        !lab.token(Mutation::alg_none_with_signature())
            .ends_with('.')
    );
    assert!(Lab::hmac(&lab.token(Mutation::hs256_with_empty_key()), b""));
    let hmac = lab.token(Mutation::hs256_with_public_key());
    assert_eq!(alg(&hmac), "HS256");
    for name in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        let token = lab.token(Mutation::algorithm(name));
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = parts(&token);
        let key = lab.keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["kid"] == header["kid"])
            .unwrap();
        let key = DecodingKey::from_rsa_components(
            key["n"].as_str().unwrap(),
            key["e"].as_str().unwrap(),
        )
        .unwrap();
        assert!(
            crypto::verify(signature, message.as_bytes(), &key, name.parse().unwrap()).unwrap(),
            "{name}"
        );
        assert_eq!(alg(&token), name);
    }
    assert_eq!(alg(&lab.token(Mutation::es256())), "ES256");
}

#[actix_web::test]
async fn broken_signatures_do_not_verify() {
    let lab = Lab::new().await;
    let cases = [
        Mutation::flipped_signature(),
        Mutation::empty_signature(),
        Mutation::truncated_signature(),
        Mutation::foreign_key(),
        Mutation::swapped_payload(),
        Mutation::kid_of_another_key(),
        Mutation::embedded_jwk(),
        Mutation::jku("http://127.0.0.1:9/"),
        Mutation::x5u("http://127.0.0.1:9/"),
        Mutation::x5c(),
        Mutation::exponent_one(),
    ];
    for mutation in cases {
        assert!(
            !verifies(&lab.token(mutation.clone()), &lab.keys),
            "{mutation:?}"
        );
    }
}

#[actix_web::test]
async fn headers_are_wrong_as_named_and_properly_signed() {
    let lab = Lab::new().await;
    let header = |mutation: Mutation| {
        let token = lab.token(mutation);
        assert!(verifies(&token, &lab.keys));
        parts(&token).0
    };
    assert_eq!(
        header(Mutation::unknown_crit())["crit"],
        json!(["x-must-understand"])
    );
    assert_eq!(header(Mutation::b64_false(true))["crit"], json!(["b64"]));
    assert_eq!(header(Mutation::b64_false(false))["b64"], false);
    assert_eq!(header(Mutation::typ("at+jwt"))["typ"], "at+jwt");
    let kid = |mutation: Mutation| parts(&lab.token(mutation)).0["kid"].clone();
    assert_eq!(kid(Mutation::kid(7)), 7);
    assert_eq!(kid(Mutation::kid("../../etc/passwd")), "../../etc/passwd");
    assert!(kid(Mutation::huge_kid(100_000)).as_str().unwrap().len() > 100_000);
    assert_eq!(kid(Mutation::without_kid()), Value::Null);
    assert_eq!(
        kid(Mutation::duplicate_alg()),
        lab.emulator.control().signing_kid()
    );
    assert_eq!(
        parts(&lab.token(Mutation::duplicate_alg())).0["alg"],
        "none",
        "the last one, as most parsers take it"
    );
}

#[actix_web::test]
async fn shapes_are_wrong_as_named() {
    let lab = Lab::new().await;
    let count = |mutation: Mutation| lab.token(mutation).split('.').count();
    assert_eq!(count(Mutation::two_parts()), 2);
    assert_eq!(count(Mutation::four_parts()), 4);
    assert_eq!(count(Mutation::encrypted()), 5);
    assert!(lab.token(Mutation::padded()).contains('='));
    let standard = lab.token(Mutation::standard_base64());
    assert!(standard.contains('+') || standard.contains('/'));
    assert!(lab.token(Mutation::spaced()).starts_with(' '));
    assert!(lab.token(Mutation::line_feed()).contains('\n'));
}

pub(crate) fn verifies_signature(token: &str, keys: &Value, kid: &Value) -> bool {
    let key = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == *kid)
        .unwrap();
    let key =
        DecodingKey::from_rsa_components(key["n"].as_str().unwrap(), key["e"].as_str().unwrap())
            .unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    crypto::verify(signature, message.as_bytes(), &key, Algorithm::RS256).unwrap()
}
