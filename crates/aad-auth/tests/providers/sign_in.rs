//! The whole sign-in with each product, and what is refused on the way.

use std::time::Duration;

use crate::{
    browser::Browser,
    journey::{Settings, World},
    product::{Expected, Product},
};

macro_rules! products {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        $(mod $name {
            use super::*;

            #[actix_web::test]
            async fn signs_in_as_documented() {
                signs_in(&Product::read(stringify!($name))).await;
            }

            #[actix_web::test]
            async fn r40_is_refused_by_name_without_what_it_needs() {
                refused(&Product::read(stringify!($name))).await;
            }

            #[actix_web::test]
            async fn r41_its_refusals_are_told_apart() {
                errors(&Product::read(stringify!($name))).await;
            }
        })*
    };
}

products! {
    entra_v1 entra_v2 b2c b2c_not_supported_with_object_id b2c_not_supported external_id adfs okta auth0
    keycloak keycloak_before_17 keycloak_fapi google gitlab zitadel authentik authelia dex pingone cognito
    salesforce duende uaa oracle_idcs kanidm logto logto_rsa hydra apple linkedin slack
}

#[test]
fn every_data_file_is_played() {
    let files: Vec<_> = Product::all().into_keys().collect();
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(files, names);
    assert!(names.len() >= 25);
}

async fn signs_in(product: &Product) {
    if product.expected == Expected::Cannot {
        return;
    }
    let world = World::start(product, Settings::Complete);
    let browser = Browser::new();
    let page = world.sign_in(&browser).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let values = world.provider.state.documents.values();
    let sub = values.text(&product.sub);
    assert_eq!(page.body, format!("subject {sub}"));
    let status = world.app.auth.status().await;
    assert!(status.degraded.is_empty(), "{status:?}");
    refreshes(&world, &browser).await;
    signs_out(&world, &browser).await;
    back_channel(&world).await;
}

/// What an application gets at once, and after the access token has run out.
async fn refreshes(world: &World, browser: &Browser) {
    let product = &world.provider.state.documents.product;
    let has_access_token = product.answer.get("access_token").is_some();
    let at_once = if has_access_token {
        "an access token"
    } else {
        "no access token"
    };
    assert_eq!(world.tokens(browser).await, at_once);
    // Longer than any access token is taken to live.
    world.clock.advance(Duration::from_secs(7 * 24 * 3600 + 1));
    let has_refresh_token = product.answer.get("refresh_token").is_some();
    let later = match (has_access_token, has_refresh_token) {
        (true, false) => "a new sign-in",
        _ => at_once,
    };
    assert_eq!(world.tokens(browser).await, later);
    if has_refresh_token {
        // Where there is no access token, the recheck refreshes in the background.
        assert!(world.refreshed().await, "no refresh");
    }
    assert!(world.lives(browser).await);
}

async fn signs_out(world: &World, browser: &Browser) {
    let state = &world.provider.state;
    let page = world.sign_out(browser).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.url.path(), "/auth/post_sign_out");
    assert!(!world.lives(browser).await);
    let asked = state.sign_outs.lock().unwrap();
    let offered = state.discovery()["end_session_endpoint"].is_string();
    assert_eq!(asked.len(), usize::from(offered));
    for asked in &*asked {
        assert_eq!(asked["client_id"], state.documents.product.client_id);
        let hint = ["id_token_hint", "logout_hint"];
        assert!(hint.iter().any(|hint| asked.contains_key(*hint)));
    }
}

async fn back_channel(world: &World) {
    let documents = &world.provider.state.documents;
    let Some(token) = documents.logout_token() else {
        return;
    };
    let browser = Browser::new();
    assert_eq!(world.sign_in(&browser).await.status, 200);
    let answer = world.post_logout_token(&token).await;
    let Some(code) = &documents.product.logout_code else {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(!world.lives(&browser).await);
        return;
    };
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains(code), "{}", answer.body);
    assert!(world.lives(&browser).await);
}

async fn refused(product: &Product) {
    let settings = match product.expected {
        Expected::Works => return,
        Expected::Needs => Settings::Bare,
        Expected::Cannot => Settings::Complete,
    };
    let world = World::start(product, settings);
    let browser = Browser::new();
    let page = world.sign_in(&browser).await;
    assert!(page.status.as_u16() >= 400, "{}", page.status);
    assert!(browser.session_cookie().is_none());
    let told = world.told(&page).await;
    let code = product.code.as_deref().unwrap();
    assert!(told.contains(code), "{told}");
    let named = product.named.as_deref().unwrap_or_default();
    assert!(told.contains(named), "{told}");
}

async fn errors(product: &Product) {
    if product.expected == Expected::Cannot {
        return;
    }
    let mut world = World::start(product, Settings::Complete);
    // Then it is known how the product takes the secret.
    assert_eq!(world.sign_in(&Browser::new()).await.status, 200);
    let browser = Browser::new();
    let page = world.sign_in_with_a_used_code(&browser).await;
    let code = &product.used_code.code;
    assert!(page.body.contains(code), "{code}: {}", page.body);
    assert!(browser.session_cookie().is_none());
    let status = world.app.auth.status().await;
    assert!(status.degraded.is_empty(), "{status:?}");

    world.restart_app(Settings::And("AAD_CLIENT_SECRET", "wrong"));
    let browser = Browser::new();
    let page = world.sign_in(&browser).await;
    let code = &product.wrong_secret.code;
    assert!(page.body.contains(code), "{code}: {}", page.body);
    assert!(browser.session_cookie().is_none());
    if code == "AAD-CREDENTIAL-REFUSED" {
        let told = world.told(&page).await;
        assert!(told.contains("AAD_CLIENT_SECRET"), "{told}");
    }
}
