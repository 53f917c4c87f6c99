//! ID tokens that break a rule (abuse A and B), through the whole sign-in.

use entra_emulator::{Fault, Mutation};

use super::refuses_in;
use crate::support::{ADA, Browser, TENANT, World};

refuses! {
    a1_alg_none: Mutation::alg_none() => "AAD-TOKEN";
    a1_alg_none_in_other_letters: Mutation::alg_none_spelt("nOnE") => "AAD-TOKEN";
    a1_alg_none_with_a_signature: Mutation::alg_none_with_signature() => "AAD-TOKEN";
    a3_hs256_with_the_public_key: Mutation::hs256_with_public_key() => "AAD-TOKEN-ALG";
    a4_hs256_with_the_client_secret: Mutation::hs256_with_client_secret() => "AAD-TOKEN-ALG";
    a5_hs256_with_an_empty_key: Mutation::hs256_with_empty_key() => "AAD-TOKEN-ALG";
    a6_rs384: Mutation::algorithm("RS384") => "AAD-TOKEN-ALG";
    a6_ps256: Mutation::algorithm("PS256") => "AAD-TOKEN-ALG";
    a6_es256: Mutation::es256() => "AAD-TOKEN-ALG";
    a7_a_flipped_signature: Mutation::flipped_signature() => "AAD-TOKEN-SIGNATURE";
    a7_an_empty_signature: Mutation::empty_signature() => "AAD-TOKEN";
    a7_a_truncated_signature: Mutation::truncated_signature() => "AAD-TOKEN";
    a7_a_foreign_key: Mutation::foreign_key() => "AAD-TOKEN-SIGNATURE";
    a7_a_swapped_payload: Mutation::swapped_payload() => "AAD-TOKEN-SIGNATURE";
    a8_the_kid_of_another_key: Mutation::kid_of_another_key() => "AAD-TOKEN-SIGNATURE";
    a9_an_embedded_key: Mutation::embedded_jwk() => "AAD-TOKEN";
    a17_a_duplicate_claim: Mutation::duplicate_oid() => "AAD-TOKEN-CLAIMS";
    a18_a_payload_that_is_no_object: Mutation::payload_not_an_object() => "AAD-TOKEN-CLAIMS";
    a18_a_payload_that_is_no_text: Mutation::payload_not_utf8() => "AAD-TOKEN-CLAIMS";
    b1_another_issuer: Mutation::issuer("https://evil.test/") => "AAD-TOKEN-ISS";
    b1_an_issuer_with_a_slash: Mutation::issuer_with_slash() => "AAD-TOKEN-ISS";
    b1_a_prefix_of_the_issuer: Mutation::issuer_prefix() => "AAD-TOKEN-ISS";
    b1_an_array_of_issuers: Mutation::issuer_array() => "AAD-TOKEN";
    b1_a_missing_issuer: Mutation::without_claim("iss") => "AAD-TOKEN-ISS";
    b3_a_tid_of_another_tenant: Mutation::tenant_mismatch() => "AAD-TOKEN-TID";
    b5_a_missing_tid: Mutation::without_claim("tid") => "AAD-TOKEN-TID";
    b5_a_missing_oid: Mutation::without_claim("oid") => "AAD-TOKEN-OID";
    b5_an_empty_sub: Mutation::claim("sub", "") => "AAD-TOKEN-SUB";
    b5_a_numeric_sub: Mutation::claim("sub", 5) => "AAD-TOKEN";
    b6_another_audience: Mutation::audience("00000000-0000-0000-0000-000000000000") => "AAD-TOKEN-AUD";
    b6_a_missing_audience: Mutation::without_claim("aud") => "AAD-TOKEN-AUD";
    b6_a_prefix_of_the_audience: Mutation::audience_prefix() => "AAD-TOKEN-AUD";
    b7_several_audiences: Mutation::audiences() => "AAD-TOKEN-AUD";
    b7_another_authorised_party: Mutation::azp("evil") => "AAD-TOKEN-AZP";
    b8_a_missing_nonce: Mutation::without_nonce() => "AAD-TOKEN-NONCE";
    b8_a_wrong_nonce: Mutation::nonce("wrong") => "AAD-TOKEN-NONCE";
    b8_a_nonce_in_capitals: Mutation::nonce_in_capitals() => "AAD-TOKEN-NONCE";
    b10_an_expired_token: Mutation::expired() => "AAD-TOKEN-EXP";
    b10_a_token_without_expiry: Mutation::without_exp() => "AAD-TOKEN-EXP";
    b10_an_expiry_beyond_numbers: Mutation::exp_out_of_range() => "AAD-TOKEN";
    b11_a_not_before_as_text: Mutation::time_as_text("nbf") => "AAD-TOKEN";
    b12_a_token_of_the_future: Mutation::not_yet_valid() => "AAD-TOKEN";
    b12_a_token_issued_years_ago: Mutation::issued_years_ago() => "AAD-TOKEN";
    b15_a_wrong_at_hash: Mutation::wrong_at_hash() => "AAD-TOKEN-AT-HASH";
    b23_a_token_beyond_the_cap: Mutation::huge(20_000) => "AAD-TOKEN-SIZE";
}

#[actix_web::test]
async fn b2_the_issuer_template_itself() {
    let world = World::start();
    let mutation = Mutation::issuer_template(world.emulator.url().as_str().trim_end_matches('/'));
    refuses_in(&world, mutation, "AAD-TOKEN-ISS").await;
}

#[actix_web::test]
async fn b4_a_consistent_token_of_another_tenant() {
    let world = World::start();
    let other = TENANT.replace('1', "2");
    let origin = world
        .emulator
        .url()
        .as_str()
        .trim_end_matches('/')
        .to_owned();
    refuses_in(&world, Mutation::of_tenant(&origin, &other), "AAD-TOKEN").await;
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
async fn b13_b14_b21_what_must_be_accepted_is() {
    let world = World::start();
    world.users(ADA);
    let now = world.emulator.control().now();
    for mutation in [
        Mutation::none(),
        Mutation::audience_in_array(),
        Mutation::fractional_times(now),
        Mutation::shift("nbf", 30),
        Mutation::claim("unknown_claim", serde_json::json!({"a": [1, null]})),
        Mutation::roles_as_text(),
    ] {
        let browser = Browser::new();
        let faults = world.emulator.control().faults();
        let name = format!("{mutation:?}");
        faults.set(Fault::id_token(mutation).once());
        let page = browser.open(&world.app.url("/app/x")).await;
        assert_eq!(page.status, 200, "{name}: {}", page.body);
        faults.clear();
    }
}

#[actix_web::test]
async fn b21_a_hostile_name_is_escaped_and_reaches_no_header() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let name = "<img src=x onerror=alert(1)>\r\nSet-Cookie: a=b\0\u{202e}";
    let faults = world.emulator.control().faults();
    faults.set(Fault::id_token(Mutation::claim("name", name)).once());
    let page = browser.open(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 200);
    assert_eq!(browser.cookies("localhost").len(), 2);
    // One of 64 kB is beyond the cap of a token: a page, and nothing else.
    faults.set(Fault::id_token(Mutation::hostile_name()).once());
    let page = Browser::new().open(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("AAD-TOKEN-SIZE"));
}
