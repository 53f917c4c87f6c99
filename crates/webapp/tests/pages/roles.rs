//! Roles and groups at another provider than Entra ID: what pages say, and what decides.

use aad_auth::config::Source;
use actix_web::http::{Method, StatusCode};
use entra_emulator::Emulator;
use serde_json::Value;

use super::{Browser, start, start_with};

const ADA: &str = "ada@northwind.example.test";
/// Nobody's group, no role: Noor has neither.
const NOOR: &str = "noor@northwind.example.test";

/// The application with the emulator as just any OpenID provider.
fn elsewhere(change: impl FnOnce(&mut Source)) -> (Emulator, String) {
    start_with(|source| {
        let host = source.get("AAD_AUTHORITY_HOST").unwrap();
        let tenant = source.get("AAD_TENANT_ID").unwrap();
        let issuer = format!("{}/{tenant}/v2.0", host.trim_end_matches('/'));
        source.set("AAD_AUTHORITY", issuer);
        source.set("AAD_AUTHORITY_HOST", "");
        source.set("AAD_TENANT_ID", "");
        change(source);
    })
}

async fn signed_in(emulator: &Emulator, site: &str, user: &str) -> Browser {
    emulator.control().auto_sign_in(Some(user));
    let mut browser = Browser::new(site);
    let page = browser.visit("/groups").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    browser
}

async fn me(browser: &mut Browser) -> Value {
    let page = browser
        .send(Method::GET, "/api/me", "application/json", "")
        .await;
    serde_json::from_str(&page.text).unwrap()
}

/// What stands on the page itself, without the site's navigation.
async fn content(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await.text;
    let (_, main) = page.split_once("<main").unwrap();
    main.split_once("</main>").unwrap().0.to_owned()
}

#[actix_web::test]
async fn the_page_of_groups_speaks_of_graph_at_entra_alone() {
    for user in [ADA, NOOR] {
        let (emulator, site) = start();
        let mut browser = signed_in(&emulator, &site, user).await;
        let at_entra = content(&mut browser, "/groups").await;
        let named = ["Graph", "The registration adds them"];
        assert!(named.iter().any(|words| at_entra.contains(words)));

        let (emulator, site) = elsewhere(|_| ());
        let mut browser = signed_in(&emulator, &site, user).await;
        let text = content(&mut browser, "/groups").await;
        for words in [
            "Graph",
            "object id",
            "registration",
            "app role",
            "count as roles",
        ] {
            assert!(!text.contains(words), "{words}: {text}");
        }
        assert!(text.contains("the claim <code>groups</code>"), "{text}");
    }
}

#[actix_web::test]
async fn groups_count_as_roles_where_the_setting_says_so_and_every_page_follows() {
    let (emulator, site) = elsewhere(|source| source.set("AAD_ROLES_CLAIM", "groups"));
    let mut browser = signed_in(&emulator, &site, ADA).await;
    let caller = me(&mut browser).await;
    assert_eq!(caller["roles"], caller["groups"]);
    assert_ne!(caller["roles"], serde_json::json!([]));
    assert_eq!(caller["roles_incomplete"], false);
    // Ada's app role stands in `roles`, which decides nothing here.
    assert_eq!(browser.get("/admin").await.status, StatusCode::FORBIDDEN);
    let text = content(&mut browser, "/groups").await;
    assert!(text.contains("count as roles"), "{text}");
    let text = content(&mut browser, "/token_details").await;
    assert!(
        text.contains("Your roles are read from this claim"),
        "{text}"
    );
    assert!(text.contains("Not used here"), "{text}");
}

#[actix_web::test]
async fn the_page_for_administrators_names_the_claims_that_hold_roles() {
    let (emulator, site) =
        elsewhere(|source| source.set("AAD_ROLES_CLAIM", "realm_access.roles,roles"));
    let mut browser = signed_in(&emulator, &site, ADA).await;
    let text = content(&mut browser, "/admin").await;
    assert!(text.contains("realm_access.roles,roles"), "{text}");
    assert!(!text.contains("Enterprise applications"), "{text}");
}
