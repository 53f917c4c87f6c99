//! Wrong tokens that verify under a weak published key.

use entra_emulator::{KeyEdit, Mutation};
use serde_json::Value;

use crate::mutation::Lab;
use crate::support::{get, parts, verifies};

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
