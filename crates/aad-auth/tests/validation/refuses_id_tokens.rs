//! One case for each way in which an ID token can be wrong (abuse A and B), named by what is
//! refused.

use aad_auth::internals::validation::{ExpectedIdToken, ExpectedNonce};
use aws_lc_rs::{digest, hmac};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD as BASE64},
};
use serde_json::{Value, json};

use crate::{
    tokens::{NONCE, NOW, OTHER, T, TestKey, V2T, common, id_claims, metadata},
    world::{World, expected, outcome, seconds, with, without},
};

const HEADER: &str = r#"{"typ":"JWT","alg":"RS256","kid":"k1"}"#;

async fn header(header: &str) -> String {
    let token = TestKey::number(0).sign_raw(header, id_claims().to_string().as_bytes());
    outcome(World::common().id(&token).await)
}

async fn payload(payload: &[u8]) -> String {
    let token = TestKey::number(0).sign_raw(HEADER, payload);
    outcome(World::common().id(&token).await)
}

async fn claims(claims: Value) -> String {
    payload(claims.to_string().as_bytes()).await
}

/// Raw JSON for one claim, in place of what is there.
async fn raw(name: &str, value: &str) -> String {
    let mut text = without(id_claims(), name).to_string();
    text.insert_str(1, &format!("\"{name}\":{value},"));
    payload(text.as_bytes()).await
}

fn good() -> String {
    TestKey::number(0).sign("k1", &id_claims())
}

#[tokio::test]
async fn nothing_when_everything_is_right() {
    let world = World::common();
    let token = world.id(&good()).await.unwrap();
    assert_eq!(token.tid().unwrap().as_str(), T);
    assert_eq!(token.oid().unwrap().as_str(), OTHER);
    assert_eq!(token.roles(), [Box::from("Reader")]);
    assert_eq!(token.name().unwrap().expose(), "Adele Example");
    assert_eq!(token.claim_map()["aio"], "AWQ");
}

#[tokio::test]
async fn a1_no_algorithm_in_any_spelling() {
    for alg in ["none", "None", "NONE", "nOnE"] {
        let head = format!(r#"{{"alg":"{alg}","kid":"k1"}}"#);
        assert_eq!(header(&head).await, "AAD-TOKEN-ALG not_allowed");
        let mut unsigned = TestKey::number(0).sign_raw(&head, id_claims().to_string().as_bytes());
        unsigned.truncate(unsigned.rfind('.').unwrap() + 1);
        let refused = outcome(World::common().id(&unsigned).await);
        assert_eq!(refused, "AAD-TOKEN-SIGNATURE missing");
    }
}

#[tokio::test]
async fn a2_an_algorithm_because_metadata_offers_it() {
    let mut document = metadata("https://login.microsoftonline.com/common", V2T);
    document["id_token_signing_alg_values_supported"] = json!(["none", "HS256", "RS384", "RS256"]);
    let world = World::new(common(), &document, &[TestKey::number(0).jwk("k1")], |_| {});
    for alg in ["none", "HS256", "RS384"] {
        let head = format!(r#"{{"alg":"{alg}","kid":"k1"}}"#);
        let token = TestKey::number(0).sign_raw(&head, id_claims().to_string().as_bytes());
        assert_eq!(outcome(world.id(&token).await), "AAD-TOKEN-ALG not_allowed");
    }
}

#[tokio::test]
async fn a3_to_a5_a_symmetric_signature() {
    let (n, _) = TestKey::number(0).components();
    for secret in [n.as_slice(), b"client-secret", b""] {
        let head = BASE64.encode(r#"{"alg":"HS256","kid":"k1"}"#);
        let input = format!("{head}.{}", BASE64.encode(id_claims().to_string()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
        let token = format!("{input}.{}", BASE64.encode(tag));
        assert_eq!(
            outcome(World::common().id(&token).await),
            "AAD-TOKEN-ALG not_allowed"
        );
    }
}

#[tokio::test]
async fn a6_another_algorithm_by_the_right_key() {
    for alg in ["RS384", "PS256", "ES256", "RS512", "EdDSA"] {
        let head = format!(r#"{{"alg":"{alg}","kid":"k1"}}"#);
        assert_eq!(header(&head).await, "AAD-TOKEN-ALG not_allowed");
    }
}

#[tokio::test]
async fn a7_a_damaged_signature() {
    let token = good();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let bytes = BASE64.decode(signature).unwrap();
    let mut flipped = bytes.clone();
    flipped[100] ^= 1;
    let mut longer = bytes.clone();
    longer.push(0);
    for broken in [
        &flipped[..],
        &bytes[..255],
        &longer,
        &[0; 256],
        &[0xff; 256],
    ] {
        let token = format!("{input}.{}", BASE64.encode(broken));
        let refused = outcome(World::common().id(&token).await);
        assert_eq!(refused, "AAD-TOKEN-SIGNATURE mismatch");
    }
    let other = TestKey::number(0).sign("k1", &with(id_claims(), "name", "Eve"));
    let (_, other_signature) = other.rsplit_once('.').unwrap();
    let swapped = format!("{input}.{other_signature}");
    assert_eq!(
        outcome(World::common().id(&swapped).await),
        "AAD-TOKEN-SIGNATURE mismatch"
    );
}

#[tokio::test]
async fn a7_every_single_flipped_bit_of_the_signed_part() {
    let token = good();
    let world = World::common();
    let dot = token.rfind('.').unwrap();
    for at in (0..dot).step_by(7) {
        let mut bytes = token.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        // A changed `kid` would make the sign-in wait for a key that the provider does not have.
        let head = text
            .split('.')
            .next()
            .and_then(|head| BASE64.decode(head).ok());
        if head.is_some_and(|head| !String::from_utf8_lossy(&head).contains(r#""kid":"k1""#)) {
            continue;
        }
        assert_ne!(outcome(world.id(&text).await), "accepted", "byte {at}");
    }
}

#[tokio::test]
async fn a8_the_signature_of_another_published_key() {
    let keys = [TestKey::number(0).jwk("k1"), TestKey::number(1).jwk("k2")].map(|mut key| {
        key["issuer"] = V2T.into();
        key
    });
    let document = metadata("https://login.microsoftonline.com/common", V2T);
    let world = World::new(common(), &document, &keys, |_| {});
    let token = TestKey::number(1).sign("k1", &id_claims());
    assert_eq!(
        outcome(world.id(&token).await),
        "AAD-TOKEN-SIGNATURE mismatch"
    );
    let token = TestKey::number(1).sign("k2", &id_claims());
    assert_eq!(outcome(world.id(&token).await), "accepted");
}

#[tokio::test]
async fn a9_to_a11_a_key_that_the_header_brings_along() {
    let jwk = TestKey::number(1).jwk("k1");
    for extra in [
        format!(r#""jwk":{jwk}"#),
        r#""jku":"https://evil.test/keys""#.to_owned(),
        r#""x5u":"https://evil.test/cert""#.to_owned(),
        r#""x5c":["AAAA"]"#.to_owned(),
    ] {
        let head = format!(r#"{{"alg":"RS256","kid":"k1",{extra}}}"#);
        let token = TestKey::number(1).sign_raw(&head, id_claims().to_string().as_bytes());
        let world = World::common();
        assert_eq!(
            outcome(world.id(&token).await),
            "AAD-TOKEN-SIGNATURE mismatch"
        );
        assert_eq!(
            world.fake.fetches(),
            (1, 1),
            "only the configured addresses are asked"
        );
    }
}

#[tokio::test]
async fn a12_and_a13_critical_extensions() {
    for extra in [
        r#""crit":["x"],"x":1"#,
        r#""crit":["b64"],"b64":false"#,
        r#""b64":false"#,
    ] {
        let head = format!(r#"{{"alg":"RS256","kid":"k1",{extra}}}"#);
        assert_eq!(header(&head).await, "AAD-TOKEN-CRIT not_allowed");
    }
}

#[tokio::test]
async fn a14_a_token_of_another_kind() {
    for typ in [
        "at+jwt",
        "application/at+jwt",
        "logout+jwt",
        "secevent+jwt",
        "JOSE+JSON",
    ] {
        let head = format!(r#"{{"typ":"{typ}","alg":"RS256","kid":"k1"}}"#);
        assert_eq!(header(&head).await, "AAD-TOKEN-TYP mismatch");
    }
}

#[tokio::test]
async fn a15_and_a16_other_shapes_and_encodings() {
    let token = good();
    let [head, body, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts");
    };
    for shape in [
        format!("{head}.{body}"),
        format!("{token}.{signature}"),
        format!("{head}.AA.AA.AA.AA"),
        format!(" {token}"),
        format!("{token} "),
        format!("{head}.{body} .{signature}"),
        format!("{head}=.{body}.{signature}"),
        format!("{head}.{}.{signature}", URL_SAFE.encode("{\"a\":1}x")),
        format!("{head}.{}.{signature}", STANDARD.encode([0xfb, 0xff, 0xfe])),
        format!("{head}.{body}\n.{signature}"),
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
    ] {
        let refused = outcome(World::common().id(&shape).await);
        assert_eq!(refused, "AAD-TOKEN-SHAPE malformed", "{shape}");
    }
}

#[tokio::test]
async fn a16_a_second_spelling_of_the_same_signature() {
    let token = good();
    for padded in [format!("{token}="), format!("{token}==")] {
        assert_eq!(
            outcome(World::common().id(&padded).await),
            "AAD-TOKEN-SHAPE malformed"
        );
    }
    // 256 bytes leave four loose bits in the last character.
    let last = token.chars().last().unwrap();
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        if other != last {
            let spelling = format!("{}{other}", &token[..token.len() - 1]);
            assert_ne!(outcome(World::common().id(&spelling).await), "accepted");
        }
    }
}

#[tokio::test]
async fn a17_doubled_members() {
    for head in [
        r#"{"alg":"RS256","alg":"none","kid":"k1"}"#,
        r#"{"alg":"RS256","kid":"k1","kid":"k1"}"#,
    ] {
        assert_eq!(header(head).await, "AAD-TOKEN-HEADER duplicate");
    }
    for doubled in [
        r#""aud":"x","#,
        r#""nonce":"x","#,
        r#""TID":"x","#,
        r#""aio":"x","#,
        r#""Sub":"x","#,
    ] {
        let mut text = id_claims().to_string();
        text.insert_str(1, doubled);
        assert_eq!(
            payload(text.as_bytes()).await,
            "AAD-TOKEN-CLAIMS duplicate",
            "{doubled}"
        );
    }
}

#[tokio::test]
async fn a18_a_payload_that_is_no_object() {
    let trailing = format!("{} x", id_claims());
    let invalid = [
        &b"{\"iss\":\"\xff\"}"[..],
        b"[]",
        b"\"x\"",
        b"null",
        b" ",
        trailing.as_bytes(),
    ];
    for body in invalid {
        assert_eq!(payload(body).await, "AAD-TOKEN-CLAIMS malformed");
    }
}

#[tokio::test]
async fn a19_key_ids_that_are_no_plain_short_text() {
    let long = format!("\"{}\"", "k".repeat(257));
    for (kid, reason) in [
        ("5", "malformed"),
        ("null", "malformed"),
        ("[\"k1\"]", "malformed"),
        (&long, "too_large"),
    ] {
        let head = format!(r#"{{"alg":"RS256","kid":{kid}}}"#);
        assert_eq!(header(&head).await, format!("AAD-TOKEN-KID {reason}"));
    }
}

#[tokio::test]
async fn b5_identifiers_that_are_missing_or_out_of_form() {
    let long = format!("\"{}\"", "x".repeat(300));
    for (claim, code) in [
        ("tid", "AAD-TOKEN-TID"),
        ("oid", "AAD-TOKEN-OID"),
        ("sub", "AAD-TOKEN-SUB"),
    ] {
        assert_eq!(
            claims(without(id_claims(), claim)).await,
            format!("{code} missing")
        );
        assert_eq!(raw(claim, "null").await, format!("{code} missing"));
        for value in ["\"\"", "5", "\" \"", "[]", "true", &long] {
            assert_eq!(
                raw(claim, value).await,
                format!("{code} malformed"),
                "{value}"
            );
        }
    }
}

#[tokio::test]
async fn b1_issuers_that_are_nearly_right() {
    let iss = id_claims()["iss"].as_str().unwrap().to_owned();
    for near in [
        format!("{iss}/"),
        format!(" {iss}"),
        iss.replace("https", "http"),
        iss.replace("login", "LOGIN"),
        iss.replace("/v2.0", ""),
        iss.replace(T, &T.to_uppercase()),
        format!("https://sts.windows.net/{T}/"),
        V2T.to_owned(),
        format!("{iss}\u{0}"),
    ] {
        let refused = claims(with(id_claims(), "iss", near)).await;
        assert_eq!(refused, "AAD-TOKEN-ISS mismatch");
    }
    assert_eq!(
        claims(without(id_claims(), "iss")).await,
        "AAD-TOKEN-ISS missing"
    );
    let array = with(id_claims(), "iss", json!([iss]));
    assert_eq!(claims(array).await, "AAD-TOKEN-ISS malformed");
}

#[tokio::test]
async fn b6_and_b7_other_audiences_and_parties() {
    let client = id_claims()["aud"].as_str().unwrap().to_owned();
    for aud in [
        json!("other"),
        json!(&client[..8]),
        json!(format!("{client} ")),
        json!(client.to_uppercase().replace('-', "")),
        json!(["other", "another"]),
    ] {
        assert_eq!(
            claims(with(id_claims(), "aud", aud)).await,
            "AAD-TOKEN-AUD mismatch"
        );
    }
    for aud in [json!([client, "other"]), json!(["other", client])] {
        let refused = claims(with(id_claims(), "aud", aud)).await;
        assert_eq!(refused, "AAD-TOKEN-AUD-OTHERS not_allowed");
    }
    assert_eq!(
        claims(without(id_claims(), "aud")).await,
        "AAD-TOKEN-AUD missing"
    );
    assert_eq!(raw("aud", "[]").await, "AAD-TOKEN-AUD malformed");
    let several_with_party = with(
        with(id_claims(), "aud", json!([client, "other"])),
        "azp",
        client.clone(),
    );
    let refused = claims(several_with_party).await;
    assert_eq!(refused, "AAD-TOKEN-AUD-OTHERS not_allowed");
    // The same one twice is not another one, but the party must be named then.
    let twice = with(id_claims(), "aud", json!([client, client]));
    assert_eq!(claims(twice.clone()).await, "AAD-TOKEN-AZP missing");
    let twice = with(twice, "azp", client.clone());
    assert_eq!(claims(twice).await, "accepted");
    assert_eq!(
        claims(with(id_claims(), "azp", "other")).await,
        "AAD-TOKEN-AZP mismatch"
    );
    assert_eq!(
        claims(with(id_claims(), "azp", client.clone())).await,
        "accepted"
    );
    assert_eq!(
        claims(with(id_claims(), "aud", json!([client]))).await,
        "accepted"
    );
}

#[tokio::test]
async fn b8_and_b9_another_nonce() {
    assert_eq!(
        claims(without(id_claims(), "nonce")).await,
        "AAD-TOKEN-NONCE missing"
    );
    for nonce in ["", "another", &NONCE.to_uppercase(), &NONCE[1..]] {
        assert_eq!(
            claims(with(id_claims(), "nonce", nonce)).await,
            "AAD-TOKEN-NONCE mismatch"
        );
    }
    assert_eq!(raw("nonce", "null").await, "AAD-TOKEN-NONCE missing");
    for value in ["5", "[\"the-nonce-of-this-sign-in\"]"] {
        assert_eq!(raw("nonce", value).await, "AAD-TOKEN-NONCE malformed");
    }
}

#[tokio::test]
async fn b8_an_empty_expectation_of_a_nonce() {
    let world = World::common();
    let token = TestKey::number(0).sign("k1", &with(id_claims(), "nonce", ""));
    let empty = ExpectedIdToken {
        nonce: ExpectedNonce::Exactly(""),
        ..expected()
    };
    let refused = outcome(world.verifier.id_token(&token, empty).await);
    assert_eq!(refused, "AAD-TOKEN-NONCE malformed");
}

#[tokio::test]
async fn b8_a_foreign_nonce_in_a_refreshed_token() {
    let world = World::common();
    let kept = |nonce| ExpectedIdToken {
        nonce: ExpectedNonce::NoneOr(nonce),
        ..expected()
    };
    let token = good();
    let without_nonce = TestKey::number(0).sign("k1", &without(id_claims(), "nonce"));
    for (token, nonce, want) in [
        (&token, Some(NONCE), "accepted"),
        (&token, Some("another"), "AAD-TOKEN-NONCE mismatch"),
        (&token, None, "AAD-TOKEN-NONCE not_allowed"),
        (&without_nonce, Some(NONCE), "accepted"),
        (&without_nonce, None, "accepted"),
    ] {
        assert_eq!(
            outcome(world.verifier.id_token(token, kept(nonce)).await),
            want
        );
    }
}

#[tokio::test]
async fn b10_to_b14_times_that_cannot_be() {
    let now = NOW.seconds();
    assert_eq!(
        claims(without(id_claims(), "exp")).await,
        "AAD-TOKEN-EXP missing"
    );
    assert_eq!(
        claims(without(id_claims(), "iat")).await,
        "AAD-TOKEN-IAT missing"
    );
    for (claim, code) in [
        ("exp", "AAD-TOKEN-EXP"),
        ("nbf", "AAD-TOKEN-NBF"),
        ("iat", "AAD-TOKEN-IAT"),
    ] {
        for value in [
            "\"99999999999\"",
            "-1",
            "true",
            "[]",
            "1e300",
            "253402300800",
        ] {
            assert_eq!(
                raw(claim, value).await,
                format!("{code} malformed"),
                "{value}"
            );
        }
    }
    assert_eq!(
        raw("exp", &format!("1{}", "0".repeat(400))).await,
        "AAD-TOKEN-CLAIMS malformed"
    );
    for (claim, value, want) in [
        ("exp", now - 60, "AAD-TOKEN-EXP expired"),
        ("exp", now - 7200, "AAD-TOKEN-EXP expired"),
        ("nbf", now + 61, "AAD-TOKEN-NBF not_yet_valid"),
        ("iat", now + 61, "AAD-TOKEN-IAT not_yet_valid"),
        ("iat", now - 3 * 365 * 86400, "AAD-TOKEN-IAT expired"),
        ("exp", now + 49 * 3600, "AAD-TOKEN-EXP malformed"),
        ("exp", 253_402_300_799, "AAD-TOKEN-EXP malformed"),
        ("nbf", now + 60, "accepted"),
        ("iat", now + 60, "accepted"),
    ] {
        assert_eq!(
            claims(with(id_claims(), claim, value)).await,
            want,
            "{claim} {value}"
        );
    }
    // An old one is refused when a day and the leeway are over, a long one when it lives two days.
    let life = |from, to| claims(with(with(id_claims(), "iat", from), "exp", to));
    let day = 24 * 3600;
    assert_eq!(
        life(now - day - 61, now + 60).await,
        "AAD-TOKEN-IAT expired"
    );
    assert_eq!(life(now - day - 60, now + 60).await, "accepted");
    assert_eq!(
        life(now, now + 2 * day + 1).await,
        "AAD-TOKEN-EXP malformed"
    );
    assert_eq!(life(now, now + 2 * day).await, "accepted");
    // Expired within the leeway of a minute, and after all of it.
    let aged = with(with(id_claims(), "iat", now - 3600), "exp", now - 59);
    assert_eq!(claims(aged).await, "accepted");
    let reversed = with(with(id_claims(), "iat", now), "exp", now - 30);
    assert_eq!(claims(reversed).await, "AAD-TOKEN-EXP malformed");
    let instant = with(with(id_claims(), "iat", now), "exp", now);
    assert_eq!(claims(instant).await, "AAD-TOKEN-EXP malformed");
    let fraction = format!("{}.5", now + 3600);
    assert_eq!(raw("exp", &fraction).await, "accepted");
    assert_eq!(claims(without(id_claims(), "nbf")).await, "accepted");
}

#[tokio::test]
async fn b15_hashes_of_something_else() {
    let world = World::common();
    let half = |value: &str| {
        let hash = digest::digest(&digest::SHA256, value.as_bytes());
        BASE64.encode(&hash.as_ref()[..16])
    };
    let expect = |access_token, code| ExpectedIdToken {
        access_token,
        code,
        ..expected()
    };
    for (claim, value, expectation, want) in [
        ("at_hash", half("at"), expect(Some("at"), None), "accepted"),
        (
            "at_hash",
            half("other"),
            expect(Some("at"), None),
            "AAD-TOKEN-AT-HASH mismatch",
        ),
        (
            "at_hash",
            String::new(),
            expect(Some("at"), None),
            "AAD-TOKEN-AT-HASH mismatch",
        ),
        (
            "at_hash",
            half("at"),
            expect(None, None),
            "AAD-TOKEN-AT-HASH unknown",
        ),
        (
            "c_hash",
            half("code"),
            expect(None, Some("code")),
            "accepted",
        ),
        (
            "c_hash",
            half("other"),
            expect(None, Some("code")),
            "AAD-TOKEN-C-HASH mismatch",
        ),
    ] {
        let token = TestKey::number(0).sign("k1", &with(id_claims(), claim, value));
        assert_eq!(
            outcome(world.verifier.id_token(&token, expectation).await),
            want
        );
    }
    assert_eq!(raw("at_hash", "5").await, "AAD-TOKEN-AT-HASH malformed");
}

#[tokio::test]
async fn an_authentication_that_is_too_old() {
    let world = World::common();
    let now = NOW.seconds();
    let fresh = ExpectedIdToken {
        max_age: Some(seconds(300)),
        ..expected()
    };
    for (auth_time, want) in [
        (Some(now - 360), "accepted"),
        (Some(now - 361), "AAD-TOKEN-AUTH-TIME expired"),
        (Some(now + 60), "accepted"),
        (Some(now + 61), "AAD-TOKEN-AUTH-TIME not_yet_valid"),
        (None, "AAD-TOKEN-AUTH-TIME missing"),
    ] {
        let token = auth_time.map_or_else(id_claims, |at| with(id_claims(), "auth_time", at));
        let token = TestKey::number(0).sign("k1", &token);
        assert_eq!(outcome(world.verifier.id_token(&token, fresh).await), want);
    }
}

#[tokio::test]
async fn b20_rights_in_a_wrong_type_without_refusing_the_user() {
    let world = World::common();
    for roles in [
        json!("Admin"),
        json!(5),
        json!({"a": 1}),
        json!(["Admin", 5]),
    ] {
        let token = with(with(id_claims(), "roles", roles.clone()), "groups", roles);
        let token = world
            .id(&TestKey::number(0).sign("k1", &token))
            .await
            .unwrap();
        assert!(token.roles().is_empty() && token.groups().listed().is_empty());
    }
}

#[tokio::test]
async fn b23_too_much_of_anything() {
    let long = with(id_claims(), "name", "x".repeat(16 * 1024));
    assert_eq!(claims(long).await, "AAD-TOKEN-SIZE too_large");
    let deep = format!("{}1{}", "[".repeat(3000), "]".repeat(3000));
    assert_eq!(raw("x", &deep).await, "AAD-TOKEN-CLAIMS malformed");
    let mut many = id_claims();
    for at in 0..300 {
        many[format!("c{at}")] = 1.into();
    }
    assert_eq!(claims(many).await, "AAD-TOKEN-CLAIMS malformed");
}

#[tokio::test]
async fn a_logout_token_or_a_v1_token() {
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    assert_eq!(
        claims(with(id_claims(), "events", events)).await,
        "AAD-TOKEN-KIND not_allowed"
    );
    assert_eq!(
        claims(with(id_claims(), "ver", "1.0")).await,
        "AAD-TOKEN-VER not_allowed"
    );
}

#[tokio::test]
async fn a_tenant_that_is_not_allowed_only_when_the_token_is_genuine() {
    let world = |keys: &[Value]| {
        let document = metadata("https://login.microsoftonline.com/common", V2T);
        World::new(common(), &document, keys, |settings| {
            settings.tenants = aad_auth::config::AllowedTenants::parse(OTHER).unwrap();
        })
    };
    let mut key = TestKey::number(0).jwk("k1");
    key["issuer"] = V2T.into();
    let keys = [key];
    let refused = world(&keys).id(&good()).await;
    assert_eq!(outcome(refused), "AAD-TENANT-NOT-ALLOWED not_allowed");
    let forged = TestKey::number(1).sign("k1", &id_claims());
    let refused = world(&keys).id(&forged).await;
    assert_eq!(outcome(refused), "AAD-TOKEN-SIGNATURE mismatch");
}

/// Zitadel names its project beside the client in each token.
#[tokio::test]
async fn b7_further_audiences_that_are_not_trusted_or_name_another_party() {
    let client = id_claims()["aud"].as_str().unwrap().to_owned();
    let world = World::trusting(&["project", "other-project"]);
    let verify = async |aud: Value, azp: Option<&str>| {
        let mut token = with(id_claims(), "aud", aud);
        if let Some(azp) = azp {
            token = with(token, "azp", azp);
        }
        let token = TestKey::number(0).sign("k1", &token);
        outcome(world.verifier.id_token(&token, expected()).await)
    };
    let both = || json!([client, "project"]);
    for (aud, azp, want) in [
        (both(), None, "AAD-TOKEN-AZP missing"),
        (both(), Some("project"), "AAD-TOKEN-AZP mismatch"),
        (both(), Some("stranger"), "AAD-TOKEN-AZP mismatch"),
        (json!(["project"]), Some(&*client), "AAD-TOKEN-AUD mismatch"),
        (
            json!([client, "project", "stranger"]),
            Some(&*client),
            "AAD-TOKEN-AUD-OTHERS not_allowed",
        ),
        (both(), Some(&*client), "accepted"),
        (
            json!(["other-project", "project", client]),
            Some(&*client),
            "accepted",
        ),
        (json!(client), None, "accepted"),
    ] {
        assert_eq!(verify(aud.clone(), azp).await, want, "{aud} {azp:?}");
    }
}

/// OpenID Connect Core 1.0 section 2: at most 255 ASCII characters. Outer blanks are what one database
/// keeps and another drops: two people could become one.
#[tokio::test]
async fn r73_a_subject_with_outer_blanks_or_beyond_ascii() {
    for sub in [
        r#"" user""#,
        r#""user ""#,
        r#""user\u00a0""#,
        r#""k\u00fcnstler""#,
        r#""""#,
    ] {
        assert_eq!(raw("sub", sub).await, "AAD-TOKEN-SUB malformed", "{sub}");
    }
}

#[tokio::test]
async fn nothing_for_half_of_a_surrogate_pair_in_a_name_but_in_what_a_rule_reads() {
    for (claim, want) in [
        ("name", "accepted"),
        ("custom", "accepted"),
        ("iss", "AAD-TOKEN-ISS mismatch"),
        ("sub", "AAD-TOKEN-SUB malformed"),
        ("oid", "AAD-TOKEN-OID malformed"),
        ("aud", "AAD-TOKEN-AUD mismatch"),
        ("nonce", "AAD-TOKEN-NONCE mismatch"),
    ] {
        assert_eq!(raw(claim, r#""cut \ud83d""#).await, want, "{claim}");
    }
}
