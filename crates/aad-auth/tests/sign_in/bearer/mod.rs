//! Bearer tokens for the application's own API, over HTTP.

mod challenge;
mod credentials;
mod grants;
mod roles;
mod tokens;

use awc::http::Method;
use entra_emulator::Mint;

use crate::support::{ADA, Browser, CLIENT, Page, SCOPE, World};

/// A token in the making: Ada's, with the scope, by a client that handles no claims challenges.
pub fn of_user(world: &World) -> Mint {
    let mint = world.emulator.control().mint();
    mint.user_token(ADA, CLIENT, SCOPE).unwrap()
}

/// The same of an application that calls for itself, with these application permissions.
pub fn of_application(world: &World, permissions: &[&str]) -> Mint {
    let mint = world.emulator.control().mint();
    mint.application_token(CLIENT, permissions).unwrap()
}

/// Calls an API with an `Authorization` header.
pub async fn call(world: &World, path: &str, authorization: &str) -> Page {
    let headers = [("accept", "*/*"), ("authorization", authorization)];
    let url = world.app.url(path);
    Browser::new().send(Method::GET, &url, &headers, None).await
}

pub async fn call_with(world: &World, path: &str, mint: Mint) -> Page {
    call(world, path, &format!("Bearer {}", mint.sign().unwrap())).await
}

/// Calls, and expects a refusal of RFC 6750 with this status and error.
pub async fn refused(world: &World, path: &str, authorization: &str, status: u16, error: &str) {
    let page = call(world, path, authorization).await;
    expect_refusal(&page, status, error);
}

pub fn expect_refusal(page: &Page, status: u16, error: &str) {
    assert_eq!(page.status, status, "{error}: {}", page.body);
    let challenge = page.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    assert!(
        challenge.contains(&format!("error=\"{error}\"")),
        "{challenge}"
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.all("set-cookie").is_empty());
    assert!(!page.body.contains("eyJ"), "the token is in the answer");
}
