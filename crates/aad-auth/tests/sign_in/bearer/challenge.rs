//! The challenge: which scope and authority, and a claims challenge for those who can handle it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{call_with, expect_refusal, of_application, of_user};
use crate::support::{Browser, CLIENT, PERMISSION, Page, World};

fn parameter(page: &Page, name: &str) -> Option<String> {
    let challenge = page.header("www-authenticate").unwrap();
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

#[actix_web::test]
async fn it_names_scope_and_authority_and_no_error_without_a_credential() {
    let world = World::start();
    // The authority is known once the metadata is loaded, which the first token waits for.
    call_with(&world, "/apis/either", of_user(&world)).await;
    let page = Browser::new().fetch(&world.app.url("/apis/either")).await;
    assert_eq!(page.status, 401);
    assert_eq!(parameter(&page, "realm").unwrap(), CLIENT);
    assert_eq!(parameter(&page, "scope").unwrap(), "access_as_user");
    assert_eq!(parameter(&page, "error"), None);
    let authority = parameter(&page, "authorization_uri").unwrap();
    assert!(
        authority.starts_with(world.emulator.url().as_str()),
        "{authority}"
    );
}

#[actix_web::test]
async fn where_a_session_would_do_too_both_ways_are_named() {
    let world = World::start();
    let page = Browser::new().fetch(&world.app.url("/apis/read")).await;
    assert_eq!(page.status, 401);
    let challenges = page.all("www-authenticate");
    assert!(challenges.iter().any(|one| one.starts_with("Session ")));
    assert!(challenges.iter().any(|one| one.starts_with("Bearer ")));
    assert!(page.body.contains("login_url"));
}

#[actix_web::test]
async fn a_claims_challenge_goes_only_to_a_client_that_can_handle_it() {
    let world = World::start();
    for capabilities in [Value::Null, json!([]), json!(["cp2"]), json!("cp1")] {
        let mint = of_user(&world).claim("xms_cc", capabilities);
        let page = call_with(&world, "/apis/careful", mint).await;
        expect_refusal(&page, 403, "insufficient_scope");
        assert_eq!(parameter(&page, "claims"), None);
    }
    let mint = of_user(&world).claim("xms_cc", json!(["cp1"]));
    let page = call_with(&world, "/apis/careful", mint).await;
    expect_refusal(&page, 401, "insufficient_claims");
    assert_eq!(parameter(&page, "cc_type").unwrap(), "authcontext");
    assert_eq!(parameter(&page, "client_id").unwrap(), CLIENT);
    let claims = STANDARD
        .decode(parameter(&page, "claims").unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let expected = json!({"access_token": {"acrs": {"essential": true, "value": "c1"}}});
    assert_eq!(claims, expected);
}

#[actix_web::test]
async fn a_claims_challenge_is_of_no_use_to_whom_it_cannot_help() {
    let world = World::start();
    let capable = json!(["cp1"]);
    // The scope is missing as well; or nobody is there who could sign in again.
    let user = of_user(&world).claim("scp", "Other.Read");
    let application = of_application(&world, &["Other.Run"]);
    for mint in [user, application] {
        let page = call_with(
            &world,
            "/apis/careful",
            mint.claim("xms_cc", capable.clone()),
        )
        .await;
        expect_refusal(&page, 403, "insufficient_scope");
    }
}

#[actix_web::test]
async fn a_satisfied_context_lets_in_and_another_does_not() {
    let world = World::start();
    for (acrs, status) in [
        (json!(["c1"]), 200),
        (json!(["p1", "c1"]), 200),
        (json!(["c2", "c10"]), 403),
        (json!("c1"), 403),
    ] {
        let mint = of_user(&world).claim("acrs", acrs.clone());
        let page = call_with(&world, "/apis/careful", mint).await;
        assert_eq!(page.status, status, "{acrs}");
    }
    let mint = of_application(&world, &[PERMISSION]);
    assert_eq!(call_with(&world, "/apis/careful", mint).await.status, 200);
}
