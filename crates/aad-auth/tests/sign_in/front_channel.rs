//! Front-channel sign-out (OpenID Connect Front-Channel Logout 1.0): by the provider's hidden frame,
//! without a cookie.

use awc::http::{Method, StatusCode};
use entra_emulator::Emulator;

use crate::support::{ADA, App, Browser, Page, ROBIN, World};

/// What a browser sends for a frame of another site: no cookie is Lax enough.
const FRAME: [(&str, &str); 4] = [
    ("accept", "text/html"),
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "iframe"),
];

async fn frame(world: &World, query: &str) -> Page {
    let url = world
        .app
        .url(&format!("/auth/front_channel_sign_out{query}"));
    let page = Browser::new().send(Method::GET, &url, &FRAME, None).await;
    assert!(page.all("set-cookie").is_empty(), "{page:?}");
    page
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[actix_web::test]
async fn a_foreign_issuer_an_unknown_session_and_nonsense_end_nothing() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let me = world.me(&ada).await;
    let sid = me["sid"].as_str().unwrap();
    let long = "a".repeat(5000);
    for query in [
        "".to_owned(),
        "?sid=".into(),
        "?sid=00000000-0000-4000-8000-000000000000".into(),
        format!("?sid={sid}&iss=https%3A%2F%2Fevil.example.test"),
        format!("?sid={sid}&iss={}%2F", encoded(me["iss"].as_str().unwrap())),
        format!("?sid={sid}&iss="),
        format!("?sid={sid}&sid={sid}"),
        format!("?sid={sid}&iss=a&iss=b"),
        format!("?sid={}", sid.to_uppercase()),
        format!("?sid={}*", &sid[..35]),
        format!("?sid={sid}&padding={long}"),
        "?sid=%00%FF".into(),
    ] {
        let page = frame(&world, &query).await;
        // Nobody learns whether a session was there.
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(world.lives(&ada).await, "{query}");
    }
}

#[actix_web::test]
async fn it_changes_nothing_by_another_method() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let me = world.me(&ada).await;
    let url = world.app.url(&format!(
        "/auth/front_channel_sign_out?sid={}",
        me["sid"].as_str().unwrap()
    ));
    for method in [Method::HEAD, Method::POST, Method::PUT, Method::DELETE] {
        let page = Browser::new().send(method, &url, &FRAME, Some("")).await;
        assert!(page.status.is_client_error(), "{}", page.status);
    }
    assert!(world.lives(&ada).await);
}

/// What an application calls by itself, with the `sid` of a notice of its own.
#[actix_web::test]
async fn the_application_ends_the_session_of_a_sid_and_no_other() {
    let world = World::start();
    let (ada, robin) = (world.signed_in(ADA).await, world.signed_in(ROBIN).await);
    let me = world.me(&ada).await;
    let sessions = world.app.auth.sessions();
    assert_eq!(sessions.end_by_sid("another-sid").await, Ok(0));
    assert!(world.lives(&ada).await);
    let sid = me["sid"].as_str().unwrap();
    assert_eq!(sessions.end_by_sid(sid).await, Ok(1));
    assert!(!world.lives(&ada).await && world.lives(&robin).await);
}

#[actix_web::test]
async fn a_frame_without_cookies_ends_the_session_of_its_sid_and_no_other() {
    let world = World::start();
    let (ada, robin) = (world.signed_in(ADA).await, world.signed_in(ROBIN).await);
    let sid = world.me(&ada).await["sid"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        // Again is no error: the frame is loaded as often as the provider likes.
        let page = frame(&world, &format!("?sid={sid}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!world.lives(&ada).await && world.lives(&robin).await);
    }
}

#[actix_web::test]
async fn only_the_provider_may_frame_it_and_nobody_may_keep_it() {
    let world = World::start();
    for query in ["", "?sid=x"] {
        let page = frame(&world, query).await;
        let policy = page.header("content-security-policy").unwrap();
        let provider = format!("http://127.0.0.1:{}", world.emulator.port());
        assert!(
            policy.ends_with(&format!("frame-ancestors {provider}")),
            "{policy}"
        );
        assert_eq!(page.header("x-frame-options"), None);
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
    // Every other route keeps both bars.
    for path in ["/auth/sign_out", "/auth/post_sign_out"] {
        let page = Browser::new().get(&world.app.url(path)).await;
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
    }
}

/// Another application of the same browser signs out at the provider: its page tells us.
async fn sign_out_at_the_provider(world: &World, browser: &Browser) -> String {
    let url = world.app.url("/auth/front_channel_sign_out");
    world.emulator.control().edit_directory(|directory| {
        for application in &mut directory.applications {
            application.web.logout_url = Some(url.clone());
        }
    });
    let page = world.sign_out_at_provider(browser).await;
    let (_, frame) = page.body.split_once("<iframe").unwrap();
    let (_, frame) = frame.split_once("src=\"").unwrap();
    let frame = frame.split('"').next().unwrap();
    frame.replace("&amp;", "&").replace("&#x2F;", "/")
}

#[actix_web::test]
async fn a_sign_out_at_the_provider_ends_the_session_here_with_sid_alone_and_with_iss() {
    for with_issuer in [false, true] {
        let world = World::start();
        world
            .emulator
            .control()
            .set_switches(|switches| switches.front_channel_issuer = with_issuer);
        let ada = world.signed_in(ADA).await;
        let address = sign_out_at_the_provider(&world, &ada).await;
        assert_eq!(address.contains("iss="), with_issuer, "{address}");
        let page = Browser::new()
            .send(Method::GET, &address, &FRAME, None)
            .await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!world.lives(&ada).await);
    }
}

#[actix_web::test]
async fn users_of_several_tenants_are_found_by_sid_alone() {
    const MULTI: &str = "00001111-aaaa-4222-8333-000000000002";
    let emulator = Emulator::builder().start().unwrap();
    let directory = emulator.control().directory();
    let mut applications = directory.applications.iter();
    let application = applications.find(|one| one.app_id == MULTI).unwrap();
    let secret = application.password_credentials[0].secret_text.clone();
    let app = App::start(&emulator, |source| {
        source
            .with("AAD_TENANT_ID", "organizations")
            .with("AAD_CLIENT_ID", MULTI)
            .with("AAD_CLIENT_SECRET", secret.unwrap_or_default())
            .with("AAD_ALLOWED_TENANTS", "*")
    });
    let world = World { emulator, app };
    let ada = world.signed_in(ADA).await;
    let me = world.me(&ada).await;
    let sid = me["sid"].as_str().unwrap();
    let iss = encoded(me["iss"].as_str().unwrap());
    let other = iss.replace(
        me["tid"].as_str().unwrap(),
        "22220000-aaaa-4bbb-8ccc-000000000001",
    );
    frame(&world, &format!("?sid={sid}&iss={other}")).await;
    assert!(world.lives(&ada).await, "another tenant's sign-out");
    frame(&world, &format!("?sid={sid}")).await;
    assert!(!world.lives(&ada).await);
}
