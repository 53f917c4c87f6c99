//! What the browser gets to see, and what it can make us do with what it sends.

use aad_auth::internals::{AuthInternals, secret::ExposeSecret, session::SessionId};
use awc::http::Method;
use entra_emulator::Endpoint;

use crate::support::{ADA, Browser, Page, World};

/// All that an answer says.
fn text_of(page: &Page) -> String {
    format!("{:?}\n{}", page.headers, page.body)
}

#[actix_web::test]
async fn e22_no_token_reaches_the_browser() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let start = browser.get(&world.app.url("/auth/sign_in")).await;
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let mut seen = vec![start, browser.get(&callback).await];
    let (_, cookie) = browser.session_cookie().unwrap();
    let sessions = world.app.auth.engine().sessions();
    let id = SessionId::parse(cookie.as_bytes()).unwrap();
    let session = sessions.load(&id).await.unwrap().unwrap();
    let tokens = sessions
        .vault()
        .get(&session)
        .await
        .unwrap()
        .unwrap()
        .tokens;
    for path in [
        "/",
        "/app/x",
        "/api/me",
        "/auth/sign_out",
        "/auth/post_sign_out",
    ] {
        seen.push(browser.get(&world.app.url(path)).await);
    }
    seen.push(browser.get(&callback).await);
    seen.push(browser.post(&world.app.url("/auth/sign_out"), "").await);
    for secret in [
        tokens.access_token.as_ref().unwrap().expose_secret(),
        tokens.refresh_token.as_ref().unwrap().expose_secret(),
        tokens.id_token.as_ref().unwrap().expose_secret(),
        crate::support::CLIENT_SECRET,
    ] {
        assert!(secret.len() > 20);
        let told = seen.iter().find(|page| text_of(page).contains(secret));
        assert!(told.is_none(), "{:?}", told.map(|page| &page.url));
    }
}

#[actix_web::test]
async fn d3_a_doubled_binding_cookie_redeems_nothing() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let (name, value) = browser.binding_cookie().unwrap();
    // Planted from another path or a sibling domain, before or after the right one.
    for cookies in [
        format!("{name}=planted; {name}={value}"),
        format!("{name}={value}; {name}=planted"),
        format!("{name}={value}; {name}={value}"),
    ] {
        let headers = [("accept", "text/html"), ("cookie", cookies.as_str())];
        let answer = Browser::new()
            .send(Method::GET, &callback, &headers, None)
            .await;
        assert!(!answer.status.is_server_error(), "{}", answer.status);
        let cookies = answer.all("set-cookie").join("\n");
        assert!(!cookies.contains("session"), "{cookies}");
    }
    let control = world.emulator.control();
    assert_eq!(control.count_calls(Endpoint::Token), 0);
    // The right browser can still finish.
    assert_eq!(browser.open(&callback).await.status, 200);
}

#[actix_web::test]
async fn d5_numbers_and_crowds_of_cookies_are_nobody() {
    let world = World::start();
    let name = format!("aad-session-{}", world.app.port);
    let value = "A".repeat(43);
    let crowd: Vec<_> = (0..400).map(|n| format!("{name}.{n}={value}")).collect();
    for cookies in [
        format!("{name}=chunks:99999999; {name}_chunks=99999999"),
        format!("{name}.0={value}; {name}.1={value}"),
        crowd.join("; "),
        "; ".repeat(4_000),
        format!("{name}={}", "A".repeat(16 * 1024)),
    ] {
        let headers = [("accept", "*/*"), ("cookie", cookies.as_str())];
        let url = world.app.url("/app/x");
        let page = Browser::new().send(Method::GET, &url, &headers, None).await;
        assert_eq!(page.status, 401);
        // None of them has even the form of an id: nothing was looked up.
        assert!(page.body.contains("\"reason\":\"anonymous\""));
        assert!(page.all("set-cookie").is_empty());
    }
}

#[actix_web::test]
async fn d24_what_only_some_may_see_stays_in_no_cache() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let page = browser.open(&world.app.url("/app/x")).await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let answer = browser.post(&world.app.url("/auth/sign_out"), "").await;
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn d26_none_of_the_crates_pages_can_be_framed() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    for path in [
        "/auth/sign_out",
        "/auth/post_sign_out",
        "/auth/redirect?code=a&state=b",
        "/auth/redirect?error=access_denied",
        "/auth/sign_in",
    ] {
        let page = browser.get(&world.app.url(path)).await;
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        // An address of a failed sign-in may carry a code; the other pages may hold a form.
        let fails = path.starts_with("/auth/redirect");
        let policy = page.header("referrer-policy");
        let same_origin = path.ends_with("sign_out");
        assert_eq!(policy == Some("same-origin"), same_origin, "{path}");
        assert!(!fails || policy == Some("no-referrer"), "{path}");
    }
}

#[actix_web::test]
async fn e23_thousands_of_parameters_are_refused_or_dropped() {
    let world = World::start();
    let browser = Browser::new();
    let pairs = |count: usize| -> String { (0..count).map(|n| format!("&p{n}={n}")).collect() };
    let start = format!("/auth/sign_in?return_to=/app/x{}", pairs(3_000));
    assert_eq!(browser.get(&world.app.url(&start)).await.status, 414);
    let pairs = pairs(1_400);
    let start = browser
        .get(
            &world
                .app
                .url(&format!("/auth/sign_in?return_to=/app/x{pairs}")),
        )
        .await;
    assert_eq!(start.status, 302);
    assert!(start.header("location").unwrap().len() < 4_096);
    let url = world
        .app
        .url(&format!("/auth/redirect?code=a&state=b{pairs}"));
    let callback = browser.get(&url).await;
    assert!(callback.status.is_client_error(), "{}", callback.status);
    let form = format!("return_to=/{pairs}");
    let answer = browser.post(&world.app.url("/auth/sign_out"), &form).await;
    assert!(answer.leads_on());
    let form = "x".repeat(70 * 1024);
    let answer = browser.post(&world.app.url("/auth/sign_out"), &form).await;
    assert_eq!(answer.status, 413);
}
