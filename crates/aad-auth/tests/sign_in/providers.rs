//! Other ways to be set up: Basic authentication, userinfo, any OpenID provider, several tenants,
//! and the application's own word.

use aad_auth::Admission;
use entra_emulator::{Emulator, Endpoint, Fault};

use crate::support::{ADA, App, Browser, ROBIN, TENANT, World};

async fn signs_in(world: &World) -> bool {
    world.users(ADA);
    let page = Browser::new().open(&world.app.url("/app/x")).await;
    page.status == 200
}

#[actix_web::test]
async fn the_secret_goes_by_basic_where_that_is_set() {
    for (method, scheme) in [("client_secret_basic", true), ("client_secret_post", false)] {
        let world = World::with(|source| source.with("AAD_CLIENT_AUTH", method));
        // The secret holds characters that must be form-encoded (RFC 6749 section 2.3.1).
        assert!(signs_in(&world).await, "{method}");
        let calls = world.emulator.control().calls();
        let call = calls
            .iter()
            .find(|call| call.endpoint == Endpoint::Token)
            .unwrap();
        assert_eq!(call.header("authorization").is_some(), scheme, "{method}");
    }
}

#[actix_web::test]
async fn a_wrong_secret_is_a_page_about_the_application_and_not_the_user() {
    let world = World::with(|source| source.with("AAD_CLIENT_SECRET", "wrong"));
    world.users(ADA);
    let page = Browser::new().open(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 502);
    assert!(page.body.contains("AAD-CREDENTIAL-REFUSED") && page.body.contains("AADSTS7000215"));
    let status = world.app.auth.status().await;
    assert!(
        status
            .degraded
            .iter()
            .any(|line| line.contains("AAD_CLIENT_SECRET")),
        "{status:?}"
    );
}

#[actix_web::test]
async fn a_second_secret_is_tried_when_the_first_is_refused() {
    let both = format!("expired,{}", crate::support::CLIENT_SECRET);
    let world = World::with(|source| source.with("AAD_CLIENT_SECRET", both));
    assert!(signs_in(&world).await);
}

#[actix_web::test]
async fn userinfo_of_another_subject_is_refused() {
    let world = World::with(|source| source.with("AAD_USERINFO", "true"));
    assert!(signs_in(&world).await);
    for fault in [
        Fault::body(Endpoint::UserInfo, "{\"sub\":\"somebody else\"}"),
        Fault::body(Endpoint::UserInfo, "{}"),
        Fault::status(Endpoint::UserInfo, 401),
    ] {
        world.emulator.control().faults().set(fault.once());
        let browser = Browser::new();
        let page = browser.open(&world.app.url("/app/x")).await;
        assert_eq!(page.status, 400);
        assert!(page.body.contains("AAD-FLOW-USERINFO"), "{}", page.body);
        assert!(browser.session_cookie().is_none());
        world.emulator.control().faults().clear();
    }
}

#[actix_web::test]
async fn any_openid_provider_signs_in_by_its_issuer() {
    let world = World::generic();
    assert!(signs_in(&world).await);
}

#[actix_web::test]
async fn an_issuer_that_differs_from_the_metadatas_stops_the_first_redirect() {
    let emulator = Emulator::builder().start().unwrap();
    emulator
        .control()
        .faults()
        .set(Fault::metadata("issuer", "https://evil.test/"));
    let app = App::start(&emulator, |source| source);
    let page = Browser::new().get(&app.url("/auth/sign_in")).await;
    assert_eq!(page.status, 503);
    assert!(page.header("location").is_none());
}

#[actix_web::test]
async fn several_tenants_and_only_those_that_are_allowed() {
    const MULTI: &str = "00001111-aaaa-4222-8333-000000000002";
    let emulator = Emulator::builder().start().unwrap();
    let directory = emulator.control().directory();
    let application = directory
        .applications
        .iter()
        .find(|one| one.app_id == MULTI)
        .unwrap();
    let secret = application.password_credentials[0].secret_text.clone();
    let app = App::start(&emulator, |source| {
        source
            .with("AAD_TENANT_ID", "organizations")
            .with("AAD_CLIENT_ID", MULTI)
            .with("AAD_CLIENT_SECRET", secret.unwrap_or_default())
            .with("AAD_ALLOWED_TENANTS", TENANT)
    });
    let world = World { emulator, app };
    assert!(signs_in(&world).await);
    world.users("frank@fabrikam.example.test");
    let browser = Browser::new();
    let page = browser.open(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains("organisation") && page.body.contains("prompt=select_account"));
    assert!(browser.session_cookie().is_none());
}

#[actix_web::test]
async fn the_application_may_refuse() {
    let emulator = Emulator::builder().start().unwrap();
    let app = App::start_at(
        emulator.url().as_str(),
        |source| source,
        |builder| {
            builder.on_sign_in(|user| async move {
                let admin = user.roles.iter().any(|role| &**role == "Admin");
                if admin {
                    Admission::Admit
                } else {
                    Admission::Refuse
                }
            })
        },
    );
    let world = World { emulator, app };
    assert!(signs_in(&world).await);
    world.users(ROBIN);
    let browser = Browser::new();
    let page = browser.open(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("AAD-FLOW-NOT-ADMITTED"));
    assert!(browser.session_cookie().is_none());
}
