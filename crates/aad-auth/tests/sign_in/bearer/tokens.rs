//! Bearer tokens that break a rule (abuse A and B), each by a real request.

use aad_auth::internals::AuthInternals;
use awc::http::Method;
use entra_emulator::{Emulator, Endpoint, Fault, KeyEdit, MemberEdit, Mutation};
use serde_json::{Value, json};

use super::{call, call_with, expect_refusal, of_user};
use crate::support::{ADA, App, Browser, CLIENT, SCOPE, TENANT, World};

async fn refuses_in(world: &World, mutation: Mutation, code: &str) {
    let page = call_with(world, "/apis/any", of_user(world).mutate(mutation.clone())).await;
    expect_refusal(&page, 401, "invalid_token");
    let problem: Value = serde_json::from_str(&page.body).unwrap();
    let reason = problem["reason"].as_str().unwrap();
    assert!(reason.starts_with(code), "{mutation:?}: {reason}");
}

/// A world in which the key set has been wrong from the beginning.
fn with_keys(edit: KeyEdit) -> World {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().faults().keys(edit);
    let app = App::start(&emulator, |source| source);
    World { emulator, app }
}

macro_rules! refuses {
    ($($name:ident: $mutation:expr => $code:literal;)*) => {
        $(#[actix_web::test]
        async fn $name() {
            refuses_in(&World::start(), $mutation, $code).await;
        })*
    };
}

refuses! {
    a1_alg_none: Mutation::alg_none() => "AAD-TOKEN";
    a1_alg_none_in_other_letters: Mutation::alg_none_spelt("NoNe") => "AAD-TOKEN";
    a1_alg_none_with_a_signature: Mutation::alg_none_with_signature() => "AAD-TOKEN-ALG";
    a3_hs256_with_the_public_key: Mutation::hs256_with_public_key() => "AAD-TOKEN-ALG";
    a4_hs256_with_the_client_secret: Mutation::hs256_with_client_secret() => "AAD-TOKEN-ALG";
    a5_hs256_with_an_empty_key: Mutation::hs256_with_empty_key() => "AAD-TOKEN-ALG";
    a6_rs384: Mutation::algorithm("RS384") => "AAD-TOKEN-ALG";
    a6_ps256: Mutation::algorithm("PS256") => "AAD-TOKEN-ALG";
    a6_es256: Mutation::es256() => "AAD-TOKEN-ALG";
    a7_a_flipped_signature: Mutation::flipped_signature() => "AAD-TOKEN-SIGNATURE";
    a7_an_empty_signature: Mutation::empty_signature() => "AAD-TOKEN-SIGNATURE";
    a7_a_truncated_signature: Mutation::truncated_signature() => "AAD-TOKEN-SIGNATURE";
    a7_a_foreign_key: Mutation::foreign_key() => "AAD-TOKEN-SIGNATURE";
    a7_a_swapped_payload: Mutation::swapped_payload() => "AAD-TOKEN-SIGNATURE";
    a8_the_kid_of_another_key: Mutation::kid_of_another_key() => "AAD-TOKEN-SIGNATURE";
    a9_an_embedded_key: Mutation::embedded_jwk() => "AAD-TOKEN-SIGNATURE";
    a11_a_chain_of_the_attackers: Mutation::x5c() => "AAD-TOKEN-SIGNATURE";
    a12_an_unknown_critical_extension: Mutation::unknown_crit() => "AAD-TOKEN-CRIT";
    a13_an_unencoded_payload: Mutation::b64_false(false) => "AAD-TOKEN-CRIT";
    a13_an_unencoded_payload_marked_critical: Mutation::b64_false(true) => "AAD-TOKEN-CRIT";
    a14_a_logout_token_by_type: Mutation::typ("logout+jwt") => "AAD-TOKEN-TYP";
    a15_an_encrypted_token: Mutation::encrypted() => "AAD-TOKEN-SHAPE";
    a16_two_parts: Mutation::two_parts() => "AAD-TOKEN";
    a16_four_parts: Mutation::four_parts() => "AAD-TOKEN-SHAPE";
    a16_padding: Mutation::padded() => "AAD-TOKEN-SHAPE";
    a16_standard_base64: Mutation::standard_base64() => "AAD-TOKEN-SHAPE";
    a17_a_duplicate_algorithm: Mutation::duplicate_alg() => "AAD-TOKEN-HEADER";
    a17_a_duplicate_claim: Mutation::duplicate_oid() => "AAD-TOKEN-CLAIMS";
    a18_a_payload_that_is_no_object: Mutation::payload_not_an_object() => "AAD-TOKEN-CLAIMS";
    a18_a_payload_that_is_no_text: Mutation::payload_not_utf8() => "AAD-TOKEN-CLAIMS";
    a19_a_numeric_key_id: Mutation::kid(5) => "AAD-TOKEN-KID";
    a19_a_path_as_key_id: Mutation::kid("../../../../etc/passwd") => "AAD-TOKEN-KID";
    a19_a_query_as_key_id: Mutation::kid("' OR 1=1 --") => "AAD-TOKEN-KID";
    a19_a_long_key_id: Mutation::huge_kid(300) => "AAD-TOKEN-KID";
    b1_another_issuer: Mutation::issuer("https://evil.test/") => "AAD-TOKEN-ISS";
    b1_an_issuer_with_a_slash: Mutation::issuer_with_slash() => "AAD-TOKEN-ISS";
    b1_a_prefix_of_the_issuer: Mutation::issuer_prefix() => "AAD-TOKEN-ISS";
    b1_an_array_of_issuers: Mutation::issuer_array() => "AAD-TOKEN-ISS";
    b1_the_issuer_of_version_1: Mutation::issuer_v1() => "AAD-TOKEN-ISS";
    b1_a_missing_issuer: Mutation::without_claim("iss") => "AAD-TOKEN-ISS";
    b3_a_tid_of_another_tenant: Mutation::tenant_mismatch() => "AAD-TOKEN-TID";
    b6_another_audience: Mutation::audience("00000000-0000-0000-0000-000000000000") => "AAD-TOKEN-AUD";
    b6_a_missing_audience: Mutation::without_claim("aud") => "AAD-TOKEN-AUD";
    b6_an_empty_list_of_audiences: Mutation::audience(json!([])) => "AAD-TOKEN-AUD";
    b6_a_prefix_of_the_audience: Mutation::audience_prefix() => "AAD-TOKEN-AUD";
    b8_a_nonce_that_only_an_id_token_has: Mutation::nonce("n") => "AAD-TOKEN-KIND";
    b10_an_expired_token: Mutation::expired() => "AAD-TOKEN-EXP";
    b10_a_token_without_expiry: Mutation::without_exp() => "AAD-TOKEN-EXP";
    b10_an_expiry_as_text: Mutation::time_as_text("exp") => "AAD-TOKEN-EXP";
    b10_a_null_expiry: Mutation::claim("exp", json!(null)) => "AAD-TOKEN-EXP";
    b10_a_negative_expiry: Mutation::claim("exp", -1) => "AAD-TOKEN-EXP";
    b10_an_expiry_beyond_numbers: Mutation::exp_out_of_range() => "AAD-TOKEN";
    b11_a_not_before_as_text: Mutation::time_as_text("nbf") => "AAD-TOKEN-NBF";
    b11_an_issue_time_as_text: Mutation::time_as_text("iat") => "AAD-TOKEN-IAT";
    b12_a_token_of_the_future: Mutation::not_yet_valid() => "AAD-TOKEN";
    b13_an_expiry_two_hours_ago: Mutation::shift("exp", -3 * 3600) => "AAD-TOKEN-EXP";
    b23_a_token_beyond_the_cap: Mutation::huge(20_000) => "AAD-TOKEN-SIZE";
    b23_claims_nested_too_deep: Mutation::deep(3_000) => "AAD-TOKEN-CLAIMS";
    r92_a_dpop_token_as_a_plain_bearer: Mutation::claim("cnf", json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})) => "AAD-TOKEN-CNF";
    r92_a_token_bound_to_a_client_certificate: Mutation::claim("cnf", json!({"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"})) => "AAD-TOKEN-CNF";
    r92_the_token_in_entras_signed_request: Mutation::claim("cnf", json!({"kid": "k", "xms_ksl": "sw"})) => "AAD-TOKEN-CNF";
    r92_a_confirmation_that_names_no_key: Mutation::claim("cnf", json!({})) => "AAD-TOKEN-CNF";
    r92_a_confirmation_of_another_type: Mutation::claim("cnf", "jkt") => "AAD-TOKEN-CNF";
    b23_too_many_claims: Mutation::many_claims(300) => "AAD-TOKEN-CLAIMS";
}

#[actix_web::test]
async fn a2_an_algorithm_that_the_metadata_offers() {
    let emulator = Emulator::builder().start().unwrap();
    let offered = json!(["none", "HS256", "RS384", "RS256"]);
    let member = "id_token_signing_alg_values_supported";
    emulator
        .control()
        .faults()
        .set(Fault::metadata(member, offered));
    let app = App::start(&emulator, |source| source);
    let world = World { emulator, app };
    refuses_in(&world, Mutation::alg_none(), "AAD-TOKEN").await;
    refuses_in(&world, Mutation::algorithm("RS384"), "AAD-TOKEN-ALG").await;
}

#[actix_web::test]
async fn a10_a_key_address_in_the_header_is_not_called() {
    let world = World::start();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let evil = format!("http://{}/keys", listener.local_addr().unwrap());
    for mutation in [Mutation::jku(&evil), Mutation::x5u(&evil)] {
        refuses_in(&world, mutation, "AAD-TOKEN-SIGNATURE").await;
    }
    assert!(listener.accept().is_err(), "somebody called");
}

#[actix_web::test]
async fn a20_to_a24_keys_that_must_not_verify() {
    let signing = |member: &str, value: Value| {
        KeyEdit::SigningEntry(MemberEdit::Set(member.to_owned(), value))
    };
    for (edit, mutation) in [
        (KeyEdit::WeakKey, Mutation::weak_key()),
        (KeyEdit::ShortModulus(512), Mutation::none()),
        (KeyEdit::ExponentOne, Mutation::exponent_one()),
        (KeyEdit::ShortModulus(1 << 20), Mutation::none()),
        (KeyEdit::DuplicateKid, Mutation::none()),
        (signing("use", json!("enc")), Mutation::none()),
        (signing("key_ops", json!(["encrypt"])), Mutation::none()),
        (signing("alg", json!("RS512")), Mutation::none()),
    ] {
        refuses_in(&with_keys(edit), mutation, "AAD-TOKEN").await;
    }
}

#[actix_web::test]
async fn a23_a_symmetric_key_in_the_key_set() {
    let world = with_keys(KeyEdit::SymmetricKey("anybody's".to_owned()));
    refuses_in(
        &world,
        Mutation::hs256_with_client_secret(),
        "AAD-TOKEN-ALG",
    )
    .await;
    assert_eq!(
        call_with(&world, "/apis/any", of_user(&world)).await.status,
        200
    );
}

#[actix_web::test]
async fn a25_bad_keys_beside_the_right_one_are_no_reason_to_refuse() {
    let world = with_keys(KeyEdit::AddFirst("{\"kty\":\"XYZ\"}".to_owned()));
    assert_eq!(
        call_with(&world, "/apis/any", of_user(&world)).await.status,
        200
    );
}

#[actix_web::test]
async fn a26_a_key_of_another_tenant() {
    let issuer = "https://login.microsoftonline.com/22220000-aaaa-4bbb-8ccc-000000000002/v2.0";
    let edit = MemberEdit::Set("issuer".to_owned(), json!(issuer));
    let world = with_keys(KeyEdit::SigningEntry(edit));
    refuses_in(&world, Mutation::none(), "AAD-TOKEN-KEY-ISS").await;
}

#[actix_web::test]
async fn b2_the_issuer_template_itself() {
    let world = World::start();
    let origin = world
        .emulator
        .url()
        .as_str()
        .trim_end_matches('/')
        .to_owned();
    refuses_in(&world, Mutation::issuer_template(&origin), "AAD-TOKEN-ISS").await;
}

#[actix_web::test]
async fn b4_a_consistent_token_of_another_tenant() {
    let world = World::start();
    let origin = world
        .emulator
        .url()
        .as_str()
        .trim_end_matches('/')
        .to_owned();
    let other = Mutation::of_tenant(&origin, &TENANT.replace('1', "2"));
    refuses_in(&world, other, "AAD-TOKEN").await;
}

#[actix_web::test]
async fn b5_identifiers_that_are_missing_empty_null_numbers_or_long() {
    let world = World::start();
    for name in ["tid", "oid", "sub"] {
        refuses_in(&world, Mutation::without_claim(name), "AAD-TOKEN").await;
        for value in [json!(""), Value::Null, json!(7), json!("x".repeat(300))] {
            refuses_in(&world, Mutation::identity(name, value), "AAD-TOKEN").await;
        }
    }
}

/// RFC 9449 section 7.2: neither the scheme nor a proof beside it makes a bound token a plain one.
#[actix_web::test]
async fn r92_a_bound_token_is_refused_each_time_and_whatever_comes_with_it() {
    let world = World::start();
    let bound = of_user(&world)
        .claim("cnf", json!({"jkt": "x"}))
        .sign()
        .unwrap();
    let proof = of_user(&world).sign().unwrap();
    for _ in 0..2 {
        for header in [("dpop", proof.as_str()), ("accept", "*/*")] {
            let authorization = format!("Bearer {bound}");
            let headers = [("authorization", authorization.as_str()), header];
            let url = world.app.url("/apis/any");
            let page = Browser::new().send(Method::GET, &url, &headers, None).await;
            expect_refusal(&page, 401, "invalid_token");
            let challenge = page.header("www-authenticate").unwrap();
            assert!(
                !challenge.contains("DPoP error"),
                "no such scheme is served: {challenge}"
            );
        }
        for scheme in ["DPoP", "PoP"] {
            let page = call(&world, "/apis/run", &format!("{scheme} {bound}")).await;
            assert_eq!(page.status, 401, "{scheme}");
        }
    }
    assert_eq!(world.app.auth.engine().verifier().cache_usage().0, 0);
}

/// The same rows by a token of another kind: what we ourselves were given at a sign-in.
#[actix_web::test]
async fn a_genuine_id_token_and_a_logout_token() {
    let world = World::start();
    let mint = || world.emulator.control().mint();
    let id_token = mint().id_token(ADA, CLIENT, "nonce").unwrap();
    let logout = mint().logout_token(ADA, CLIENT, "sid").unwrap();
    for mint in [id_token.without("nonce"), logout] {
        let page = call_with(&world, "/apis/any", mint).await;
        expect_refusal(&page, 401, "invalid_token");
    }
    let id_token = mint().id_token(ADA, CLIENT, "nonce").unwrap();
    let page = call_with(&world, "/apis/any", id_token).await;
    expect_refusal(&page, 401, "invalid_token");
}

#[actix_web::test]
async fn b13_b14_what_must_be_accepted_is() {
    let world = World::start();
    let now = world.emulator.control().now();
    for mutation in [
        Mutation::typ("at+jwt"),
        Mutation::audience_in_array(),
        Mutation::fractional_times(now),
        Mutation::shift("nbf", 30),
        Mutation::audience(format!("api://{CLIENT}")),
        Mutation::claim("unknown_claim", json!({"a": [1, null]})),
        Mutation::claim("cnf", Value::Null),
    ] {
        let page = call_with(
            &world,
            "/apis/any",
            of_user(&world).mutate(mutation.clone()),
        )
        .await;
        assert_eq!(page.status, 200, "{mutation:?}: {}", page.body);
    }
}

#[actix_web::test]
async fn b21_a_hostile_name_reaches_no_header() {
    let world = World::start();
    let name = "<img src=x onerror=alert(1)>\r\nSet-Cookie: a=b\0\u{202e}";
    let mint = of_user(&world).claim("name", name).claim("scp", SCOPE);
    let page = call_with(&world, "/apis/any", mint).await;
    assert_eq!(page.status, 200);
    assert!(page.all("set-cookie").is_empty());
}

/// Nothing in all of this has asked anybody for anything but the metadata and the keys.
#[actix_web::test]
async fn f6_refused_bearers_cause_one_fetch_of_keys_beyond_the_first() {
    let world = World::start();
    for number in 0..50 {
        let mutation = Mutation::kid(format!("forged-{number}"));
        refuses_in(&world, mutation, "AAD-TOKEN-KID").await;
    }
    assert!(world.emulator.control().count_calls(Endpoint::Keys) <= 2);
}
