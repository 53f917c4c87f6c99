//! R83: userinfo fills in what the ID token does not say, and nothing else (OpenID Connect Core 1.0
//! sections 5.3.2 and 5.4). The default of oidc-provider: the ID token has `sub` only.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    documents::{Change, Document},
    journey::World,
    product::Product,
};

const CLAIMS: [&str; 5] = ["name", "preferred_username", "email", "roles", "groups"];

fn bare_id_token() -> Vec<Change> {
    let absent = |claim: &&str| change(Document::IdToken, claim, Value::Null);
    CLAIMS.iter().map(absent).collect()
}

fn change(document: Document, member: &str, value: Value) -> Change {
    Change {
        document,
        member: member.to_owned(),
        value,
    }
}

fn info(claims: &[(&str, Value)]) -> Vec<Change> {
    let one = |(claim, value): &(&str, Value)| change(Document::Userinfo, claim, value.clone());
    claims.iter().map(one).collect()
}

fn everything() -> Vec<Change> {
    info(&[
        ("name", json!("Kim of Userinfo")),
        ("preferred_username", json!("kim.userinfo")),
        ("email", json!("kim@userinfo.example")),
        ("roles", json!(["Reader"])),
        ("groups", json!(["g1", "g2"])),
    ])
}

fn world(changes: Vec<Change>) -> World {
    let keycloak = Product::read("keycloak");
    World::changed(&keycloak, &[("AAD_USERINFO", "true")], changes)
}

async fn profile(changes: Vec<Change>) -> Value {
    let world = world(changes);
    let browser = Browser::new();
    let page = world.sign_in(&browser).await;
    assert_eq!(page.status, 200, "{}", page.body);
    world.profile(&browser).await
}

#[actix_web::test]
async fn r83_userinfo_of_another_subject_signs_nobody_in() {
    for sub in [
        json!("somebody else"),
        json!(""),
        json!(null),
        json!(["11aa22bb-33cc-44dd-85ee-66ff77aa88bb"]),
    ] {
        let mut changes = [bare_id_token(), everything()].concat();
        changes.push(change(Document::Userinfo, "sub", sub.clone()));
        let world = world(changes);
        let browser = Browser::new();
        let page = world.sign_in(&browser).await;
        assert!(
            page.body.contains("AAD-FLOW-USERINFO"),
            "{sub}: {}",
            page.body
        );
        assert!(browser.session_cookie().is_none(), "{sub}");
    }
}

#[actix_web::test]
async fn r83_the_id_token_counts_more_than_userinfo() {
    let said = |claim, value| change(Document::IdToken, claim, value);
    let id_token = vec![
        said("name", json!("Kim of the token")),
        said("preferred_username", json!("kim.token")),
        said("email", json!("kim@token.example")),
        said("roles", json!([])),
        said("groups", json!(["g9"])),
    ];
    let profile = profile([id_token, everything()].concat()).await;
    let expected = json!({
        "name": "Kim of the token", "preferred_username": "kim.token", "email": "kim@token.example",
        "roles": [], "groups": ["g9"], "overage": false,
    });
    assert_eq!(
        profile, expected,
        "a claim that says \"none\" is not completed"
    );
}

#[actix_web::test]
async fn r83_userinfo_fills_in_what_the_id_token_does_not_say() {
    let profile = profile([bare_id_token(), everything()].concat()).await;
    let expected = json!({
        "name": "Kim of Userinfo", "preferred_username": "kim.userinfo",
        "email": "kim@userinfo.example", "roles": ["Reader"], "groups": ["g1", "g2"],
        "overage": false,
    });
    assert_eq!(profile, expected);
}

#[actix_web::test]
async fn r83_values_of_another_type_in_userinfo_name_nothing() {
    let odd = info(&[
        ("name", json!(7)),
        ("preferred_username", json!({})),
        ("email", json!([])),
        ("roles", json!({"Admin": true})),
        ("groups", json!([1])),
    ]);
    let profile = profile([bare_id_token(), odd].concat()).await;
    // Which groups there are is unknown then.
    let expected = json!({
        "name": null, "preferred_username": null, "email": null, "roles": [], "groups": [],
        "overage": true,
    });
    assert_eq!(profile, expected);
}

#[actix_web::test]
async fn r83_each_claim_of_roles_is_completed_by_itself() {
    let keycloak = Product::read("keycloak");
    let settings = [
        ("AAD_USERINFO", "true"),
        ("AAD_ROLES_CLAIM", "realm_access.roles,roles,groups"),
    ];
    let said = |document, claim, value| change(document, claim, value);
    let changes = vec![
        said(Document::IdToken, "roles", json!([])),
        said(Document::IdToken, "groups", Value::Null),
        said(
            Document::IdToken,
            "realm_access",
            json!({"roles": ["Reader"]}),
        ),
        said(Document::Userinfo, "roles", json!(["Admin"])),
        said(Document::Userinfo, "groups", json!(["Editor"])),
        said(
            Document::Userinfo,
            "realm_access",
            json!({"roles": ["Owner"]}),
        ),
    ];
    let world = World::changed(&keycloak, &settings, changes);
    let browser = Browser::new();
    assert_eq!(world.sign_in(&browser).await.status, 200);
    let roles = &world.profile(&browser).await["roles"];
    assert_eq!(*roles, json!(["Reader", "Editor"]));
}

#[actix_web::test]
async fn r83_without_the_setting_userinfo_says_nothing() {
    let keycloak = Product::read("keycloak");
    let changes = [bare_id_token(), everything()].concat();
    let world = World::changed(&keycloak, &[], changes);
    let browser = Browser::new();
    assert_eq!(world.sign_in(&browser).await.status, 200);
    assert_eq!(world.profile(&browser).await["roles"], json!([]));
}

/// Refreshes: the access token has run out.
async fn refreshed(world: &World, browser: &Browser) -> Value {
    world.clock.advance(Duration::from_secs(3600));
    assert_eq!(world.tokens(browser).await, "an access token");
    world.profile(browser).await
}

#[actix_web::test]
async fn r83_a_role_that_userinfo_no_longer_names_is_gone_with_the_next_refresh() {
    let world = world([bare_id_token(), everything()].concat());
    let browser = Browser::new();
    assert_eq!(world.sign_in(&browser).await.status, 200);
    let less = info(&[("name", json!("Kim Renamed")), ("groups", json!(["g2"]))]);
    world.provider.change([bare_id_token(), less].concat());
    let profile = refreshed(&world, &browser).await;
    assert_eq!(profile["roles"], json!([]));
    assert_eq!(profile["groups"], json!(["g2"]));
    assert_eq!(profile["name"], "Kim Renamed");
}

#[actix_web::test]
async fn r83_userinfo_that_speaks_of_another_user_at_a_refresh_changes_nothing() {
    let world = world([bare_id_token(), everything()].concat());
    let browser = Browser::new();
    assert_eq!(world.sign_in(&browser).await.status, 200);
    let mut other = info(&[("roles", json!(["Admin"]))]);
    other.push(change(Document::Userinfo, "sub", json!("somebody else")));
    world.provider.change([bare_id_token(), other].concat());
    world.clock.advance(Duration::from_secs(3600));
    let answer = world.tokens(&browser).await;
    assert!(answer.starts_with("failed"), "{answer}");
    assert_eq!(world.profile(&browser).await["roles"], json!(["Reader"]));
}
