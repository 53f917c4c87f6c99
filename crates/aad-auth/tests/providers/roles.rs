//! Roles where each product writes them: a guarded page admits the user who has the role and refuses
//! another, at the sign-in, after a refresh and by a bearer token.

use std::{collections::BTreeMap, time::Duration};

use aad_auth::store::Clock;
use awc::http::Method;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    documents::{Change, Document},
    journey::{Settings, World},
    keys,
    product::{Product, Roles},
};

fn products() -> Vec<(String, Product, Roles)> {
    let all = Product::all().into_iter();
    let with_roles = all.filter_map(|(name, product)| {
        let roles = product.roles.clone()?;
        Some((name, product, roles))
    });
    let products: Vec<_> = with_roles.collect();
    assert!(products.len() >= 7);
    products
}

/// From now on the product writes these claims.
fn write(world: &World, roles: &Roles, claims: &BTreeMap<String, Value>) {
    let document = if roles.userinfo {
        Document::Userinfo
    } else {
        Document::IdToken
    };
    let change = |(member, value): (&String, &Value)| Change {
        document,
        member: member.clone(),
        value: value.clone(),
    };
    world.provider.change(claims.iter().map(change).collect());
}

async fn signed_in(world: &World, what: &str) -> Browser {
    let browser = Browser::new();
    let page = world.sign_in(&browser).await;
    assert_eq!(page.status, 200, "{what}: {}", page.body);
    browser
}

async fn editors(world: &World, browser: &Browser) -> Page {
    let typed = browser.fetch(&world.app.url("/app/typed")).await;
    let page = browser.fetch(&world.app.url("/app/editors")).await;
    assert_eq!(page.status, typed.status, "guard and extractor agree");
    page
}

#[actix_web::test]
async fn r90_a_role_admits_its_user_and_refuses_another() {
    for (name, product, roles) in products() {
        let world = World::reading_roles(&product);
        write(&world, &roles, &roles.admitted);
        let browser = signed_in(&world, &name).await;
        let page = editors(&world, &browser).await;
        assert_eq!(page.status, 200, "{name}: {}", page.body);
        assert!(page.body.contains("Editor"), "{name}: {}", page.body);

        write(&world, &roles, &roles.refused);
        let browser = signed_in(&world, &name).await;
        let page = editors(&world, &browser).await;
        assert_eq!(page.status, 403, "{name}: {}", page.body);
        assert!(page.body.contains("the app role"), "{name}: {}", page.body);
    }
}

#[actix_web::test]
async fn r90_without_the_setting_no_foreign_claim_is_a_role() {
    for (name, product, roles) in products() {
        let world = World::start(&product, Settings::Complete);
        write(&world, &roles, &roles.admitted);
        let browser = signed_in(&world, &name).await;
        assert_eq!(editors(&world, &browser).await.status, 403, "{name}");
    }
}

#[actix_web::test]
async fn r93_a_role_stays_over_a_refresh_and_goes_when_it_was_taken_away() {
    for (name, product, roles) in products() {
        if product.answer.get("refresh_token").is_none() {
            continue;
        }
        let world = World::reading_roles(&product);
        write(&world, &roles, &roles.admitted);
        let browser = signed_in(&world, &name).await;
        let hour = Duration::from_secs(3700);
        world.clock.advance(hour);
        assert_eq!(editors(&world, &browser).await.status, 200, "{name}");
        assert!(world.refreshed().await, "{name}");
        for _ in 0..10 {
            let page = editors(&world, &browser).await;
            assert_eq!(page.status, 200, "{name}: {}", page.body);
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
        write(&world, &roles, &roles.refused);
        world.clock.advance(hour);
        assert!(becomes(&world, &browser, 403).await, "{name}");
        assert!(world.lives(&browser).await, "{name}");
    }
}

async fn becomes(world: &World, browser: &Browser, status: u16) -> bool {
    for _ in 0..400 {
        if browser.fetch(&world.app.url("/app/editors")).await.status == status {
            return true;
        }
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// Userinfo is not signed: what cannot be read in it grants nothing and rules nothing out.
#[actix_web::test]
async fn r93_userinfo_that_writes_roles_in_another_way_admits_nobody() {
    let product = Product::read("authelia");
    let roles = product.roles.clone().unwrap();
    for groups in [
        json!({"Editor": true}),
        json!([["Editor"]]),
        json!(["Editor", 5]),
        json!(7),
        json!("Editor "),
        Value::Null,
    ] {
        let world = World::reading_roles(&product);
        let claims = [("groups".to_owned(), groups.clone())];
        write(&world, &roles, &claims.into_iter().collect());
        let browser = signed_in(&world, "authelia").await;
        assert_eq!(editors(&world, &browser).await.status, 403, "{groups}");
    }
}

/// An access token as Keycloak writes it for an API (RFC 9068 is not its form).
#[actix_web::test]
async fn r90_the_access_token_of_a_bearer_is_read_like_an_id_token() {
    let product = Product::read("keycloak");
    let roles = product.roles.clone().unwrap();
    let world = World::reading_roles(&product);
    let documents = &world.provider.state.documents;
    let now = world.clock.now().seconds();
    for (claims, status) in [(&roles.admitted, 200), (&roles.refused, 403)] {
        let mut token = json!({
            "iss": documents.values().text("{issuer}"), "aud": product.client_id,
            "sub": "11aa22bb-33cc-44dd-85ee-66ff77aa88bb", "azp": "spa", "typ": "Bearer",
            "exp": now + 300, "iat": now, "jti": "onrtac:2", "scope": "openid email profile",
        });
        for (name, value) in claims {
            token[name] = value.clone();
        }
        let bearer = format!("Bearer {}", keys::sign(&product.header, &token));
        let headers = [("authorization", bearer.as_str())];
        let url = world.app.url("/api/editors");
        let page = Browser::new().send(Method::GET, &url, &headers, None).await;
        assert_eq!(page.status, status, "{}", page.body);
    }
}
