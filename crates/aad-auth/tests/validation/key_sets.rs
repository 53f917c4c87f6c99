//! What is skipped in a key set, and what is not (abuse A20 to A25, F10).

use aad_auth::{
    config::SigningAlgorithms,
    internals::provider::{KeySet, KeySetError, MAX_KEYS},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};

use crate::tokens::TestKey;

fn parse(keys: &[Value]) -> Result<KeySet, KeySetError> {
    parse_with("RS256", keys)
}

fn parse_with(algorithms: &str, keys: &[Value]) -> Result<KeySet, KeySetError> {
    let algorithms = SigningAlgorithms::parse(algorithms).unwrap();
    KeySet::parse(json!({"keys": keys}).to_string().as_bytes(), algorithms)
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut key = TestKey::number(0).jwk("k1");
    key[name] = value.into();
    key
}

fn is_unusable(error: &KeySetError) -> bool {
    matches!(error, KeySetError::Unusable { .. })
}

/// A modulus of as many bits, odd and without other virtue.
fn modulus(bits: usize) -> String {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] >>= bytes.len() * 8 - bits;
    BASE64.encode(bytes)
}

#[test]
fn an_entra_key_without_alg_is_used() {
    let set = parse(&[TestKey::number(0).jwk("k1")]).unwrap();
    assert_eq!((set.keys.len(), set.skipped), (1, 0));
}

#[test]
fn a_bad_key_beside_a_good_one_is_skipped() {
    let good = TestKey::number(1).jwk("good");
    let p256 = json!({"kty": "EC", "crv": "P-256", "kid": "ec", "x": BASE64.encode([1; 32]), "y": BASE64.encode([2; 32])});
    for bad in [
        json!(null),
        json!(5),
        json!("key"),
        json!([]),
        json!({}),
        json!({"kty": "oct", "kid": "k", "k": "AAAA"}),
        json!({"kty": "oct", "kid": "k", "alg": "RS256", "k": "AAAA"}),
        json!({"kty": "XYZ", "kid": "k"}),
        p256,
        json!({"kty": "RSA", "kid": "k", "use": "sig"}),
        with("use", "enc"),
        with("use", 5),
        with("key_ops", json!(["encrypt"])),
        with("key_ops", json!([])),
        with("key_ops", "verify"),
        with("alg", "RS384"),
        with("alg", "HS256"),
        with("alg", "PS256"),
        with("alg", 5),
        with("kty", "rsa"),
        with("kty", 5),
        with("kid", 5),
        with("kid", ""),
        with("kid", "k".repeat(257)),
        with("issuer", " "),
        with("issuer", ""),
        with("issuer", 5),
        with("cloud_instance_name", 5),
        with("d", "AQAB"),
        with("n", "!!!"),
        with("n", ""),
        with("n", 5),
        with("n", "AAAA"),
        with("e", "AQ"),
        with("e", "AA"),
        with("e", "Ag"),
        with("e", ""),
        with("e", "AQABAQABAQAB"),
        with("n", modulus(512)),
        with("n", modulus(1024)),
        with("n", modulus(2047)),
        with("n", modulus(8193)),
        with("n", modulus(16384)),
        with("n", "A".repeat(100_000)),
        with(
            "n",
            format!("{}====", TestKey::number(0).jwk("x")["n"].as_str().unwrap()),
        ),
    ] {
        let set = parse(&[bad.clone(), good.clone()]).unwrap();
        let kids: Vec<_> = set.keys.iter().map(|key| key.kid.as_deref()).collect();
        assert_eq!(kids, [Some("good")], "{bad}");
        assert_eq!(set.skipped, 1, "{bad}");
        assert!(is_unusable(&parse(&[bad]).unwrap_err()));
    }
}

#[test]
fn a_leading_zero_of_the_modulus_is_tolerated() {
    let (n, _) = TestKey::number(0).components();
    let padded = BASE64.encode([&[0][..], &n].concat());
    assert_eq!(parse(&[with("n", padded)]).unwrap().keys.len(), 1);
}

#[test]
fn of_two_keys_with_one_id_the_first_usable_one_counts() {
    let weak = with("n", modulus(1024));
    let first = TestKey::number(0).jwk("k1");
    let second = TestKey::number(1).jwk("k1");
    let set = parse(&[weak, first.clone(), second]).unwrap();
    assert_eq!((set.keys.len(), set.skipped), (1, 2));
    assert_eq!(set.keys, parse(&[first]).unwrap().keys);
}

#[test]
fn ten_thousand_keys_cost_bounded_work() {
    let mut keys: Vec<Value> = (0..1000)
        .map(|at| TestKey::number(0).jwk(&format!("k{at}")))
        .collect();
    keys.extend(vec![json!({"kty": "oct"}); 9000]);
    let set = parse(&keys).unwrap();
    assert_eq!(set.keys.len(), MAX_KEYS);
    assert_eq!(set.skipped, 10_000 - MAX_KEYS);
}

#[test]
fn elliptic_keys_are_used_when_configured_and_on_the_curve() {
    // The generator of P-256 (SEC 2, section 2.4.2).
    let x = "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY";
    let y = "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";
    let key =
        |crv: &str, x: &str, y: &str| json!({"kty": "EC", "crv": crv, "kid": "ec", "x": x, "y": y});
    assert_eq!(
        parse_with("ES256", &[key("P-256", x, y)])
            .unwrap()
            .keys
            .len(),
        1
    );
    for bad in [
        key("P-384", x, y),
        key("P-256", y, x),
        key("P-256", x, "AAAA"),
        key("secp256k1", x, y),
    ] {
        assert!(is_unusable(&parse_with("ES256", &[bad]).unwrap_err()));
    }
    assert!(parse(&[key("P-256", x, y)]).is_err());
}

#[test]
fn what_is_no_key_set_is_refused() {
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "<html>",
        "[]",
        "null",
        "{}",
        "{\"keys\":5}",
        "{\"keys\":[],\"keys\":[]}",
        &deep,
    ] {
        let result = KeySet::parse(body.as_bytes(), SigningAlgorithms::default());
        assert_eq!(
            result.unwrap_err(),
            KeySetError::Malformed,
            "{}",
            &body[..body.len().min(40)]
        );
    }
    assert!(is_unusable(&parse(&[]).unwrap_err()));
}

#[test]
fn null_members_and_padding_refuse_no_key() {
    let n = TestKey::number(0).jwk("x")["n"]
        .as_str()
        .unwrap()
        .to_owned();
    for key in [
        with("use", Value::Null),
        with("alg", Value::Null),
        with("key_ops", Value::Null),
        with("d", Value::Null),
        with("x5c", Value::Null),
        with("issuer", Value::Null),
        with("cloud_instance_name", Value::Null),
        with("n", format!("{n}==")),
    ] {
        let set = parse(std::slice::from_ref(&key)).unwrap();
        assert_eq!((set.keys.len(), set.skipped), (1, 0), "{key}");
    }
    let without_kid = with("kid", Value::Null);
    assert_eq!(parse(&[without_kid]).unwrap().keys[0].kid, None);
}

/// One `kid` for several algorithms: an RSA key twice, or an RSA key beside an EC key.
#[test]
fn one_key_id_may_stand_for_several_algorithms() {
    use jsonwebtoken::Algorithm;
    let rsa = |alg: &str| {
        let mut key = TestKey::number(0).jwk("k1");
        key["alg"] = alg.into();
        key
    };
    let p256 = json!({"kty": "EC", "crv": "P-256", "kid": "k1",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"});
    for keys in [
        vec![rsa("RS384"), rsa("RS256"), rsa("PS256"), p256.clone()],
        vec![p256, rsa("PS256"), rsa("RS512"), rsa("RS256")],
    ] {
        let set = parse_with("RS256,PS256,ES256", &keys).unwrap();
        assert_eq!((set.keys.len(), set.skipped), (1, 1));
        for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256] {
            assert!(set.keys[0].supports(algorithm), "{algorithm:?}");
        }
        assert!(parse(&keys).unwrap().keys[0].supports(Algorithm::RS256));
    }
    // A second key for the same algorithm, or of another issuer, does not count.
    let mut foreign = rsa("PS256");
    foreign["issuer"] = "https://login.example.test/t/v2.0".into();
    let set = parse_with("RS256,PS256", &[rsa("RS256"), rsa("RS256"), foreign]).unwrap();
    assert!(!set.keys[0].supports(Algorithm::PS256));
    assert_eq!(set.skipped, 2);
}

#[test]
fn a_key_set_with_nothing_usable_says_what_it_has_and_whether_a_setting_helps() {
    let named = |alg: &str| json!({"kty": "OKP", "alg": alg, "kid": alg});
    let error = |keys: &[Value]| parse(keys).unwrap_err().to_string();
    let none = error(&[named("EdDSA"), named("ES384"), named("<b>canary")]);
    assert!(none.contains("it has ES384, EdDSA, OKP."), "{none}");
    assert!(
        none.contains("no setting here helps") && !none.contains("canary"),
        "{none}"
    );
    // A setting is named where it makes a key usable, and not for its name alone.
    assert!(error(&[named("ES256")]).contains("no setting here helps"));
    let p256 = json!({"kty": "EC", "crv": "P-256", "kid": "k1",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"});
    let helps = error(&[named("EdDSA"), p256]);
    assert!(
        helps.ends_with("set AAD_SIGNING_ALGORITHMS=ES256"),
        "{helps}"
    );
    assert!(error(&[]).contains("it has no keys"));
}
