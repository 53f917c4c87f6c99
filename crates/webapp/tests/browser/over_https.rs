//! As in production: https on both sides, `__Host-` cookies, and a response that the provider
//! posts across sites (abuse C13, D2).

use aad_auth::config::Source;
use serde_json::{Value, json};

use crate::support::{ADA, NOOR, World, open_browser};

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

/// A sibling host can set a cookie for the whole domain under any raw name that has no prefix.
#[actix_web::test]
async fn w1_a_planted_cookie_under_a_disguised_prefix_is_not_read() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::over_https(|source| source);
    world.sign_in(&browser, NOOR, "/").await;
    // A notice that waits for Noor's next page.
    let post = "return fetch('/preferences', { method: 'POST', redirect: 'manual',
        body: new URLSearchParams({ theme: 'dark' }) }).then((answer) => answer.type)";
    assert_eq!(browser.script(post).await, "opaqueredirect");
    let cookies = browser.cookies().await;
    let value = |name: &str| {
        let found = cookies.iter().find(|cookie| cookie["name"] == name);
        found.unwrap_or_else(|| panic!("no {name}"))["value"].clone()
    };
    let notice = value("__Host-aad-session-notices");
    let session = value("__Host-aad-session");
    browser
        .devtools("Network.clearBrowserCookies", json!({}))
        .await;
    world.sign_in(&browser, ADA, "/").await;
    for (name, value) in [
        ("%5F%5FHost-aad-session-notices", &notice),
        ("%5F%5FHost-aad-session", &session),
    ] {
        // With the longer path it stands before the genuine one.
        let cookie = json!({ "name": name, "value": value, "path": "/sessions", "secure": true });
        browser.add_cookie(&cookie).await;
    }
    browser.open(&world.url("/sessions")).await;
    let planted = browser.cookies().await;
    let planted = planted.iter().filter(|cookie| {
        let name = cookie["name"].as_str().unwrap();
        name.starts_with('%')
    });
    assert_eq!(planted.count(), 2, "the browser holds and sends them");
    assert!(!browser.text().await.contains("dark in this browser"));
    assert_eq!(world.who(&browser).await, ADA);
}
