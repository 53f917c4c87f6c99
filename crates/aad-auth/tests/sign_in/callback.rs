//! The callback: what comes twice, late, from elsewhere, or not at all.

use awc::http::Method;
use entra_emulator::{Endpoint, Fault};

use crate::support::{ADA, Browser, NAVIGATION, World};

fn token_calls(world: &World) -> usize {
    let calls = world.emulator.control().calls();
    calls
        .iter()
        .filter(|call| call.endpoint == Endpoint::Token)
        .count()
}

#[actix_web::test]
async fn back_reload_and_double_submit_redeem_once() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser
        .until_callback(&world.app.url("/app/deep?x=1"))
        .await;
    let first = browser.get(&callback).await;
    let session = browser.session_cookie().unwrap();
    for _ in 0..3 {
        let again = browser.get(&callback).await;
        assert_eq!(again.status, 303);
        assert_eq!(again.location(), first.location());
        assert!(again.all("set-cookie").is_empty());
    }
    assert_eq!(browser.session_cookie().unwrap(), session);
    assert_eq!(token_calls(&world), 1);
}

#[actix_web::test]
async fn r21_head_of_the_callback_redeems_nothing() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/deep")).await;
    let scanned = browser.send(Method::HEAD, &callback, &NAVIGATION, None);
    let scanned = scanned.await;
    assert_eq!(scanned.status, 405);
    assert!(scanned.all("set-cookie").is_empty());
    assert_eq!(token_calls(&world), 0);
    let back = browser.get(&callback).await;
    assert_eq!(back.location().as_str(), world.app.url("/app/deep"));
}

#[actix_web::test]
async fn r21_head_of_a_guarded_page_and_of_the_start_is_answered_like_get() {
    let world = World::start();
    let browser = Browser::new();
    for path in ["/app/deep?x=1", "/auth/sign_in?return_to=%2Fapp%2Fdeep"] {
        let url = world.app.url(path);
        let get = browser.get(&url).await;
        let head = browser.send(Method::HEAD, &url, &NAVIGATION, None).await;
        assert_eq!((head.status, &*head.body), (get.status, ""), "{path}");
        assert_eq!(head.location().path(), get.location().path(), "{path}");
    }
    assert_eq!(token_calls(&world), 0);
    // Not a navigation: no sign-in begins.
    let url = world.app.url("/auth/sign_in");
    let scanner = browser.send(Method::HEAD, &url, &[("accept", "*/*")], None);
    let scanner = scanner.await;
    assert_eq!(scanner.status, 401);
    assert!(scanner.all("set-cookie").is_empty());
}

#[actix_web::test]
async fn submits_at_the_same_moment_redeem_once() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/deep")).await;
    world
        .emulator
        .control()
        .faults()
        .set(Fault::delay(Endpoint::Token, 300));
    let tabs: Vec<_> = (0..8).map(|_| browser.clone()).collect();
    let pages = futures_util::future::join_all(tabs.iter().map(|tab| tab.get(&callback))).await;
    assert!(pages.iter().all(|page| page.status == 303), "{pages:?}");
    let with_cookies = pages
        .iter()
        .filter(|page| !page.all("set-cookie").is_empty());
    assert_eq!(with_cookies.count(), 1);
    assert_eq!(token_calls(&world), 1);
}

#[actix_web::test]
async fn a_browser_that_hangs_up_does_not_lose_the_code() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/deep")).await;
    world
        .emulator
        .control()
        .faults()
        .set(Fault::delay(Endpoint::Token, 400).once());
    let short = std::time::Duration::from_millis(100);
    let gone = actix_web::rt::time::timeout(short, browser.get(&callback)).await;
    assert!(gone.is_err(), "the browser has hung up");
    actix_web::rt::time::sleep(std::time::Duration::from_millis(600)).await;
    // It comes again: the code was redeemed, and is not redeemed a second time.
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 303);
    assert_eq!(token_calls(&world), 1);
    assert_eq!(browser.follow(page).await.status, 200);
}

#[actix_web::test]
async fn a_form_post_and_head_on_the_callback_are_no_server_errors() {
    let world = World::start();
    let browser = Browser::new();
    let url = world.app.url("/auth/redirect");
    let post = browser.post(&url, "code=x&state=y").await;
    assert_eq!(post.status, 400);
    let head = browser.send(Method::HEAD, &url, &[], None).await;
    assert!(head.status.is_client_error());
}

#[actix_web::test]
async fn the_code_is_in_no_later_address() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/deep")).await;
    let page = browser.get(&callback).await;
    assert_eq!(page.location().as_str(), world.app.url("/app/deep"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn an_attempt_from_another_browser_restarts_once_and_signs_in_its_own_user() {
    let world = World::start();
    world.users(ADA);
    let attacker = Browser::new();
    let callback = attacker
        .until_callback(&world.app.url("/app/attackers"))
        .await;
    // The attacker's callback, opened in the victim's browser (login CSRF, abuse C1).
    world.users("robin@northwind.example.test");
    let victim = Browser::new();
    let page = victim.get(&callback).await;
    assert_eq!(page.status, 302, "a fresh attempt of the victim's own");
    assert_eq!(
        token_calls(&world),
        0,
        "the attacker's code is never redeemed"
    );
    let page = victim.follow(page).await;
    assert!(page.body.ends_with("for Robin Reader"), "{}", page.body);
}

#[actix_web::test]
async fn a_browser_that_keeps_no_cookies_gets_a_page_that_says_so() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let name = format!("aad-browser-{}", world.app.port);
    let callback = browser.until_callback(&world.app.url("/app/deep")).await;
    browser.forget_cookie("localhost", &name);
    let restart = browser.get(&callback).await;
    assert_eq!(restart.status, 302);
    browser.forget_cookie("localhost", &name);
    let provider = browser.get(restart.location().as_str()).await;
    let page = browser.get(provider.location().as_str()).await;
    assert_eq!(page.status, 400);
    assert!(
        page.body.contains("AAD-FLOW-COOKIE-MISSING"),
        "{}",
        page.body
    );
    assert_eq!(token_calls(&world), 0);
}

#[actix_web::test]
async fn an_old_attempt_with_a_live_session_goes_on_without_redeeming() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let other = Browser::new();
    let foreign = other.until_callback(&world.app.url("/app/deep")).await;
    browser.open(&world.app.url("/app/x")).await;
    let before = (browser.session_cookie(), token_calls(&world));
    let page = browser.get(&foreign).await;
    assert_eq!(page.status, 303);
    assert_eq!(page.location().path(), "/app/deep");
    assert_eq!((browser.session_cookie(), token_calls(&world)), before);
}

#[actix_web::test]
async fn a_form_of_another_site_on_the_callback_changes_nothing() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/deep")).await;
    let query = callback.split_once('?').unwrap().1;
    let headers = [
        ("accept", "text/html"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    let url = world.app.url("/auth/redirect");
    let method = Method::POST;
    let page = Browser::new()
        .send(method, &url, &headers, Some(query))
        .await;
    assert_eq!(page.status, 400);
    assert!(page.all("set-cookie").is_empty());
    assert_eq!(token_calls(&world), 0);
}
