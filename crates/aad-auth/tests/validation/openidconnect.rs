//! Our verifier and the `openidconnect` crate's agree wherever their rules overlap.

use aad_auth::{
    config::{AllowedTenants, SigningAlgorithms},
    internals::{
        config::AuthoritySettings,
        validation::{
            Candidate, ClaimsContext, ExpectedIdToken, ExpectedNonce, ProviderKind, Rules,
            TokenKind, TokenRules,
        },
    },
};
use openidconnect::{
    ClientId, IssuerUrl, Nonce,
    core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    tokens::{CLIENT, NONCE, NOW, TestKey, authority},
    world::seconds,
};

const ISSUER: &str = "https://id.example.test/a";

fn keys() -> Vec<Value> {
    vec![TestKey::number(0).jwk("k1"), TestKey::number(1).jwk("k2")]
}

fn theirs(token: &str) -> bool {
    let keys: CoreJsonWebKeySet = serde_json::from_value(json!({"keys": keys()})).unwrap();
    let issuer = IssuerUrl::new(ISSUER.to_owned()).unwrap();
    let client = ClientId::new(CLIENT.to_owned());
    let now = i64::try_from(NOW.seconds()).unwrap();
    let verifier = CoreIdTokenVerifier::new_public_client(client, issuer, keys)
        .set_time_fn(move || moment(now));
    let nonce = Nonce::new(NONCE.to_owned());
    token
        .parse::<CoreIdToken>()
        .is_ok_and(|token| token.claims(&verifier, &nonce).is_ok())
}

fn moment(seconds: i64) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap()
}

fn ours(token: &str) -> bool {
    let authority = authority(AuthoritySettings {
        authority: Some(ISSUER),
        ..AuthoritySettings::default()
    });
    let issuer = aad_auth::internals::provider::Issuer::parse(ISSUER).unwrap();
    let tenants = AllowedTenants::Any;
    let rules = Rules {
        issuer: &issuer,
        tenant: None,
        authority: authority.tenant(),
        directory_claims: authority.has_directory_claims(),
        client_id: CLIENT,
        trusted_audiences: &[],
        tenants: &tenants,
        // They have none.
        leeway: seconds(0),
        token: TokenRules::Id(ExpectedIdToken {
            nonce: ExpectedNonce::Exactly(NONCE),
            access_token: None,
            code: None,
            max_age: None,
        }),
    };
    let algorithms = SigningAlgorithms::default();
    let document = json!({"keys": keys()}).to_string();
    let set =
        aad_auth::internals::provider::KeySet::parse(document.as_bytes(), algorithms).unwrap();
    let reading = ClaimsContext {
        kind: TokenKind::Id,
        provider: ProviderKind::Generic,
        roles: aad_auth::config::RolesClaim::standard(),
    };
    let Ok(candidate) = Candidate::read(token, reading, algorithms, 16 * 1024) else {
        return false;
    };
    let Ok(checked) = candidate.check(&rules, NOW) else {
        return false;
    };
    let kid = checked.header().kid.clone();
    let key = set.keys.iter().find(|key| kid.is_some() && key.kid == kid);
    key.is_some_and(|key| checked.verify(key, &rules, None).is_ok())
}

/// A value that is right most of the time, so that many tokens are wrong in one place only.
fn mostly(right: Value, wrong: Vec<Option<Value>>) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        6 => Just(Some(right)),
        1 => proptest::sample::select(wrong),
    ]
}

fn claims() -> impl Strategy<Value = Value> {
    let now = NOW.seconds();
    (
        mostly(
            json!(ISSUER),
            vec![
                None,
                Some(json!("")),
                Some(json!("https://id.example.test/a/")),
                Some(json!("https://other.test")),
                Some(json!(5)),
                Some(json!([ISSUER])),
            ],
        ),
        mostly(
            json!(CLIENT),
            vec![
                None,
                Some(json!([CLIENT])),
                Some(json!([])),
                Some(json!("other")),
                Some(json!([CLIENT, "other"])),
                Some(json!(["other"])),
                Some(json!(5)),
            ],
        ),
        mostly(
            json!(now + 600),
            vec![
                None,
                Some(json!(now - 1)),
                Some(json!(now - 7200)),
                Some(json!(now + 1)),
                Some(json!("soon")),
                Some(Value::Null),
            ],
        ),
        mostly(
            json!(now - 10),
            vec![
                None,
                Some(json!("then")),
                Some(Value::Null),
                Some(json!(now - 3600)),
            ],
        ),
        mostly(
            json!(NONCE),
            vec![None, Some(json!("")), Some(json!("other")), Some(json!(5))],
        ),
        mostly(
            json!("user"),
            vec![
                None,
                Some(json!(5)),
                Some(Value::Null),
                Some(json!("other user")),
            ],
        ),
    )
        .prop_map(|(iss, aud, exp, iat, nonce, sub)| {
            let mut claims = json!({"custom": {"a": [1, null]}});
            for (name, value) in [
                ("iss", iss),
                ("aud", aud),
                ("exp", exp),
                ("iat", iat),
                ("nonce", nonce),
                ("sub", sub),
            ] {
                if let Some(value) = value {
                    claims[name] = value;
                }
            }
            claims
        })
}

fn header() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => Just(r#"{"typ":"JWT","alg":"RS256","kid":"k1"}"#.to_owned()),
        1 => proptest::sample::select(vec![
            r#"{"alg":"RS256","kid":"k1"}"#,
            r#"{"alg":"RS256","kid":"k2"}"#,
            r#"{"alg":"RS256","kid":"k3"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"RS384","kid":"k1"}"#,
            r#"{"alg":"PS256","kid":"k1"}"#,
            r#"{"alg":"HS256","kid":"k1"}"#,
            r#"{"alg":"none"}"#,
            r#"{"kid":"k1"}"#,
            r#"{"typ":"at+jwt","alg":"RS256","kid":"k1"}"#,
            r#"{"crit":["x"],"x":1,"alg":"RS256","kid":"k1"}"#,
            r#"{"cty":"JWT","alg":"RS256","kid":"k1"}"#,
            r#"{"jku":"https://evil.test","alg":"RS256","kid":"k1"}"#,
        ]).prop_map(str::to_owned),
    ]
}

/// What happens to the token after it was signed.
#[derive(Clone, Debug)]
enum Damage {
    None,
    FlipSignature(usize),
    CutSignature(usize),
    Append(&'static str),
    Prepend(&'static str),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        8 => Just(Damage::None),
        1 => (0..255_usize).prop_map(Damage::FlipSignature),
        1 => (1..300_usize).prop_map(Damage::CutSignature),
        1 => proptest::sample::select(vec![".AA", " ", "=", "A", "."]).prop_map(Damage::Append),
        1 => proptest::sample::select(vec!["A.", ".", " "]).prop_map(Damage::Prepend),
    ]
}

fn damaged(token: String, damage: &Damage) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    match damage {
        Damage::None => token,
        Damage::FlipSignature(at) => {
            let (input, signature) = token.rsplit_once('.').unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
            bytes[*at] ^= 4;
            format!("{input}.{}", URL_SAFE_NO_PAD.encode(bytes))
        }
        Damage::CutSignature(count) => token[..token.len() - count].to_owned(),
        Damage::Append(text) => format!("{token}{text}"),
        Damage::Prepend(text) => format!("{text}{token}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn both_accept_and_refuse_the_same(
        header in header(),
        claims in claims(),
        damage in damage(),
        signer in prop_oneof![8 => Just(0_usize), 1 => Just(1_usize), 1 => Just(2_usize)],
    ) {
        let token = TestKey::number(signer).sign_raw(&header, claims.to_string().as_bytes());
        let token = damaged(token, &damage);
        prop_assert_eq!(ours(&token), theirs(&token), "{} {}", header, claims);
    }
}

#[test]
fn a_good_token_is_accepted_by_both() {
    let now = NOW.seconds();
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "sub": "user", "exp": now + 600, "iat": now, "nonce": NONCE});
    let token = TestKey::number(0).sign("k1", &claims);
    assert!(ours(&token) && theirs(&token));
}
