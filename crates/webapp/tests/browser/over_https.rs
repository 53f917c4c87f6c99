//! As in production: https on both sides, `__Host-` cookies, and a response that the provider
//! posts across sites (abuse C13, D2).

use aad_auth::config::Source;
use serde_json::Value;

use crate::support::{ADA, World, open_browser};

fn posted(source: Source) -> Source {
    source.with("AAD_RESPONSE_MODE", "form_post")
}

#[actix_web::test]
async fn a_response_posted_across_sites_hops_and_signs_in_with_host_cookies() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::over_https(posted);
    assert!(world.provider().starts_with("https://127.0.0.1:"));
    browser.open(&world.url("/token_details?x=1")).await;
    browser.arrive(&world.provider()).await;
    browser.press("Ada Admin").await;
    browser.arrive(&world.url("/token_details?x=1")).await;
    assert_eq!(world.who(&browser).await, ADA);
    assert_eq!(browser.complaints().await, [""; 0]);

    let cookies = browser.cookies().await;
    let ours = |name: &str| cookies.iter().find(|cookie| cookie["name"] == name);
    for name in ["__Host-aad-session", "__Host-aad-browser"] {
        let cookie = ours(name).unwrap_or_else(|| panic!("{name} is not there"));
        assert_eq!(cookie["secure"], true, "{name}");
        assert_eq!(cookie["httpOnly"], true, "{name}");
        assert_eq!(cookie["sameSite"], "Lax", "{name}");
        assert_eq!(cookie["path"], "/", "{name}");
        assert_eq!(cookie["domain"], "localhost", "{name}");
    }
    let none = cookies.iter().find(|cookie| cookie["sameSite"] == "None");
    assert_eq!(none, None);
    assert_eq!(browser.script("return document.cookie").await, "");
}

#[actix_web::test]
async fn a_signed_out_browser_comes_back_over_https_too() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::over_https(posted);
    world.sign_in(&browser, ADA, "/").await;
    browser.click("details.person summary").await;
    browser.press("Sign out").await;
    browser.arrive(&world.url("/auth/post_sign_out")).await;
    assert_eq!(world.who(&browser).await, Value::Null);
    assert_eq!(browser.complaints().await, [""; 0]);
    let cookies = browser.cookies().await;
    let session = cookies
        .iter()
        .find(|cookie| cookie["name"] == "__Host-aad-session");
    assert_eq!(session, None);
}
