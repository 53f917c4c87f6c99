//! The way to the user flow in which users edit their profile (Azure AD B2C).

use aad_auth::config::Source;
use actix_web::http::StatusCode;
use entra_emulator::Emulator;

use super::{Browser, start, start_with};

const DOMAIN: &str = "litware.onmicrosoft.com";

/// The application at the B2C tenant, whose customer signs in without a page.
fn shop(change: impl FnOnce(&mut Source)) -> (Emulator, Browser) {
    let (emulator, site) = start_with(|source| {
        source.set("AAD_TENANT_ID", DOMAIN);
        source.set("AAD_CLIENT_ID", "00001111-aaaa-4222-8333-000000000009");
        source.set("AAD_CLIENT_SECRET", "emulator~secret~b2c");
        source.set("AAD_USER_FLOW", "B2C_1_susi");
        change(source);
    });
    let customer = format!("sam@{DOMAIN}");
    emulator.control().auto_sign_in(Some(&customer));
    let browser = Browser::new(&site);
    (emulator, browser)
}

/// Where the link of this name leads.
fn link(page: &str, words: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!("\">{words}</a>"))?;
    let (_, href) = before.rsplit_once("href=\"")?;
    Some(href.replace("&amp;", "&").replace("&#x2F;", "/"))
}

#[actix_web::test]
async fn without_such_a_user_flow_no_page_offers_to_edit_the_profile() {
    let (emulator, site) = start();
    let control = emulator.control();
    control.auto_sign_in(Some("ada@northwind.example.test"));
    let (_litware, shopper) = shop(|_| ());
    for mut browser in [Browser::new(&site), shopper] {
        let page = browser.visit("/token_details").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(link(&page.text, "Use another account").is_some());
        assert!(!page.text.contains("Edit profile"));
        let page = browser.get("/auth/edit_profile").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
}

#[actix_web::test]
async fn who_is_signed_in_is_offered_to_edit_the_profile_and_comes_back() {
    let (_emulator, mut browser) =
        shop(|source| source.set("AAD_USER_FLOW_EDIT_PROFILE", "B2C_1_edit_profile"));
    let page = browser.get("/").await;
    assert!(!page.text.contains("Edit profile"), "nobody is signed in");
    for path in ["/token_details", "/", "/sessions", "/missing"] {
        let page = browser.visit(path).await;
        let href = link(&page.text, "Edit profile").unwrap_or_else(|| panic!("{path}"));
        let back = url::form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
        assert_eq!(href, format!("/auth/edit_profile?return_to={back}"));
        let start = browser.get(&href).await;
        assert_eq!(start.status, StatusCode::FOUND);
        let flow = format!("/{DOMAIN}/B2C_1_edit_profile/oauth2/v2.0/authorize?");
        assert!(start.header("location").contains(&flow), "{path}");
    }
    // The user flow asks nothing of whom the emulator signs in by itself.
    let page = browser
        .visit("/auth/edit_profile?return_to=%2Fsessions")
        .await;
    assert!(page.text.contains("This browser"), "{}", page.text);
}
