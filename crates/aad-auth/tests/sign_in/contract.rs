//! The 401 contract: who is redirected, and who is told.

use awc::http::Method;

use crate::support::{ADA, Browser, ROBIN, World};

#[actix_web::test]
async fn a_navigation_is_redirected_with_its_address_and_without_a_cookie() {
    let world = World::start();
    let page = Browser::new().get(&world.app.url("/app/a?b=c")).await;
    assert_eq!(page.status, 302);
    assert_eq!(page.location().path(), "/auth/sign_in");
    assert_eq!(page.parameter("return_to").unwrap(), "/app/a?b=c");
    assert!(page.all("set-cookie").is_empty());
}

#[actix_web::test]
async fn scripts_get_401_with_where_to_sign_in_and_no_cookie() {
    let world = World::start();
    let browser = Browser::new();
    for url in ["/app/a", "/auth/sign_in", "/admin/a"] {
        let page = browser.fetch(&world.app.url(url)).await;
        assert_eq!(page.status, 401, "{url}");
        assert_eq!(
            page.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(page.header("www-authenticate").is_some());
        assert!(page.all("set-cookie").is_empty());
        let problem: serde_json::Value = serde_json::from_str(&page.body).unwrap();
        assert_eq!(problem["reason"], "anonymous");
        assert!(
            problem["login_url"]
                .as_str()
                .unwrap()
                .starts_with("/auth/sign_in?return_to=")
        );
    }
}

#[actix_web::test]
async fn an_ended_session_is_told_from_none() {
    let world = World::start();
    let browser = Browser::new();
    let name = format!("aad-session-{}", world.app.port);
    browser.set_cookie("localhost", &name, &"A".repeat(43));
    let page = browser.fetch(&world.app.url("/app/a")).await;
    assert!(
        page.body.contains("\"reason\":\"expired\""),
        "{}",
        page.body
    );
}

#[actix_web::test]
async fn a_posted_form_and_a_prefetch_are_not_redirected() {
    let world = World::start();
    let browser = Browser::new();
    let post = browser
        .post(&world.app.url("/app/a"), "text=kept-by-nobody")
        .await;
    assert_eq!(post.status, 401);
    assert!(
        post.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(!post.body.contains("kept-by-nobody"));
    let headers = [
        ("accept", "text/html"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("sec-purpose", "prefetch"),
    ];
    let prefetch = browser
        .send(Method::GET, &world.app.url("/app/a"), &headers, None)
        .await;
    assert_eq!(prefetch.status, 401);
}

#[actix_web::test]
async fn cors_is_for_configured_origins_only() {
    let world = World::with(|source| source.with("AAD_CORS_ORIGINS", "https://spa.example.test"));
    let browser = Browser::new();
    for (origin, allowed) in [
        ("https://spa.example.test", true),
        ("https://spa.example.test.evil.test", false),
        ("null", false),
    ] {
        let headers = [
            ("accept", "*/*"),
            ("sec-fetch-mode", "cors"),
            ("origin", origin),
        ];
        let page = browser
            .send(Method::GET, &world.app.url("/app/a"), &headers, None)
            .await;
        assert_eq!(page.status, 401);
        let granted = page.header("access-control-allow-origin");
        assert_eq!(granted, allowed.then_some(origin));
    }
}

#[actix_web::test]
async fn r22_a_preflight_of_a_configured_origin_is_answered_and_others_learn_nothing() {
    const SPA: &str = "https://spa.example.test";
    let world = World::with(|source| source.with("AAD_CORS_ORIGINS", SPA));
    let browser = Browser::new();
    let asked = async |origin: &str, path: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "PUT"),
            (
                "access-control-request-headers",
                "authorization,content-type",
            ),
            ("sec-fetch-mode", "cors"),
        ];
        let url = world.app.url(path);
        browser.send(Method::OPTIONS, &url, &headers, None).await
    };
    for path in ["/app/a", "/api/me", "/admin/x"] {
        let page = asked(SPA, path).await;
        assert_eq!(page.status, 204, "{path}");
        for (name, expected) in [
            ("access-control-allow-origin", SPA),
            ("access-control-allow-credentials", "true"),
            (
                "access-control-allow-headers",
                "authorization, content-type",
            ),
            ("access-control-max-age", "600"),
        ] {
            assert_eq!(page.header(name), Some(expected), "{path}");
        }
        let methods = page.header("access-control-allow-methods").unwrap();
        assert!(methods.split(", ").any(|method| method == "PUT"));
        assert!(page.all("set-cookie").is_empty());
        for origin in [
            "https://spa.example.test.evil.test",
            "null",
            "https://evil.test",
        ] {
            let page = asked(origin, path).await;
            assert_eq!(page.status, 401, "{path} {origin}");
            let mut cors = page.headers.iter().map(|(name, _)| name);
            assert!(
                cors.all(|name| !name.starts_with("access-control-")),
                "{origin}"
            );
        }
    }
    // What follows is still decided by the guard.
    let headers = [
        ("accept", "*/*"),
        ("sec-fetch-mode", "cors"),
        ("origin", SPA),
    ];
    let url = world.app.url("/app/a");
    let page = browser.send(Method::PUT, &url, &headers, Some("x")).await;
    assert_eq!(page.status, 401);
}

#[actix_web::test]
async fn a_missing_role_is_403_and_says_which() {
    let world = World::start();
    world.users(ROBIN);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    let page = browser.get(&world.app.url("/admin/x")).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("Admin"));
    let script = browser.fetch(&world.app.url("/admin/x")).await;
    assert_eq!(
        script.header("content-type"),
        Some("application/problem+json")
    );
    world.users(ADA);
    let admin = Browser::new();
    assert_eq!(admin.open(&world.app.url("/admin/x")).await.status, 200);
}

#[actix_web::test]
async fn a_post_from_another_site_is_refused() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.test"),
    ] {
        let headers = [("accept", "text/html"), header];
        for path in ["/app/x", "/auth/sign_out"] {
            let page = browser
                .send(Method::POST, &world.app.url(path), &headers, Some(""))
                .await;
            assert_eq!(page.status, 403, "{path} {header:?}");
        }
    }
    assert_eq!(browser.fetch(&world.app.url("/app/x")).await.status, 200);
}

#[actix_web::test]
async fn forged_and_doubled_cookies_are_nobody() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    let (name, value) = browser.session_cookie().unwrap();
    let stranger = Browser::new();
    let mut flipped = value.clone();
    flipped.replace_range(..1, if value.starts_with('A') { "B" } else { "A" });
    for cookie in [
        format!("{name}={flipped}"),
        format!("{name}={}", &value[1..]),
        format!("{name}={value}; {name}={value}"),
        format!("{name}=%00%ff; x"),
        format!("{name}="),
    ] {
        let headers = [("accept", "*/*"), ("cookie", cookie.as_str())];
        let page = stranger
            .send(Method::GET, &world.app.url("/app/x"), &headers, None)
            .await;
        assert_eq!(page.status, 401, "{cookie}");
    }
}
