//! `AAD_ROLES_CLAIM` in bearer tokens and in sign-ins at Entra: where a role stands decides who gets in.

use serde_json::{Value, json};

use super::{call_with, expect_refusal, of_application, of_user};
use crate::support::{ADA, Browser, PERMISSION, SCOPE, World};

fn reading(setting: &'static str) -> World {
    World::with(|source| source.with("AAD_ROLES_CLAIM", setting))
}

#[actix_web::test]
async fn r90_a_role_counts_only_in_the_claims_that_the_setting_names() {
    let world = reading("realm_access.roles,groups");
    for (claim, value, status) in [
        ("realm_access", json!({"roles": ["Admin"]}), 200),
        ("realm_access", json!({"roles": "Admin"}), 200),
        ("groups", json!(["Admin"]), 200),
        ("realm_access", json!({"roles": ["admin"]}), 403),
        ("realm_access", json!(["Admin"]), 403),
        ("realm_access", json!({"Admin": {}}), 403),
        (
            "resource_access",
            json!({"other": {"roles": ["Admin"]}}),
            403,
        ),
        ("roles", json!(["Admin"]), 403),
        ("wids", json!(["Admin"]), 403),
    ] {
        let mint = of_user(&world)
            .claim("roles", json!([]))
            .claim(claim, value.clone());
        let page = call_with(&world, "/apis/administer", mint).await;
        assert_eq!(page.status, status, "{claim} {value}: {}", page.body);
    }
}

#[actix_web::test]
async fn r90_without_the_setting_only_roles_counts() {
    let world = World::start();
    for (claim, value) in [
        ("realm_access", json!({"roles": ["Admin"]})),
        ("groups", json!(["Admin"])),
        ("roles", json!("Admin")),
    ] {
        let mint = of_user(&world)
            .claim("roles", json!([]))
            .claim(claim, value);
        let page = call_with(&world, "/apis/administer", mint).await;
        expect_refusal(&page, 403, "insufficient_scope");
    }
}

/// Too many groups for a token: neither in a group nor outside of it.
#[actix_web::test]
async fn r91_groups_that_do_not_fit_into_a_token_are_unknown_roles() {
    let world = reading("groups");
    for (name, value) in [
        ("hasgroups", json!(true)),
        ("_claim_names", json!({"groups": "src1"})),
    ] {
        let overage = || of_user(&world).without("groups").claim(name, value.clone());
        for path in ["/apis/administer", "/apis/unbanned"] {
            let page = call_with(&world, path, overage()).await;
            expect_refusal(&page, 403, "insufficient_scope");
        }
        let page = call_with(&world, "/apis/read", overage()).await;
        assert_eq!(page.status, 200);
    }
    let listed = of_user(&world).claim("groups", json!(["staff"]));
    assert_eq!(
        call_with(&world, "/apis/unbanned", listed).await.status,
        200
    );
}

#[actix_web::test]
async fn r91_an_applications_permission_comes_from_the_same_claims() {
    let world = reading("permissions");
    let elsewhere = of_application(&world, &[PERMISSION]);
    let page = call_with(&world, "/apis/run", elsewhere).await;
    expect_refusal(&page, 403, "insufficient_scope");
    let named = of_application(&world, &[]).claim("permissions", json!([PERMISSION]));
    let page = call_with(&world, "/apis/run", named).await;
    let caller: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(caller["roles"], json!([PERMISSION]), "{}", page.body);
    // It makes no user of it.
    let user = of_user(&world).claim("permissions", json!([PERMISSION]));
    let page = call_with(&world, "/apis/run", user.claim("scp", SCOPE)).await;
    expect_refusal(&page, 403, "insufficient_scope");
}

#[actix_web::test]
async fn r94_an_application_without_an_assignment_gets_in_by_no_group() {
    let world = reading("roles,groups,wids,permissions");
    for claim in ["groups", "wids", "permissions"] {
        let mint = || of_application(&world, &[]).claim(claim, json!(["any"]));
        let page = call_with(&world, "/apis/any", mint().claim("roles", json!([]))).await;
        expect_refusal(&page, 403, "insufficient_scope");
        let page = call_with(&world, "/apis/any", mint().without("roles")).await;
        expect_refusal(&page, 403, "insufficient_scope");
        let assigned = mint().claim("roles", json!([PERMISSION]));
        let page = call_with(&world, "/apis/any", assigned).await;
        assert_eq!(page.status, 200, "{claim}: {}", page.body);
    }
}

#[actix_web::test]
async fn r90_a_session_follows_the_setting_too() {
    let world = reading("wids");
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    // Ada has the app role, and `roles` is not read.
    assert_eq!(browser.fetch(&world.app.url("/admin/x")).await.status, 403);
    assert!(
        !world.me(&browser).await["roles"]
            .to_string()
            .contains("Admin")
    );
}
