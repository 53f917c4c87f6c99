//! Key sets that are wrong or hostile (abuse A20 to A26, F11), through the whole sign-in.

use entra_emulator::{Emulator, Fault, KeyEdit, MemberEdit, Mutation};
use serde_json::json;

use super::refused;
use crate::support::{ADA, App, Browser, CLIENT_SECRET, World};

const OTHER_TENANT: &str = "22220000-aaaa-4bbb-8ccc-000000000002";

/// A world in which the key set has been wrong from the beginning.
fn world(edits: Vec<KeyEdit>) -> World {
    let emulator = Emulator::builder().start().unwrap();
    for edit in edits {
        emulator.control().faults().keys(edit);
    }
    let app = App::start(&emulator, |source| source);
    World { emulator, app }
}

async fn refuses(edit: KeyEdit, mutation: Mutation, code: &str) {
    let world = world(vec![edit]);
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let faults = world.emulator.control().faults();
    faults.set(Fault::id_token(mutation));
    refused(&world, &browser, &callback, code).await;
}

async fn accepts(edits: Vec<KeyEdit>, mutation: Mutation) {
    let what = format!("{edits:?}");
    let world = world(edits);
    world.users(ADA);
    let faults = world.emulator.control().faults();
    faults.set(Fault::id_token(mutation));
    let page = Browser::new().open(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 200, "{what}: {}", page.body);
}

fn signing_key(member: &str, value: serde_json::Value) -> KeyEdit {
    KeyEdit::SigningEntry(MemberEdit::Set(member.to_owned(), value))
}

#[actix_web::test]
async fn a20_a_key_of_1024_bits() {
    refuses(KeyEdit::WeakKey, Mutation::weak_key(), "AAD-TOKEN-KID").await;
}

#[actix_web::test]
async fn a20_a_key_of_512_bits() {
    refuses(
        KeyEdit::ShortModulus(512),
        Mutation::none(),
        "AAD-TOKEN-KID",
    )
    .await;
}

#[actix_web::test]
async fn a21_an_exponent_of_one() {
    refuses(
        KeyEdit::ExponentOne,
        Mutation::exponent_one(),
        "AAD-TOKEN-KID",
    )
    .await;
}

#[actix_web::test]
async fn a21_a_giant_modulus() {
    refuses(
        KeyEdit::ShortModulus(1 << 20),
        Mutation::none(),
        "AAD-TOKEN-KID",
    )
    .await;
}

/// The first usable key of an id counts, whoever put it there: no trial of several.
#[actix_web::test]
async fn a22_a_second_key_under_the_same_id() {
    refuses(
        KeyEdit::DuplicateKid,
        Mutation::none(),
        "AAD-TOKEN-SIGNATURE",
    )
    .await;
}

#[actix_web::test]
async fn a23_a_symmetric_key_in_the_key_set() {
    let secret = KeyEdit::SymmetricKey(CLIENT_SECRET.to_owned());
    let hmac = Mutation::hs256_with_client_secret();
    refuses(secret.clone(), hmac, "AAD-TOKEN-ALG").await;
    accepts(vec![secret], Mutation::none()).await;
}

#[actix_web::test]
async fn a24_a_key_for_encryption() {
    refuses(
        signing_key("use", json!("enc")),
        Mutation::none(),
        "AAD-TOKEN-KID",
    )
    .await;
}

#[actix_web::test]
async fn a24_a_key_whose_operations_do_not_include_verification() {
    let edit = signing_key("key_ops", json!(["encrypt"]));
    refuses(edit, Mutation::none(), "AAD-TOKEN-KID").await;
}

#[actix_web::test]
async fn a24_a_key_for_another_algorithm() {
    let edit = signing_key("alg", json!("RS512"));
    refuses(edit, Mutation::none(), "AAD-TOKEN").await;
}

#[actix_web::test]
async fn a25_bad_keys_beside_the_right_one_are_no_reason_to_refuse() {
    let bad = [
        "null",
        "5",
        "{}",
        "{\"kty\":\"XYZ\",\"kid\":\"x\"}",
        "{\"kty\":\"RSA\",\"kid\":\"y\",\"n\":\"!\",\"e\":\"AQAB\"}",
        "[\"key\"]",
    ];
    let before = bad.iter().map(|text| KeyEdit::AddFirst((*text).to_owned()));
    let after = bad.iter().map(|text| KeyEdit::Add((*text).to_owned()));
    accepts(before.chain(after).collect(), Mutation::none()).await;
}

#[actix_web::test]
async fn a26_a_key_of_another_tenant() {
    let issuer = format!("https://login.microsoftonline.com/{OTHER_TENANT}/v2.0");
    let edit = signing_key("issuer", json!(issuer));
    refuses(edit, Mutation::none(), "AAD-TOKEN-KEY-ISS").await;
}

/// Above all where the authority lets several tenants in: there, a key of one of them would
/// otherwise sign for all.
#[actix_web::test]
async fn a26_a_key_of_another_tenant_with_a_multi_tenant_authority() {
    for issuer in [Some(OTHER_TENANT), None] {
        let emulator = Emulator::builder().start().unwrap();
        let origin = emulator.url().as_str().trim_end_matches('/').to_owned();
        emulator
            .control()
            .faults()
            .keys(KeyEdit::EachEntry(match issuer {
                Some(tenant) => {
                    let issuer = format!("{origin}/{tenant}/v2.0");
                    MemberEdit::Set("issuer".to_owned(), json!(issuer))
                }
                None => MemberEdit::Remove("issuer".to_owned()),
            }));
        let world = super::identity::several_tenants(emulator, "*");
        world.users(ADA);
        let browser = Browser::new();
        let callback = browser.until_callback(&world.app.url("/app/x")).await;
        refused(&world, &browser, &callback, "AAD-TOKEN-KEY-ISS").await;
    }
}

#[actix_web::test]
async fn f10_a_giant_key_set_still_signs_in() {
    accepts(vec![KeyEdit::Many(2_000)], Mutation::none()).await;
}

#[actix_web::test]
async fn f11_no_key_id_with_a_single_key_is_accepted() {
    accepts(vec![KeyEdit::OnlySigningKey], Mutation::without_kid()).await;
}
