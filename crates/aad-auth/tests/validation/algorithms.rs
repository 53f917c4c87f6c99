//! Algorithms beside RS256, which configuration can allow for generic providers.

use std::sync::Arc;

use aad_auth::{
    config::{AllowedTenants, SigningAlgorithms},
    internals::{
        config::AuthoritySettings,
        validation::{Verifier, VerifierSettings},
    },
};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};

use crate::{
    tokens::{
        CLIENT, FakeProvider, ManualTime, NONCE, NOW, TestKey, authority, metadata, provider_with,
    },
    world::{expected, outcome},
};

const ISSUER: &str = "https://id.example.test";

fn verifier(algorithms: &str, keys: &[Value]) -> Verifier {
    let authority = authority(AuthoritySettings {
        authority: Some(ISSUER),
        ..AuthoritySettings::default()
    });
    let fake = FakeProvider::new(&metadata(ISSUER, ISSUER), keys);
    let time = ManualTime::at(NOW);
    let algorithms = SigningAlgorithms::parse(algorithms).unwrap();
    let provider = provider_with(authority, &fake, &time, algorithms);
    let settings = VerifierSettings::new(CLIENT, AllowedTenants::Any);
    Verifier::new(provider, Arc::new(time.clock.clone()), settings).unwrap()
}

fn claims() -> String {
    let now = NOW.seconds();
    json!({"iss": ISSUER, "sub": "user", "aud": CLIENT, "exp": now + 600, "iat": now, "nonce": NONCE})
        .to_string()
}

async fn verify(verifier: &Verifier, token: &str) -> String {
    outcome(verifier.id_token(token, expected()).await)
}

#[tokio::test]
async fn ps256_only_when_configured_and_allowed_by_the_key() {
    let header = r#"{"alg":"PS256","kid":"k1"}"#;
    let token = TestKey::number(0).sign_raw(header, claims().as_bytes());
    let key = TestKey::number(0).jwk("k1");
    let mut rs256_only = key.clone();
    rs256_only["alg"] = "RS256".into();
    for (algorithms, key, want) in [
        ("PS256", &key, "accepted"),
        ("RS256,PS256", &key, "accepted"),
        ("RS256", &key, "AAD-TOKEN-ALG not_allowed"),
        ("RS256,PS256", &rs256_only, "AAD-TOKEN-ALG mismatch"),
    ] {
        let verifier = verifier(algorithms, std::slice::from_ref(key));
        assert_eq!(verify(&verifier, &token).await, want, "{algorithms}");
    }
    let as_rs256 = TestKey::number(0).sign("k1", &serde_json::from_str(&claims()).unwrap());
    let only_ps = verifier("PS256", &[key]);
    assert_eq!(
        verify(&only_ps, &as_rs256).await,
        "AAD-TOKEN-ALG not_allowed"
    );
}

#[tokio::test]
async fn es256_only_when_configured_and_in_its_fixed_form() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let key = json!({"kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig",
                     "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..])});
    let head = BASE64.encode(r#"{"alg":"ES256","kid":"ec"}"#);
    let input = format!("{head}.{}", BASE64.encode(claims()));
    let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    let token = format!("{input}.{}", BASE64.encode(signature.as_ref()));
    let es256 = verifier("ES256", std::slice::from_ref(&key));
    assert_eq!(verify(&es256, &token).await, "accepted");
    let mut flipped = signature.as_ref().to_vec();
    flipped[40] ^= 1;
    for broken in [&flipped[..], &signature.as_ref()[..63], &[0; 64]] {
        let token = format!("{input}.{}", BASE64.encode(broken));
        assert_eq!(verify(&es256, &token).await, "AAD-TOKEN-SIGNATURE mismatch");
    }
    // An elliptic key cannot be talked into another algorithm.
    let both = verifier("RS256,ES256", &[key]);
    let confused =
        TestKey::number(0).sign_raw(r#"{"alg":"RS256","kid":"ec"}"#, claims().as_bytes());
    assert_eq!(verify(&both, &confused).await, "AAD-TOKEN-ALG mismatch");
}
