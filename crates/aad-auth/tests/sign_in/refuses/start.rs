//! Starts of a sign-in, and what they send to the provider.

use aad_auth::internals::AuthInternals;
use awc::http::Method;
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entra_emulator::{Emulator, Endpoint, Fault};

use crate::support::{ADA, App, Browser, TENANT, World};

#[actix_web::test]
async fn c5_pkce_is_sent_also_where_metadata_does_not_announce_it() {
    let emulator = Emulator::builder().start().unwrap();
    emulator
        .control()
        .faults()
        .set(Fault::metadata_without("code_challenge_methods_supported"));
    let app = App::start(&emulator, |source| source);
    let start = Browser::new().get(&app.url("/auth/sign_in")).await;
    assert_eq!(start.parameter("code_challenge_method").unwrap(), "S256");
    assert_eq!(start.parameter("code_challenge").unwrap().len(), 43);
}

#[actix_web::test]
async fn c6_each_attempt_has_a_verifier_of_its_own_and_only_its_digest_goes_ahead() {
    let world = World::start();
    world.users(ADA);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let browser = Browser::new();
        let start = browser.get(&world.app.url("/auth/sign_in")).await;
        let challenge = start.parameter("code_challenge").unwrap();
        browser.follow(start).await;
        let calls = world.emulator.control().take_calls();
        let mut tokens = calls.iter().filter(|c| c.endpoint == Endpoint::Token);
        let verifier = tokens.next().unwrap().secret("code_verifier").unwrap();
        let hashed = digest::digest(&digest::SHA256, verifier.as_bytes());
        assert_eq!(URL_SAFE_NO_PAD.encode(hashed), challenge);
        assert!(
            !seen.contains(&verifier.to_owned()),
            "a verifier comes again"
        );
        seen.push(verifier.to_owned());
    }
}

#[actix_web::test]
async fn c7_a_state_of_another_provider_under_the_same_secret() {
    let secret = "QUJDRA".repeat(20);
    let (ours, theirs) = (Emulator::builder().start(), Emulator::builder().start());
    let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
    let with = |emulator: &Emulator| {
        App::start(emulator, |source| {
            source
                .with("AAD_SESSION_SECRET", &secret)
                .with("AAD_BASE_URL", "http://localhost:5000")
        })
    };
    let (app, other) = (with(&ours), with(&theirs));
    theirs.control().auto_sign_in(Some(ADA));
    let browser = Browser::new();
    let start = browser.get(&other.url("/auth/sign_in")).await;
    let callback = browser.get(start.location().as_str()).await.location();
    let at = |app: &App| {
        format!(
            "{}?{}",
            app.url("/auth/redirect"),
            callback.query().unwrap()
        )
    };
    let page = browser.get(&at(&app)).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("AAD-FLOW-STATE"), "{}", page.body);
    assert!(browser.session_cookie().is_none());
    assert_eq!(ours.control().count_calls(Endpoint::Token), 0);
    // At the application whose it is, the same state is good.
    assert_eq!(browser.get(&at(&other)).await.status, 303);
}

#[actix_web::test]
async fn c15_an_image_a_frame_or_a_script_of_another_site_starts_nothing() {
    let world = World::start();
    let store = world.app.auth.engine().sessions().store().clone();
    Browser::new().get(&world.app.url("/auth/sign_in")).await;
    // The provider's metadata is kept for a restart: that is the one record there may be.
    while store.stats().records == Some(0) {
        actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let before = store.stats().records;
    for (mode, destination) in [
        ("no-cors", "image"),
        ("navigate", "iframe"),
        ("no-cors", "script"),
        ("cors", "empty"),
    ] {
        let browser = Browser::new();
        let headers = [
            ("accept", "text/html,*/*"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", mode),
            ("sec-fetch-dest", destination),
        ];
        let url = world.app.url("/auth/sign_in?return_to=%2Fapp%2Fx");
        let page = browser.send(Method::GET, &url, &headers, None).await;
        assert_eq!(page.status, 401, "{destination}");
        assert!(page.all("set-cookie").is_empty() && page.header("location").is_none());
    }
    assert_eq!(store.stats().records, before);
}

/// Through a service worker the headers of a frame are those of a tab.
#[actix_web::test]
async fn r107_a_navigation_that_a_worker_passes_on_goes_on_by_a_page_that_no_frame_shows() {
    let world = World::start();
    let passed_on = [
        ("accept", "text/html,*/*"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "empty"),
    ];
    let url = world.app.url("/auth/sign_in?return_to=%2Fapp%2Fx");
    let browser = Browser::new();
    let page = browser.send(Method::GET, &url, &passed_on, None).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("location"), None);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.location().path().ends_with("/oauth2/v2.0/authorize"));
    assert!(browser.binding_cookie().is_some());
}

#[actix_web::test]
async fn c20_no_answer_of_ours_may_be_framed_and_no_link_asks_silently() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    for path in [
        "/auth/sign_in?prompt=none",
        "/auth/redirect",
        "/auth/redirect?error=login_required&state=x",
        "/auth/sign_out",
        "/auth/post_sign_out",
        "/app/x",
    ] {
        let page = browser.get(&world.app.url(path)).await;
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{path}");
    }
    let start = browser
        .get(&world.app.url("/auth/sign_in?prompt=none"))
        .await;
    assert_eq!(start.parameter("prompt"), None);
}

#[actix_web::test]
async fn c25_an_authorization_endpoint_of_poisoned_metadata() {
    let evil = |origin: &str| {
        [
            "javascript:alert(1)".to_owned(),
            format!("{origin}/authorize\r\nLocation: https://evil.test/"),
            format!("{origin}/authorize\u{0}"),
            "http://evil.test/authorize".to_owned(),
            "https://evil.test/authorize".to_owned(),
            "data:text/html,x".to_owned(),
            format!("//evil.test/{TENANT}"),
        ]
    };
    let emulator = Emulator::builder().start().unwrap();
    for endpoint in evil(emulator.url().as_str().trim_end_matches('/')) {
        let faults = emulator.control().faults();
        faults.set(Fault::metadata("authorization_endpoint", endpoint.as_str()));
        let app = App::start(&emulator, |source| source);
        let page = Browser::new().get(&app.url("/auth/sign_in")).await;
        assert_eq!(page.status, 503, "{endpoint:?}");
        assert!(page.header("location").is_none(), "{endpoint:?}");
        assert!(!page.body.contains("evil") && !page.body.contains("javascript"));
        faults.clear();
    }
}
