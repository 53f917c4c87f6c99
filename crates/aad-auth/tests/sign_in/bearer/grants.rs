//! What a genuine token must grant: 403 with `insufficient_scope`, and never by mistaking an
//! application for a user.

use serde_json::{Value, json};

use super::{call_with, expect_refusal, of_application, of_user};
use crate::support::{ADA, Browser, CLIENT, PERMISSION, SCOPE, TENANT, World};

#[actix_web::test]
async fn the_caller_is_known_in_full() {
    let world = World::start();
    let page = call_with(&world, "/apis/read", of_user(&world)).await;
    let user: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(user["by"], "bearer");
    assert_eq!(user["kind"], "user");
    assert_eq!(user["tid"], TENANT);
    assert_eq!(user["azp"], CLIENT);
    assert_eq!(user["scopes"], json!([SCOPE]));
    assert_eq!(user["roles"], json!(["Admin"]));
    assert_eq!(user["oid"], "aaaaaaaa-0000-4000-8000-000000000001");
    assert_eq!(user["keyed"], true);
    assert_eq!(user["write"], false);
    let page = call_with(&world, "/apis/run", of_application(&world, &[PERMISSION])).await;
    let application: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(application["kind"], "application");
    assert_eq!(application["roles"], json!([PERMISSION]));
    assert_eq!(application["oid"], application["sub"]);
    assert_eq!(application["scopes"], json!([]));
}

#[actix_web::test]
async fn a_session_has_no_scopes_of_this_api() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    let page = browser.fetch(&world.app.url("/apis/read")).await;
    let caller: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(caller["by"], "session");
    assert_eq!(caller["scopes"], json!([]));
    assert_eq!(caller["azp"], Value::Null);
    assert_eq!(caller["tid"], TENANT);
}

#[actix_web::test]
async fn a_missing_scope_is_refused() {
    let world = World::start();
    for scp in ["", "Other.Read", "access_as_user2", "ACCESS_AS_USER"] {
        for path in ["/apis/read", "/apis/either"] {
            let page = call_with(&world, path, of_user(&world).claim("scp", scp)).await;
            expect_refusal(&page, 403, "insufficient_scope");
            let challenge = page.header("www-authenticate").unwrap();
            assert!(
                challenge.contains("scope=\"access_as_user\""),
                "{challenge}"
            );
        }
    }
}

#[actix_web::test]
async fn a_token_that_grants_nothing_is_refused() {
    let world = World::start();
    let user = of_user(&world).without("scp").claim("idtyp", "user");
    let application = of_application(&world, &[]);
    for mint in [user, application] {
        let page = call_with(&world, "/apis/any", mint).await;
        expect_refusal(&page, 403, "insufficient_scope");
    }
}

#[actix_web::test]
async fn an_application_whose_role_bears_a_users_name_is_no_administrator() {
    let world = World::start();
    let page = call_with(
        &world,
        "/apis/administer",
        of_application(&world, &["Admin"]),
    )
    .await;
    expect_refusal(&page, 403, "insufficient_scope");
    // On behalf of Ada, who is one, it may.
    let page = call_with(&world, "/apis/administer", of_user(&world)).await;
    assert_eq!(page.status, 200, "{}", page.body);
}

#[actix_web::test]
async fn a_users_role_is_no_application_permission() {
    let world = World::start();
    let mint = of_user(&world).claim("roles", json!([PERMISSION]));
    let page = call_with(&world, "/apis/run", mint).await;
    expect_refusal(&page, 403, "insufficient_scope");
    let page = call_with(&world, "/apis/run", of_application(&world, &["Other.Run"])).await;
    expect_refusal(&page, 403, "insufficient_scope");
}

#[actix_web::test]
async fn b20_roles_as_one_text_grant_nothing() {
    let world = World::start();
    let mint = of_application(&world, &[]).claim("roles", PERMISSION);
    let page = call_with(&world, "/apis/run", mint).await;
    expect_refusal(&page, 403, "insufficient_scope");
}

#[actix_web::test]
async fn a_scope_or_a_permission_lets_either_in() {
    let world = World::start();
    for mint in [of_user(&world), of_application(&world, &[PERMISSION])] {
        let page = call_with(&world, "/apis/either", mint).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
}
