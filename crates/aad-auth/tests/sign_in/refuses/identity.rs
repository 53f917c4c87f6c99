//! Whom a token speaks of (abuse B2 to B5, B9 to B13, B16, B17, B20, B23), through the whole
//! sign-in.

use entra_emulator::{Emulator, Fault, Mutation};
use serde_json::{Value, json};

use super::{refused, refuses_in};
use crate::support::{ADA, App, Browser, CLIENT, TENANT, World, stored};

const MULTI_TENANT: &str = "00001111-aaaa-4222-8333-000000000002";
const FRANK: &str = "frank@fabrikam.example.test";
/// Of another tenant; the administrator there has given her Ada's e-mail address.
const EVE: &str = "eve@fabrikam.example.test";

/// An application for several tenants, of which these may sign in.
pub fn several_tenants(emulator: Emulator, allowed: &str) -> World {
    let app = App::start(&emulator, |source| {
        source
            .with("AAD_TENANT_ID", "organizations")
            .with("AAD_CLIENT_ID", MULTI_TENANT)
            .with("AAD_CLIENT_SECRET", "emulator~secret~multi-tenant")
            .with("AAD_ALLOWED_TENANTS", allowed)
    });
    World { emulator, app }
}

refuses! {
    b1_the_issuer_of_version_1: Mutation::issuer_v1() => "AAD-TOKEN-ISS";
    b5_a_missing_sub: Mutation::without_claim("sub") => "AAD-TOKEN-SUB";
    b6_an_empty_list_of_audiences: Mutation::audience(json!([])) => "AAD-TOKEN-AUD";
    b6_a_numeric_audience: Mutation::audience(5) => "AAD-TOKEN-AUD";
    b8_an_empty_nonce: Mutation::nonce("") => "AAD-TOKEN-NONCE";
    b10_an_expiry_as_text: Mutation::time_as_text("exp") => "AAD-TOKEN-EXP";
    b10_a_null_expiry: Mutation::claim("exp", json!(null)) => "AAD-TOKEN-EXP";
    b10_a_negative_expiry: Mutation::claim("exp", -1) => "AAD-TOKEN-EXP";
    b11_an_issue_time_as_text: Mutation::time_as_text("iat") => "AAD-TOKEN-IAT";
    b12_a_missing_issue_time: Mutation::without_claim("iat") => "AAD-TOKEN-IAT";
    b12_a_not_before_two_hours_ahead: Mutation::shift("nbf", 7200) => "AAD-TOKEN-NBF";
    b12_an_issue_time_two_hours_ahead: Mutation::shift("iat", 7200) => "AAD-TOKEN-IAT";
    b13_an_expiry_two_hours_ago: Mutation::shift("exp", -3 * 3600) => "AAD-TOKEN-EXP";
    b23_claims_nested_too_deep: Mutation::deep(3_000) => "AAD-TOKEN-CLAIMS";
    b23_claims_nested_beyond_the_cap: Mutation::deep(20_000) => "AAD-TOKEN-SIZE";
    b23_too_many_claims: Mutation::many_claims(300) => "AAD-TOKEN-CLAIMS";
    b23_claims_beyond_the_cap: Mutation::many_claims(10_000) => "AAD-TOKEN-SIZE";
}

#[actix_web::test]
async fn b5_identifiers_that_are_empty_null_numbers_or_long() {
    let world = World::start();
    for name in ["tid", "oid", "sub"] {
        for value in [json!(""), Value::Null, json!(7), json!("x".repeat(300))] {
            refuses_in(&world, Mutation::identity(name, value), "AAD-TOKEN").await;
        }
    }
}

#[actix_web::test]
async fn b2_the_issuer_template_with_a_multi_tenant_authority() {
    let emulator = Emulator::builder().start().unwrap();
    let origin = emulator.url().as_str().trim_end_matches('/').to_owned();
    let world = several_tenants(emulator, "*");
    refuses_in(&world, Mutation::issuer_template(&origin), "AAD-TOKEN-ISS").await;
    // The template as tenant, too: the first path segment must be a tenant's id.
    let consistent = Mutation::issuer_template(&origin).and(Mutation::claim("tid", "{tenantid}"));
    refuses_in(&world, consistent, "AAD-TOKEN-TID").await;
}

#[actix_web::test]
async fn b3_issuer_and_tenant_that_differ_with_a_multi_tenant_authority() {
    let world = several_tenants(Emulator::builder().start().unwrap(), "*");
    refuses_in(&world, Mutation::tenant_mismatch(), "AAD-TOKEN-ISS").await;
}

#[actix_web::test]
async fn b9_the_nonce_of_an_earlier_sign_in_and_its_whole_token() {
    let world = World::start();
    world.users(ADA);
    let sign_in = world.app.url("/auth/sign_in?return_to=/app/x");
    let first = Browser::new().get(&sign_in).await;
    let nonce = first.parameter("nonce").unwrap();
    refuses_in(&world, Mutation::nonce(nonce.as_str()), "AAD-TOKEN-NONCE").await;
    let control = world.emulator.control();
    let mint = control.mint().id_token(ADA, CLIENT, &nonce).unwrap();
    let earlier = mint.sign().unwrap();
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    control
        .faults()
        .set(Fault::token_answer("id_token", earlier).once());
    refused(&world, &browser, &callback, "AAD-TOKEN").await;
}

async fn whoami(world: &World, user: &str) -> Value {
    world.users(user);
    let browser = Browser::new();
    let page = browser.open(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 200, "{user}: {}", page.body);
    let page = browser.fetch(&world.app.url("/apis/any")).await;
    serde_json::from_str(&page.body).unwrap()
}

#[actix_web::test]
async fn b16_an_email_address_makes_nobody_the_same_user() {
    let world = several_tenants(Emulator::builder().start().unwrap(), "*");
    let (ada, eve) = (whoami(&world, ADA).await, whoami(&world, EVE).await);
    assert!(ada["tid"] != eve["tid"] && ada["oid"] != eve["oid"]);
    assert_eq!(eve["roles"], json!([]), "Ada's role came along");
    assert_eq!(ada["roles"], json!(["Admin"]));
    // And who changes names and addresses stays who she is.
    let control = world.emulator.control();
    let renamed = control.edit_user(ADA, |user| {
        user.display_name = "Somebody Else".to_owned();
        user.mail = Some("new@northwind.example.test".to_owned());
    });
    renamed.unwrap();
    assert_eq!(whoami(&world, ADA).await["oid"], ada["oid"]);
}

#[actix_web::test]
async fn b17_an_email_address_of_an_allowed_tenant_lets_nobody_in() {
    let world = several_tenants(Emulator::builder().start().unwrap(), TENANT);
    for mail in [
        "ada@northwind.example.test",
        "eve@evil.test@northwind.example.test",
        "eve@evil.test\u{ff20}northwind.example.test",
    ] {
        let control = world.emulator.control();
        let edited = control.edit_user(EVE, |user| user.mail = Some(mail.to_owned()));
        edited.unwrap();
        world.users(EVE);
        let browser = Browser::new();
        let callback = browser.until_callback(&world.app.url("/app/x")).await;
        let page = refused(&world, &browser, &callback, "AAD-TOKEN-TENANT").await;
        assert_eq!(page.status, 403);
    }
}

#[actix_web::test]
async fn b4_a_tenant_that_is_not_allowed_is_told_so_and_can_use_another_account() {
    let world = several_tenants(Emulator::builder().start().unwrap(), TENANT);
    world.users(FRANK);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let before = stored(&world).await;
    let page = refused(&world, &browser, &callback, "AAD-TOKEN-TENANT").await;
    assert!(page.body.contains("Your organisation has no access here"));
    assert!(page.body.contains("Use another account"));
    assert!(page.body.contains("prompt=select_account"));
    assert!(!page.body.contains("fabrikam"), "whose page it is");
    let after = stored(&world).await;
    assert_eq!(before, after, "something was stored");
    // The same browser, another account.
    world.users(ADA);
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
}

#[actix_web::test]
async fn b20_roles_of_another_type_grant_nothing() {
    let world = World::start();
    world.users(ADA);
    for roles in [json!("Admin"), json!({"Admin": true}), json!(["Admin", 5])] {
        let browser = Browser::new();
        let mutation = Mutation::claim("roles", roles).and(Mutation::claim("groups", 7));
        let faults = world.emulator.control().faults();
        faults.set(Fault::id_token(mutation).once());
        assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
        let page = browser.get(&world.app.url("/admin/x")).await;
        assert_eq!(page.status, 403, "{}", page.body);
        faults.clear();
    }
}
