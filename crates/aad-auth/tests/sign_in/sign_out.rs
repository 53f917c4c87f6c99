//! Sign-out: here first, whatever the provider does.

use aad_auth::testing::Operation;
use awc::http::Method;
use entra_emulator::{Endpoint, Fault, KeyRoll};

use crate::support::{ADA, AWAY, Browser, CLIENT, World};

async fn signed_in(world: &World) -> Browser {
    world.users(ADA);
    let browser = Browser::new();
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
    browser
}

#[actix_web::test]
async fn sign_out_ends_the_session_here_and_at_the_provider_and_comes_back() {
    let world = World::start();
    let browser = signed_in(&world).await;
    let (name, old) = browser.session_cookie().unwrap();
    let answer = browser
        .post(&world.app.url("/auth/sign_out?return_to=%2Fapp%2Fx"), "")
        .await;
    assert_eq!(answer.status, 200, "a page that goes on by itself");
    assert!(
        answer.location().path().ends_with("/oauth2/v2.0/logout"),
        "{}",
        answer.location()
    );
    // A hint, so that the provider does not ask whom to sign out.
    assert!(answer.parameter("logout_hint").is_some());
    assert!(browser.session_cookie().is_none());
    // The provider's page tells other applications, then leads back.
    let provider = browser.follow(answer).await;
    let (_, link) = provider.body.split_once("id=\"continue\" href=\"").unwrap();
    let link = link.split('"').next().unwrap();
    let link = link.replace("&amp;", "&").replace("&#x2F;", "/");
    let page = browser.get(&link).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.url.path(), "/auth/post_sign_out");
    assert!(
        page.body.contains("/app/x"),
        "the way on is offered: {}",
        page.body
    );
    // The old cookie is dead.
    browser.set_cookie("localhost", &name, &old);
    assert_eq!(browser.fetch(&world.app.url("/app/x")).await.status, 401);
}

#[actix_web::test]
async fn the_provider_is_told_client_return_state_and_one_hint() {
    for (world, hint, other) in [
        (World::start(), "logout_hint", "id_token_hint"),
        // Without the claim `login_hint`, the ID token is the hint.
        (World::generic(), "id_token_hint", "logout_hint"),
    ] {
        if hint == "id_token_hint" {
            let without = entra_emulator::Mutation::without_claim("login_hint");
            let fault = Fault::id_token(without);
            world.emulator.control().faults().set(fault);
        }
        let browser = signed_in(&world).await;
        let answer = browser.post(&world.app.url("/auth/sign_out"), "").await;
        assert_eq!(answer.parameter("client_id").as_deref(), Some(CLIENT));
        assert_eq!(
            answer.parameter("post_logout_redirect_uri"),
            Some(world.app.url("/auth/post_sign_out"))
        );
        assert!(answer.parameter("state").is_some());
        assert!(answer.parameter(hint).is_some() && answer.parameter(other).is_none());
    }
}

#[actix_web::test]
async fn a_get_only_asks() {
    let world = World::start();
    let browser = signed_in(&world).await;
    let page = browser.get(&world.app.url("/auth/sign_out")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("method=\"post\""));
    // With no-referrer the Origin of the form would be null.
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("form-action 'self';"), "{policy}");
    assert_eq!(browser.fetch(&world.app.url("/app/x")).await.status, 200);
}

#[actix_web::test]
async fn sign_out_works_while_the_provider_is_down() {
    let world = World::start();
    let browser = signed_in(&world).await;
    let (name, old) = browser.session_cookie().unwrap();
    world
        .emulator
        .control()
        .faults()
        .set(Fault::close(Endpoint::Logout));
    world
        .emulator
        .control()
        .faults()
        .set(Fault::close(Endpoint::Discovery));
    let answer = browser.post(&world.app.url("/auth/sign_out"), "").await;
    assert!(answer.leads_on());
    browser.set_cookie("localhost", &name, &old);
    assert_eq!(browser.fetch(&world.app.url("/app/x")).await.status, 401);
}

#[actix_web::test]
async fn the_binding_cookie_is_replaced() {
    let world = World::start();
    let browser = signed_in(&world).await;
    let before = browser.binding_cookie().unwrap();
    browser.post(&world.app.url("/auth/sign_out"), "").await;
    assert_ne!(browser.binding_cookie().unwrap(), before);
}

#[actix_web::test]
async fn the_signed_out_page_trusts_no_foreign_state() {
    let world = World::start();
    let browser = Browser::new();
    for state in ["", "x", "https%3A%2F%2Fevil.test", &"A".repeat(5000)] {
        let page = browser
            .get(&world.app.url(&format!("/auth/post_sign_out?state={state}")))
            .await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("evil"));
    }
}

#[actix_web::test]
async fn signing_out_without_a_session_is_no_error() {
    let world = World::start();
    let browser = Browser::new();
    let answer = browser.post(&world.app.url("/auth/sign_out"), "").await;
    assert!(answer.leads_on());
}

#[actix_web::test]
async fn sign_out_everywhere_that_fails_half_way_can_be_tried_again() {
    let (world, store) = World::on_faulty_store();
    let (here, there) = (signed_in(&world).await, signed_in(&world).await);
    let url = world.app.url("/auth/sign_out?scope=everywhere");
    store.plan(Operation::IndexList, AWAY, 1);
    assert_eq!(here.post(&url, "").await.status, 503);
    // Whoever tries again is still known.
    assert!(world.lives(&here).await);
    assert!(here.post(&url, "").await.leads_on());
    assert!(!world.lives(&here).await && !world.lives(&there).await);
}

#[actix_web::test]
async fn w43_a_sign_out_that_the_store_refused_is_not_acknowledged_when_it_is_tried_again() {
    let (world, store) = World::on_faulty_store();
    let browser = signed_in(&world).await;
    let url = world.app.url("/auth/sign_out");
    store.plan(Operation::Delete, AWAY, 2);
    for _ in 0..2 {
        assert_eq!(browser.post(&url, "").await.status, 503);
    }
    assert_eq!(store.pending(Operation::Delete), 0);
    assert!(browser.post(&url, "").await.leads_on());
    assert!(!world.lives(&browser).await);
}

#[actix_web::test]
async fn everywhere_without_a_session_does_not_claim_that_others_have_ended() {
    let world = World::start();
    let other = signed_in(&world).await;
    for (scope, said) in [("?scope=everywhere", true), ("", false)] {
        let url = world.app.url(&format!("/auth/sign_out{scope}"));
        let browser = Browser::new();
        let state = browser.post(&url, "").await.parameter("state");
        let back = format!("/auth/post_sign_out?state={}", state.unwrap());
        let page = browser.get(&world.app.url(&back)).await;
        assert_eq!(
            page.body.contains("they were not ended"),
            said,
            "{}",
            page.body
        );
    }
    assert!(world.lives(&other).await);
}

#[actix_web::test]
async fn a_form_of_another_site_signs_nobody_out() {
    let world = World::start();
    // Lax cookies do not come with it; the answer must set none either.
    let headers = [
        ("accept", "text/html"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    let url = world.app.url("/auth/sign_out");
    let method = Method::POST;
    let page = Browser::new().send(method, &url, &headers, Some("")).await;
    assert_eq!(page.status, 403);
    assert!(page.all("set-cookie").is_empty());
}

/// Safari before 16.4, whose redirects are held against `form-action` too.
#[actix_web::test]
async fn r105_a_browser_without_fetch_metadata_needs_no_further_form_action_to_sign_out() {
    let world = World::start();
    let browser = signed_in(&world).await;
    let url = world.app.url("/auth/sign_out");
    let form = [
        ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
        ("origin", &world.app.url("")),
    ];
    let answer = browser.send(Method::POST, &url, &form, Some("")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("location"), None);
    let location = answer.location();
    assert!(
        location.path().ends_with("/oauth2/v2.0/logout"),
        "{location}"
    );
}

/// Clients that are not browsers follow a redirect, and read no page.
#[actix_web::test]
async fn r24_a_sign_out_that_no_browsers_form_has_sent_is_answered_by_a_redirect() {
    let world = World::start();
    for headers in [
        &[][..],
        &[("accept", "*/*")],
        &[
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-site", "same-origin"),
        ],
    ] {
        let browser = signed_in(&world).await;
        let url = world.app.url("/auth/sign_out");
        let answer = browser.send(Method::POST, &url, headers, Some("")).await;
        assert_eq!(answer.status, 303, "{headers:?}");
        let location = answer.header("location").unwrap();
        assert!(location.contains("/oauth2/v2.0/logout?"), "{location}");
        assert!(browser.session_cookie().is_none());
    }
}

/// Keycloak and Ory Hydra answer such a hint by an error page, and the user is stranded there.
#[actix_web::test]
async fn r76_an_id_token_whose_key_is_gone_is_no_hint() {
    for (roll, is_hint) in [
        (KeyRoll::PublishAndSign, true),
        (KeyRoll::ReplaceAll, false),
    ] {
        let world = World::generic();
        let without = entra_emulator::Mutation::without_claim("login_hint");
        world
            .emulator
            .control()
            .faults()
            .set(Fault::id_token(without));
        let browser = signed_in(&world).await;
        world.emulator.control().rotate_keys(roll).unwrap();
        // Another user's token leads to the new keys.
        let other = signed_in(&world).await;
        let answer = browser.post(&world.app.url("/auth/sign_out"), "").await;
        assert_eq!(
            answer.parameter("id_token_hint").is_some(),
            is_hint,
            "{roll:?}"
        );
        assert_eq!(answer.parameter("client_id").as_deref(), Some(CLIENT));
        assert!(answer.parameter("post_logout_redirect_uri").is_some());
        assert!(!world.lives(&browser).await);
        // A token of a key that is published stays a hint.
        let answer = other.post(&world.app.url("/auth/sign_out"), "").await;
        assert!(answer.parameter("id_token_hint").is_some(), "{roll:?}");
    }
}

#[actix_web::test]
async fn r76_a_logout_hint_stays_where_the_key_is_gone() {
    let world = World::start();
    let browser = signed_in(&world).await;
    world
        .emulator
        .control()
        .rotate_keys(KeyRoll::ReplaceAll)
        .unwrap();
    signed_in(&world).await;
    let answer = browser.post(&world.app.url("/auth/sign_out"), "").await;
    assert!(answer.parameter("logout_hint").is_some());
    assert_eq!(answer.parameter("client_id").as_deref(), Some(CLIENT));
}
