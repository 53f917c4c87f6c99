//! No redirect of ours is longer than servers take: long addresses, many groups, long hints.

use aad_auth::internals::config::MAX_REDIRECT;
use awc::http::Method;
use entra_emulator::{Fault, Mutation};

use crate::support::{ADA, Browser, NAVIGATION, Page, World};

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn assert_fits(page: &Page) {
    let length = page.header("location").unwrap().len();
    assert!(length <= MAX_REDIRECT, "{length}: {}", page.url.path());
}

/// A user in 60 groups whose ID token has no `login_hint`, so that it is the hint itself.
pub(crate) async fn user_of_60_groups(world: &World) -> Browser {
    let control = world.emulator.control();
    control
        .edit_user(ADA, |user| user.generated_groups = 60)
        .unwrap();
    let without = Mutation::without_claim("login_hint");
    control.faults().set(Fault::id_token(without));
    world.signed_in(ADA).await
}

#[actix_web::test]
async fn r25_the_sign_out_of_a_user_of_60_groups_fits_without_its_hint() {
    for world in [World::start(), World::generic()] {
        let browser = user_of_60_groups(&world).await;
        let url = world.app.url("/auth/sign_out?return_to=%2Fapp%2Fx");
        let answer = browser.send(Method::POST, &url, &[], Some("")).await;
        assert_fits(&answer);
        assert!(answer.parameter("id_token_hint").is_none());
        for kept in ["client_id", "post_logout_redirect_uri", "state"] {
            assert!(answer.parameter(kept).is_some(), "{kept}");
        }
    }
}

#[actix_web::test]
async fn r25_a_deep_link_of_1500_bytes_keeps_its_place() {
    let world = World::start();
    world.users(ADA);
    let place = format!("/app/x?search={}", "a".repeat(1_450));
    let browser = Browser::new();
    let mut page = browser.get(&world.app.url(&place)).await;
    while page.status.is_redirection() {
        if page.url.host_str() == Some("localhost") {
            assert_fits(&page);
        }
        page = browser.get(page.location().as_str()).await;
    }
    assert_eq!(page.url.as_str(), world.app.url(&place));
}

#[actix_web::test]
async fn r26_a_deep_link_that_is_too_long_says_so_and_leads_to_its_page() {
    let world = World::start();
    world.users(ADA);
    for (place, page_of_it) in [
        (format!("/app/x?search={}", "a".repeat(5_000)), "/app/x"),
        (format!("/app/x?search={}", "a".repeat(14_000)), "/app/x"),
        // Three times as long once it is a parameter.
        (format!("/app/x?search={}", "&".repeat(1_450)), "/app/x"),
        (format!("/app/{}", "x".repeat(5_000)), "/"),
    ] {
        let browser = Browser::new();
        let mut page = browser.get(&world.app.url(&place)).await;
        while page.status.is_redirection() {
            if page.url.host_str() == Some("localhost") {
                assert_fits(&page);
            }
            page = browser.get(page.location().as_str()).await;
        }
        assert_eq!(page.status, 200);
        assert_eq!(page.url.path(), "/auth/redirect");
        assert!(page.body.contains("too long"), "{}", page.body);
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.link(), world.app.url(page_of_it));
        assert!(world.lives(&browser).await);
        // A reload goes on.
        let again = browser.get(page.url.as_str()).await;
        assert_eq!(again.location().as_str(), world.app.url(page_of_it));
    }
}

#[actix_web::test]
async fn r25_hints_go_before_the_place() {
    let world = World::start();
    let browser = Browser::new();
    let place = format!("/app/x?search={}", "a".repeat(1_400));
    let hint = "\u{1f511}".repeat(256);
    let start = format!(
        "/auth/sign_in?return_to={}&login_hint={}&prompt=login",
        encoded(&place),
        encoded(&hint)
    );
    let page = browser.get(&world.app.url(&start)).await;
    assert_fits(&page);
    assert!(page.parameter("login_hint").is_none());
    assert_eq!(page.parameter("prompt").as_deref(), Some("login"));
}

#[actix_web::test]
async fn r25_what_a_third_party_posts_does_not_make_a_longer_redirect() {
    let world = World::start();
    let long = "%C3%A4".repeat(2_000);
    for form in [
        format!("iss=https%3A%2F%2Fa.test&target_link_uri={long}&login_hint=a"),
        format!("iss=https%3A%2F%2Fa.test&target_link_uri=b&login_hint={long}"),
        format!("iss={long}&target_link_uri={long}&login_hint={long}"),
    ] {
        let url = world.app.url("/auth/sign_in");
        let page = Browser::new().post_across(&url, &form).await;
        assert_fits(&page);
    }
    // Under another name of loopback, the same start under the right one.
    let query = "a".repeat(4_000);
    let url = format!("http://127.0.0.1:{}/auth/sign_in?x={query}", world.app.port);
    let browser = Browser::new();
    let page = browser.send(Method::GET, &url, &NAVIGATION, None).await;
    assert_fits(&page);
}
