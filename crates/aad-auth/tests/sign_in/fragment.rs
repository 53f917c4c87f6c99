//! Guards that keep the fragment: it never reaches a server but through the script of a page.

use url::form_urlencoded::byte_serialize;

use crate::support::{ADA, Browser, Page, World};

fn world() -> World {
    let world = World::start();
    world.users(ADA);
    world
}

/// What the script does with `location.hash`.
fn passed_on(page: &Page, fragment: &str) -> String {
    let encoded: String = byte_serialize(fragment.as_bytes()).collect();
    format!("{}&fragment={encoded}", page.link())
}

#[actix_web::test]
async fn an_anonymous_navigation_gets_a_page_that_passes_the_fragment_on() {
    let (world, browser) = (world(), Browser::new());
    let page = browser.get(&world.app.url("/spa/x?y=1")).await;
    assert_eq!(page.status, 401, "what stands there is not this page");
    assert!(page.header("www-authenticate").is_some());
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.all("set-cookie").is_empty());
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
    let (_, script) = page.body.split_once("<script src=\"").unwrap();
    let (script, _) = script.split_once("\"></script>").unwrap();
    assert!(script.starts_with("/auth/assets/"), "{script}");
    let script = browser.fetch(&world.app.url(script)).await;
    assert!(script.body.contains("location.hash"), "{}", script.body);

    let callback = browser
        .until_callback(&passed_on(&page, "/route/7?tab=a%20b"))
        .await;
    let back = browser.get(&callback).await;
    assert_eq!(back.status, 303);
    let address = world.app.url("/spa/x?y=1#/route/7?tab=a%20b");
    assert_eq!(back.location().as_str(), address);
    assert_eq!(browser.follow(back).await.body, "/spa/x?y=1 for Ada Admin");
}

#[actix_web::test]
async fn without_script_the_plain_link_signs_in() {
    let (world, browser) = (world(), Browser::new());
    let page = browser.get(&world.app.url("/spa/x")).await;
    let page = browser.open(&page.link()).await;
    assert_eq!(page.body, "/spa/x for Ada Admin");
}

#[actix_web::test]
async fn no_fragment_leads_to_another_origin_or_into_a_header() {
    let (world, own) = (world(), Browser::new());
    let page = own.get(&world.app.url("/spa/x")).await;
    for fragment in [
        "//evil.test",
        "https://evil.test/",
        "@evil.test",
        "\\evil.test",
        "\r\nX-Injected: yes",
        "\0",
        "#",
        "x#//evil.test",
        "\u{e4}<script>",
        &"x".repeat(5000),
    ] {
        let browser = Browser::new();
        let callback = browser.until_callback(&passed_on(&page, fragment)).await;
        let back = browser.get(&callback).await;
        assert_eq!(back.status, 303, "{fragment:?}");
        let to = back.location();
        assert_eq!((to.host_str(), to.path()), (Some("localhost"), "/spa/x"));
        assert!(back.header("location").unwrap().len() <= 1024);
        assert!(back.header("x-injected").is_none());
    }
}

#[actix_web::test]
async fn scripts_forms_and_signed_in_users_are_answered_as_ever() {
    let (world, browser) = (world(), Browser::new());
    let script = browser.fetch(&world.app.url("/spa/x")).await;
    assert_eq!(script.status, 401);
    assert_eq!(
        script.header("content-type"),
        Some("application/problem+json")
    );
    let form = browser.post(&world.app.url("/spa/x"), "a=b").await;
    assert_eq!(form.status, 401);
    assert!(!form.body.contains("<script"), "a form has no fragment");
    browser.open(&world.app.url("/app/x")).await;
    let page = browser.get(&world.app.url("/spa/x")).await;
    assert_eq!(page.body, "/spa/x for Ada Admin");
}

#[actix_web::test]
async fn other_guards_redirect_and_the_provider_never_sees_a_fragment() {
    let (world, browser) = (world(), Browser::new());
    let page = browser.get(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 302);
    let start = browser.get(page.location().as_str()).await;
    assert!(start.header("location").unwrap().ends_with('#'));
    let page = browser.get(&world.app.url("/spa/x")).await;
    let start = browser.get(&passed_on(&page, "canary-fragment")).await;
    let location = start.header("location").unwrap();
    assert!(
        location.ends_with('#') && !location.contains("canary"),
        "{location}"
    );
}
