//! Every page, at the width of a telephone and of a desk, light and dark: nothing is wider than the
//! screen. With `AAD_SCREENSHOTS=1` pictures are written to `target/screenshots`.

use std::{fs, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use entra_emulator::{Endpoint, Fault};
use serde_json::json;

use crate::support::{ADA, Browser, NOOR, World, open_browser};

const WIDTHS: [u32; 2] = [360, 1280];
const SCHEMES: [&str; 2] = ["light", "dark"];
const HEIGHT: u32 = 800;

/// Looks at the page that the browser is on, and says what does not fit.
pub(crate) async fn look(browser: &Browser, name: &str, faults: &mut Vec<String>) {
    for width in WIDTHS {
        resize(browser, width).await;
        for scheme in SCHEMES {
            let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
            let features = json!({ "features": [feature] });
            browser
                .devtools("Emulation.setEmulatedMedia", features)
                .await;
            let wide = browser.script(TOO_WIDE).await;
            let wide = wide.as_str().unwrap();
            if !wide.is_empty() {
                faults.push(format!("{name} at {width} px: {wide}"));
            }
            if pictures_are_wanted() {
                keep_picture(browser, &format!("{name}-{width}-{scheme}.png")).await;
            }
        }
    }
    // The next page begins narrow, which is harder.
    resize(browser, WIDTHS[0]).await;
    faults.extend(browser.complaints().await);
}

async fn resize(browser: &Browser, width: u32) {
    let size = json!({ "width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": false });
    browser
        .devtools("Emulation.setDeviceMetricsOverride", size)
        .await;
}

/// The elements that stick out of the page, without those in something that scrolls by itself.
const TOO_WIDE: &str = "
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return '';
    const out = [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > width + 1)
        .map((element) => element.tagName + '.' + element.className);
    return document.documentElement.scrollWidth + ' px: ' + out.slice(0, 8).join(', ');";

async fn keep_picture(browser: &Browser, file: &str) {
    let whole = json!({ "captureBeyondViewport": true });
    let picture = browser.devtools("Page.captureScreenshot", whole).await;
    let png = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../screenshots");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(file), png).unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not of the product"
)]
fn pictures_are_wanted() -> bool {
    std::env::var_os("AAD_SCREENSHOTS").is_some_and(|value| value == "1")
}

async fn look_at_all(browser: &Browser, world: &World, pages: &[(&str, &str)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, path) in pages {
        browser.open(&world.url(path)).await;
        look(browser, name, &mut faults).await;
    }
    faults
}

#[actix_web::test]
async fn pages_for_strangers_fit() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    let pages = [
        ("home-signed-out", "/"),
        ("not-found", "/missing"),
        ("sign-in-refused", "/auth/redirect?code=x&state=y"),
        ("confirm-sign-out", "/auth/sign_out"),
        ("signed-out-unknown", "/auth/post_sign_out"),
        ("provider-picker", "/token_details"),
    ];
    let mut faults = look_at_all(&browser, &world, &pages).await;
    browser.press("Use another user name").await;
    look(&browser, "provider-username", &mut faults).await;
    browser.open(&world.url("/token_details")).await;
    browser.press("Connie Consent").await;
    browser.find("button[value=accept]").await;
    look(&browser, "provider-consent", &mut faults).await;
    browser.open(&world.provider()).await;
    look(&browser, "provider-dashboard", &mut faults).await;
    let unregistered = format!(
        "{}northwind.example.test/oauth2/v2.0/authorize?client_id=00001111-aaaa-4222-8333-000000000001&\
         response_type=code&scope=openid&redirect_uri=http://localhost:5000/elsewhere",
        world.provider()
    );
    browser.open(&unregistered).await;
    look(&browser, "provider-error", &mut faults).await;
    assert_eq!(faults, [""; 0]);
}

#[actix_web::test]
async fn pages_for_the_signed_in_fit() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    world.sign_in(&browser, ADA, "/").await;
    let pages = [
        ("home-signed-in", "/"),
        ("token-details", "/token_details"),
        ("graph", "/call_ms_graph"),
        ("groups", "/groups"),
        ("sessions", "/sessions"),
        ("admin", "/admin"),
        ("confirm-sign-out-signed-in", "/auth/sign_out"),
        ("still-signed-in", "/auth/post_sign_out"),
    ];
    let mut faults = look_at_all(&browser, &world, &pages).await;
    browser.open(&world.url("/")).await;
    browser.click("details.person summary").await;
    look(&browser, "menu", &mut faults).await;
    world
        .emulator
        .control()
        .faults()
        .set(Fault::status(Endpoint::Graph, 503));
    browser.open(&world.url("/call_ms_graph")).await;
    look(&browser, "graph-failed", &mut faults).await;
    browser.open(&world.url("/sessions")).await;
    world.end_sessions_of_ada().await;
    browser.press("Sign out everywhere").await;
    look(&browser, "not-signed-in", &mut faults).await;
    world.sign_in(&browser, NOOR, "/groups").await;
    faults.extend(
        look_at_all(
            &browser,
            &world,
            &[("groups-none", "/groups"), ("forbidden", "/admin")],
        )
        .await,
    );
    browser.open(&world.url("/auth/post_sign_out")).await;
    browser.leaving().await;
    browser.click("main form button").await;
    browser.arrive(&world.url("/auth/post_sign_out?")).await;
    look(&browser, "signed-out", &mut faults).await;
    assert_eq!(faults, [""; 0]);
}

/// The page after a sign-in whose address was too long to be kept.
#[actix_web::test]
async fn the_page_of_a_shortened_address_fits() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    world.users(Some(ADA));
    let search = "word+".repeat(800);
    browser
        .open(&world.url(&format!("/groups?search={search}")))
        .await;
    browser.arrive(&world.url("/auth/redirect?")).await;
    let text = browser.text().await;
    assert!(text.contains("too long to be kept"), "{text}");
    assert!(
        text.contains("Ada Admin") && !text.contains("Sign in"),
        "{text}"
    );
    let mut faults = Vec::new();
    look(&browser, "address-shortened", &mut faults).await;
    assert_eq!(faults, [""; 0]);
    browser.press("Go on").await;
    browser.arrive(&world.url("/groups")).await;
    assert_eq!(world.who(&browser).await, ADA);
}

#[actix_web::test]
async fn the_providers_pages_after_the_choice_fit() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    let mut faults = Vec::new();
    let broken = Fault::status(Endpoint::Token, 500);
    world.emulator.control().faults().set(broken);
    world.users(Some(ADA));
    browser.open(&world.url("/groups")).await;
    browser.arrive(&world.url("/auth/redirect?")).await;
    look(&browser, "sign-in-failed", &mut faults).await;
    world.emulator.control().faults().clear();
    world.sign_in(&browser, ADA, "/").await;
    browser.open(&world.provider_sign_out()).await;
    look(&browser, "provider-sign-out", &mut faults).await;
    browser.press("Ada Admin").await;
    look(&browser, "provider-signed-out", &mut faults).await;
    assert_eq!(faults, [""; 0]);
}
