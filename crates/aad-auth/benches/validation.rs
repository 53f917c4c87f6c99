//! What a token costs: verified for the first time, known from the cache, refused early; beside
//! jsonwebtoken's whole `decode` and the bare signature.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark stops at the first surprise"
)]

use std::{hint::black_box, sync::Arc};

use aad_auth::{
    config::{AllowedTenants, SigningAlgorithms},
    internals::{
        provider::KeySet,
        validation::{Verifier, VerifierSettings},
    },
    store::SystemClock,
};
use criterion::{Criterion, criterion_group, criterion_main};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use tokens::{CLIENT, FakeProvider, ManualTime, T, TestKey, V2, V2T};

#[path = "../tests/support/tokens.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod tokens;

/// Fresh claims by the real clock, so that jsonwebtoken, which has no other, accepts them too.
fn claims() -> Value {
    use aad_auth::store::Clock;
    let now = SystemClock.now().seconds();
    let mut claims = tokens::access_claims();
    for (name, at) in [("iat", now - 5), ("nbf", now - 5), ("exp", now + 3600)] {
        claims[name] = at.into();
    }
    claims
}

fn verifier(runtime: &tokio::runtime::Runtime, cache_bytes: usize) -> Verifier {
    let mut key = TestKey::number(0).jwk("k1");
    key["issuer"] = V2T.into();
    let document = tokens::metadata("https://login.microsoftonline.com/common", V2T);
    let fake = FakeProvider::new(&document, &[key]);
    let time = ManualTime::at(aad_auth::store::Clock::now(&SystemClock));
    let provider = tokens::provider(tokens::common(), &fake, &time);
    let mut settings = VerifierSettings::new(CLIENT, AllowedTenants::Any);
    settings.cache_bytes = cache_bytes;
    let verifier = Verifier::new(provider, Arc::new(SystemClock), settings).unwrap();
    runtime.block_on(async { verifier.provider().metadata().await.unwrap() });
    verifier
}

fn accepted(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let token = TestKey::number(0).sign("k1", &claims());
    let cold = verifier(&runtime, 0);
    c.bench_function("cold verification of an access token", |b| {
        b.iter(|| {
            runtime
                .block_on(cold.access_token(black_box(&token)))
                .unwrap()
        });
    });
    let warm = verifier(&runtime, 1 << 20);
    c.bench_function("the same token from the cache", |b| {
        b.iter(|| {
            runtime
                .block_on(warm.access_token(black_box(&token)))
                .unwrap()
        });
    });
}

fn refused(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let cold = verifier(&runtime, 1 << 20);
    let key = TestKey::number(0);
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        key.sign("k1", &claims)
    };
    let unsigned = key.sign_raw(
        r#"{"alg":"none","kid":"k1"}"#,
        claims().to_string().as_bytes(),
    );
    let mut forged = key.sign("k1", &claims());
    forged.replace_range(forged.len() - 20..forged.len() - 16, "AAAA");
    for (what, token) in [
        ("its algorithm", unsigned),
        ("its key id", key.sign("unknown", &claims())),
        ("its audience", with("aud", json!("other"))),
        (
            "its issuer",
            with("iss", json!(format!("https://evil.test/{T}/v2.0"))),
        ),
        ("its time", with("exp", json!(1_000_000_000))),
        ("its signature", forged),
    ] {
        c.bench_function(&format!("refused for {what}"), |b| {
            b.iter(|| {
                runtime
                    .block_on(cold.access_token(black_box(&token)))
                    .unwrap_err()
            });
        });
    }
}

fn for_comparison(c: &mut Criterion) {
    let token = TestKey::number(0).sign("k1", &claims());
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let jwk = serde_json::from_value(TestKey::number(0).jwk("k1")).unwrap();
    let key = DecodingKey::from_jwk(&jwk).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[CLIENT]);
    validation.set_issuer(&[V2]);
    c.bench_function("jsonwebtoken's decode", |b| {
        b.iter(|| jsonwebtoken::decode::<Value>(black_box(&token), &key, &validation).unwrap());
    });
    let set = json!({"keys": [TestKey::number(0).jwk("k1")]}).to_string();
    let set = KeySet::parse(set.as_bytes(), SigningAlgorithms::default()).unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.decode(signature).unwrap()
    };
    c.bench_function("the signature alone", |b| {
        b.iter(|| {
            let genuine =
                set.keys[0].verify(Algorithm::RS256, black_box(input.as_bytes()), &signature);
            assert!(genuine);
        });
    });
}

criterion_group!(benches, accepted, refused, for_comparison);
criterion_main!(benches);
