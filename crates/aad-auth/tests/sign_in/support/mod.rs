//! What the tests share.

use aad_auth::internals::AuthInternals;
mod apis;
mod app;
mod browser;
pub mod every_line;
mod fleet;
pub mod two;

pub use apis::{PERMISSION, SCOPE};
pub use app::{AWAY, App, CLIENT, CLIENT_SECRET, TENANT, World};
pub use browser::{Browser, NAVIGATION, Page};
pub use fleet::{Fleet, NEWER_SECRET, SECRET};

/// Users of the emulator's directory.
pub const ADA: &str = "ada@northwind.example.test";
pub const ROBIN: &str = "robin@northwind.example.test";

/// Answers one of the provider's pages, as a person does, and follows.
pub async fn answer(browser: &Browser, page: &Page, field: &str, value: &str) -> Page {
    assert_eq!(page.status, 200, "{}", page.body);
    let (action, hidden) = page.form();
    let request = hidden.split('&').find(|pair| pair.starts_with("request="));
    let body = format!("{}&{field}={value}", request.unwrap());
    let answered = browser.post(&action, &body).await;
    browser.follow(answered).await
}

/// How many records the store holds, once the snapshot of the provider's keys is among them: that
/// comes by itself, and must not be taken for something that a sign-in has stored.
pub async fn stored(world: &World) -> u64 {
    for _ in 0..800 {
        let store = world.app.auth.engine().sessions().store();
        match store.stats().records {
            Some(records) if records > 0 => return records,
            _ => actix_web::rt::time::sleep(std::time::Duration::from_millis(25)).await,
        }
    }
    panic!("the keys were not kept within 20 seconds");
}
