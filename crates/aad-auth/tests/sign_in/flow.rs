//! The main job: somebody signs in and lands on the page they asked for.

use crate::support::{ADA, Browser, ROBIN, World};

#[actix_web::test]
async fn a_deep_link_leads_through_the_provider_and_back_to_itself() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let page = browser
        .open(&world.app.url("/app/reports?year=2026&q=a%20b"))
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.body, "/app/reports?year=2026&q=a%20b for Ada Admin");
    assert_eq!(
        browser.open(&world.app.url("/")).await.body,
        "hello Ada Admin"
    );
}

#[actix_web::test]
async fn pkce_nonce_and_state_are_always_sent_and_fresh() {
    let world = World::start();
    let browser = Browser::new();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let start = browser.get(&world.app.url("/auth/sign_in")).await;
        assert_eq!(start.parameter("code_challenge_method").unwrap(), "S256");
        assert_eq!(start.parameter("response_type").unwrap(), "code");
        for name in ["state", "nonce", "code_challenge"] {
            let value = start.parameter(name).unwrap();
            assert!(!seen.contains(&value), "{name} comes again");
            seen.push(value);
        }
        // The browser must not carry our fragment to the provider.
        assert!(start.header("location").unwrap().ends_with('#'));
    }
}

#[actix_web::test]
async fn two_cookies_under_300_bytes_whatever_the_user_has() {
    let world = World::start();
    world.users("olga@northwind.example.test");
    let browser = Browser::new();
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
    let cookies = browser.cookies("localhost");
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    let bytes: usize = cookies
        .iter()
        .map(|(name, value)| name.len() + value.len() + 1)
        .sum();
    assert!(bytes < 300, "{bytes}");
}

#[actix_web::test]
async fn cookies_are_http_only_lax_and_for_the_whole_site() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let signed_in = browser.get(&callback).await;
    let cookies = signed_in.all("set-cookie");
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"));
    }
}

#[actix_web::test]
async fn a_new_session_id_at_every_sign_in() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    let first = browser.session_cookie().unwrap();
    browser
        .open(&world.app.url("/auth/sign_in?prompt=select_account"))
        .await;
    let second = browser.session_cookie().unwrap();
    assert_ne!(first, second);
}

#[actix_web::test]
async fn a_planted_session_id_is_never_adopted() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let name = format!("aad-session-{}", world.app.port);
    let planted = "A".repeat(43);
    browser.set_cookie("localhost", &name, &planted);
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
    assert_ne!(browser.session_cookie().unwrap().1, planted);
}

#[actix_web::test]
async fn the_same_user_joins_and_another_user_replaces() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    let (name, old) = browser.session_cookie().unwrap();
    browser
        .open(&world.app.url("/auth/sign_in?prompt=select_account"))
        .await;
    // A request of another tab that is under way still carries the old cookie.
    let other_tab = Browser::new();
    other_tab.set_cookie("localhost", &name, &old);
    assert_eq!(other_tab.fetch(&world.app.url("/app/x")).await.status, 200);

    world.users(ROBIN);
    let (_, of_ada) = browser.session_cookie().unwrap();
    browser
        .open(&world.app.url("/auth/sign_in?prompt=select_account"))
        .await;
    let home = browser.open(&world.app.url("/")).await;
    assert!(home.body.starts_with("hello Robin"), "{}", home.body);
    other_tab.set_cookie("localhost", &name, &of_ada);
    assert_eq!(other_tab.fetch(&world.app.url("/app/x")).await.status, 401);
}

#[actix_web::test]
async fn another_loopback_name_is_sent_to_the_base_url_first() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let url = format!(
        "http://127.0.0.1:{}/auth/sign_in?return_to=%2Fapp%2Fx",
        world.app.port
    );
    let page = browser.get(&url).await;
    assert_eq!(page.location().host_str(), Some("localhost"));
    assert!(page.all("set-cookie").is_empty());
    assert_eq!(browser.follow(page).await.status, 200);
}

#[actix_web::test]
async fn only_known_parameters_reach_the_provider() {
    let world = World::start();
    let browser = Browser::new();
    let query = "prompt=login&login_hint=anna%40example.test&client_id=evil&redirect_uri=https%3A%2F%2Fevil.test\
                 &response_type=token&scope=evil&claims=%7B%7D&state=evil&nonce=evil&domain_hint=evil.test";
    let start = browser
        .get(&world.app.url(&format!("/auth/sign_in?{query}")))
        .await;
    assert_eq!(start.parameter("prompt").unwrap(), "login");
    assert_eq!(start.parameter("login_hint").unwrap(), "anna@example.test");
    assert!(!start.location().as_str().contains("evil"));
    assert_eq!(start.parameter("claims"), None);
    let start = browser
        .get(&world.app.url("/auth/sign_in?prompt=none&login_hint=a%0Ab"))
        .await;
    assert_eq!(start.parameter("prompt"), None);
    assert_eq!(start.parameter("login_hint"), None);
}

#[actix_web::test]
async fn the_json_of_a_session_names_the_user() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    let me = browser.fetch(&world.app.url("/api/me")).await;
    let json: serde_json::Value = serde_json::from_str(&me.body).unwrap();
    assert_eq!(json["auth"], "session");
    assert_eq!(json["tid"], crate::support::TENANT);
    assert_eq!(json["roles"][0], "Admin");
    assert_eq!(me.header("cache-control"), Some("no-store"));
}
