//! Which tenants' users may sign in and call: the application's own answer.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering::SeqCst},
};

use aad_auth::{
    Auth, Config,
    config::{Guid, ResolverError, Source},
};
use entra_emulator::Emulator;

use crate::{
    bearer::{call, expect_refusal},
    refuses::refused,
    support::{ADA, App, Browser, SCOPE, TENANT, World, stored},
};

const MULTI_TENANT: &str = "00001111-aaaa-4222-8333-000000000002";
const FRANK: &str = "frank@fabrikam.example.test";

const CUSTOMER: u8 = 0;
const STRANGER: u8 = 1;
const BROKEN: u8 = 2;

/// An application that looks its customers up: Northwind always is one, others by `answer`.
fn world(answer: &Arc<AtomicU8>) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let answer = Arc::clone(answer);
    let app = App::start_at(emulator.url().as_str(), multi_tenant, move |builder| {
        builder.resolve_tenants(move |tenant: &Guid| {
            let known = tenant.as_str() == TENANT;
            let answer = answer.load(SeqCst);
            async move {
                // As a look-up in a database would.
                actix_web::rt::task::yield_now().await;
                match answer {
                    CUSTOMER => Ok(true),
                    STRANGER => Ok(known),
                    _ => Err(ResolverError),
                }
            }
        })
    });
    World { emulator, app }
}

fn multi_tenant(source: Source) -> Source {
    source
        .with("AAD_TENANT_ID", "organizations")
        .with("AAD_CLIENT_ID", MULTI_TENANT)
        .with("AAD_CLIENT_SECRET", "emulator~secret~multi-tenant")
        .with("AAD_ALLOWED_TENANTS", "*")
}

#[actix_web::test]
async fn a_tenant_that_is_no_customer_gets_a_page_and_nothing_is_stored() {
    let answer = Arc::new(AtomicU8::new(STRANGER));
    let world = world(&answer);
    world.users(FRANK);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let before = stored(&world).await;
    let page = refused(&world, &browser, &callback, "AAD-TOKEN-TENANT").await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("Your organisation has no access here"));
    assert!(page.body.contains("prompt=select_account"));
    assert_eq!(stored(&world).await, before);
    // The customers' people are let in meanwhile, and Frank's once they are customers too.
    world.users(ADA);
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
    answer.store(CUSTOMER, SeqCst);
    world.users(FRANK);
    let browser = Browser::new();
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
}

#[actix_web::test]
async fn a_resolver_that_cannot_answer_lets_nobody_in() {
    let answer = Arc::new(AtomicU8::new(BROKEN));
    let world = world(&answer);
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let before = stored(&world).await;
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 503);
    assert!(page.header("retry-after").is_some());
    assert!(browser.session_cookie().is_none());
    assert_eq!(stored(&world).await, before);
}

#[actix_web::test]
async fn a_bearer_of_a_tenant_that_is_no_customer_any_more_is_refused() {
    let answer = Arc::new(AtomicU8::new(CUSTOMER));
    let world = world(&answer);
    let mint = world.emulator.control().mint();
    let token = mint.user_token(FRANK, MULTI_TENANT, SCOPE).unwrap();
    let header = format!("Bearer {}", token.sign().unwrap());
    assert_eq!(call(&world, "/apis/any", &header).await.status, 200);
    answer.store(STRANGER, SeqCst);
    let page = call(&world, "/apis/any", &header).await;
    expect_refusal(&page, 401, "invalid_token");
    assert!(page.body.contains("AAD-TENANT-NOT-ALLOWED"));
    answer.store(BROKEN, SeqCst);
    assert_eq!(call(&world, "/apis/any", &header).await.status, 503);
}

/// Of two lists one would silently count for nothing.
#[test]
fn a_list_beside_the_applications_answer_is_a_start_error() {
    let source = multi_tenant(Source::new())
        .with("AAD_ALLOWED_TENANTS", TENANT)
        .with("AAD_SESSION_STORE", "memory")
        .with("AAD_SESSION_SECRET", "QUJD".repeat(22));
    let builder = Auth::builder(Config::parse(&source).unwrap());
    let built = builder
        .resolve_tenants(|_: &Guid| async { Ok(true) })
        .build();
    let error = built.err().unwrap().to_string();
    assert!(error.contains("AAD_ALLOWED_TENANTS"), "{error}");
}
