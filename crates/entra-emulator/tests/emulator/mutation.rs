//! Wrong tokens: each is wrong as its constructor says, and in no other way.

use entra_emulator::{Emulator, KeyEdit, Mutation};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Value, json};

use crate::support::{ADA, NONCE, NORTHWIND, WEBAPP, WEBAPP_SECRET, get, parts, tokens, verifies};

struct Lab {
    emulator: Emulator,
    keys: Value,
}

impl Lab {
    async fn new() -> Self {
        let emulator = Emulator::builder().start().unwrap();
        let keys = get(&emulator, &format!("{NORTHWIND}/discovery/v2.0/keys"))
            .await
            .json();
        Self { emulator, keys }
    }

    fn token(&self, mutation: Mutation) -> String {
        let mint = self
            .emulator
            .control()
            .mint()
            .id_token(ADA, WEBAPP, NONCE)
            .unwrap();
        mint.mutate(mutation).sign().unwrap()
    }

    fn genuine(&self, mutation: Mutation) -> Value {
        let token = self.token(mutation);
        assert!(verifies(&token, &self.keys), "properly signed");
        parts(&token).1
    }

    fn hmac(token: &str, secret: &[u8]) -> bool {
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

#[actix_web::test]
async fn claims_are_wrong_as_named_and_properly_signed() {
    let lab = Lab::new().await;
    let origin = lab.emulator.url().as_str().trim_end_matches('/').to_owned();
    let issuer = format!("{origin}/{NORTHWIND}/v2.0");
    let claim = |mutation: Mutation, name: &str| lab.genuine(mutation)[name].clone();
    assert_eq!(claim(Mutation::issuer("x"), "iss"), "x");
    assert_eq!(
        claim(Mutation::issuer_with_slash(), "iss"),
        format!("{issuer}/")
    );
    assert_eq!(
        claim(Mutation::issuer_prefix(), "iss"),
        issuer[..issuer.len() - 1]
    );
    assert_eq!(claim(Mutation::issuer_array(), "iss"), json!([issuer]));
    assert_eq!(
        claim(Mutation::issuer_v1(), "iss"),
        format!("{origin}/{NORTHWIND}/")
    );
    assert_eq!(
        claim(Mutation::issuer_template(&origin), "iss"),
        format!("{origin}/{{tenantid}}/v2.0")
    );
    assert_ne!(claim(Mutation::tenant_mismatch(), "tid"), NORTHWIND);
    assert_eq!(
        claim(Mutation::of_tenant(&origin, "t"), "iss"),
        format!("{origin}/t/v2.0")
    );
    assert_eq!(
        claim(Mutation::identity("oid", Value::Null), "oid"),
        Value::Null
    );
    assert_eq!(claim(Mutation::audience(json!([])), "aud"), json!([]));
    assert_eq!(
        claim(Mutation::audience_prefix(), "aud"),
        WEBAPP[..WEBAPP.len() - 1]
    );
    assert_eq!(
        claim(Mutation::audiences(), "aud"),
        json!([WEBAPP, "another-client"])
    );
    assert_eq!(claim(Mutation::audience_in_array(), "aud"), json!([WEBAPP]));
    assert_eq!(claim(Mutation::azp("other"), "azp"), "other");
    assert_eq!(claim(Mutation::without_nonce(), "nonce"), Value::Null);
    assert_eq!(
        claim(Mutation::nonce_in_capitals(), "nonce"),
        NONCE.to_uppercase()
    );
    let now = lab.emulator.control().now();
    assert!(claim(Mutation::expired(), "exp").as_i64().unwrap() < now - 3_600);
    assert!(claim(Mutation::not_yet_valid(), "nbf").as_i64().unwrap() > now + 3_600);
    assert!(
        claim(Mutation::issued_years_ago(), "iat").as_i64().unwrap() < now - 4 * 365 * 24 * 3_600
    );
    assert_eq!(claim(Mutation::without_exp(), "exp"), Value::Null);
    assert!(claim(Mutation::time_as_text("nbf"), "nbf").is_string());
    assert!(claim(Mutation::fractional_times(now), "exp").is_f64());
    assert_eq!(
        claim(Mutation::wrong_at_hash(), "at_hash")
            .as_str()
            .unwrap()
            .len(),
        22
    );
    assert_eq!(claim(Mutation::roles_as_text(), "roles"), "Admin");
    assert!(
        claim(Mutation::hostile_name(), "name")
            .as_str()
            .unwrap()
            .len()
            > 64 * 1024
    );
    assert_eq!(
        claim(Mutation::duplicate_oid(), "oid"),
        "ffffffff-0000-4000-8000-00000000dead"
    );
    assert!(lab.token(Mutation::huge(1_000_000)).len() > 1_000_000);
    assert!(
        lab.genuine(Mutation::many_claims(10_000))
            .as_object()
            .unwrap()
            .len()
            > 10_000
    );
}

#[actix_web::test]
async fn payloads_that_are_no_claims_are_properly_signed() {
    let lab = Lab::new().await;
    for mutation in [
        Mutation::payload_not_an_object(),
        Mutation::payload_not_utf8(),
        Mutation::exp_out_of_range(),
        Mutation::deep(20_000),
        Mutation::payload(b"{} trailing"),
    ] {
        let token = lab.token(mutation.clone());
        let header = token.split('.').next().unwrap().to_owned();
        let alone = format!("{header}.e30.x");
        let kid = parts(&alone).0["kid"].clone();
        assert_eq!(kid, lab.emulator.control().signing_kid(), "{mutation:?}");
        assert!(verifies_signature(&token, &lab.keys, &kid), "{mutation:?}");
    }
}

fn verifies_signature(token: &str, keys: &Value, kid: &Value) -> bool {
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

#[actix_web::test]
async fn signatures_of_weak_keys_verify_once_they_are_published() {
    let lab = Lab::new().await;
    let faults = lab.emulator.control().faults();
    for (edit, mutation) in [
        (KeyEdit::WeakKey, Mutation::weak_key()),
        (KeyEdit::ExponentOne, Mutation::exponent_one()),
    ] {
        faults.keys(edit.clone());
        let keys = get(&lab.emulator, "common/discovery/v2.0/keys")
            .await
            .json();
        faults.clear();
        let token = lab.token(mutation);
        let kid = parts(&token).0["kid"].clone();
        let key = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["kid"] == kid)
            .unwrap();
        assert!(verifies_by_hand(&token, key), "{edit:?}");
        assert!(!verifies(&token, &lab.keys), "{edit:?}");
    }
}

/// Verifies a signature with openssl, which accepts weak keys, as an independent check of their arithmetic.
fn verifies_by_hand(token: &str, key: &Value) -> bool {
    let decode = |text: &str| {
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text).unwrap()
    };
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (modulus, exponent) = (
        decode(key["n"].as_str().unwrap()),
        decode(key["e"].as_str().unwrap()),
    );
    if exponent == [1] {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message.as_bytes());
        let padded = decode(signature);
        return padded.len() == modulus.len()
            && padded.starts_with(&[0, 1, 255])
            && padded.ends_with(digest.as_ref());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("key.der"), spki(&modulus, &exponent)).unwrap();
    std::fs::write(path("message"), message).unwrap();
    std::fs::write(path("signature"), decode(signature)).unwrap();
    let openssl = std::process::Command::new("openssl")
        .current_dir(folder.path())
        .args([
            "dgst",
            "-sha256",
            "-keyform",
            "DER",
            "-verify",
            "key.der",
            "-signature",
            "signature",
            "message",
        ])
        .output();
    openssl.map_or(true, |output| output.status.success())
}

fn spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let element = |tag: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82][..], &length, content].concat()
    };
    let integer = |bytes: &[u8]| element(2, &[&[0][..], bytes].concat());
    let key = element(0x30, &[integer(modulus), integer(exponent)].concat());
    let algorithm = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    element(
        0x30,
        &[&algorithm[..], &element(3, &[&[0][..], &key].concat())].concat(),
    )
}
