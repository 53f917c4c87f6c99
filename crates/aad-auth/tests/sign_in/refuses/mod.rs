//! One small case for each refusal, named by what is refused.

/// One test for each wrong ID token: `name: mutation => code`.
macro_rules! refuses {
    ($($name:ident: $mutation:expr => $code:literal;)*) => {
        $(#[actix_web::test]
        async fn $name() {
            super::refuses($mutation, $code).await;
        })*
    };
}

mod header;
mod id_token;
mod identity;
mod keys;
mod response;
mod start;
mod state;

use entra_emulator::{Fault, Mutation};

use crate::support::{ADA, Browser, Page, World};

/// Opens a callback that must be refused: a 4xx page with this code, a reference, and no session.
pub async fn refused(world: &World, browser: &Browser, callback: &str, code: &str) -> Page {
    let page = browser.get(callback).await;
    assert!(
        page.status.is_client_error(),
        "{code}: {} {}",
        page.status,
        page.body
    );
    assert!(
        page.body.contains(code),
        "{code} is not on the page: {}",
        page.body
    );
    assert!(page.body.contains("Reference"), "{}", page.body);
    assert!(
        browser.session_cookie().is_none(),
        "{code}: there is a session"
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(browser.fetch(&world.app.url("/app/x")).await.status, 401);
    page
}

/// Signs in with an ID token that is wrong in this way: a page with this code, and no session.
pub async fn refuses(mutation: Mutation, code: &str) {
    let world = World::start();
    refuses_in(&world, mutation, code).await;
}

pub async fn refuses_in(world: &World, mutation: Mutation, code: &str) {
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let faults = world.emulator.control().faults();
    faults.set(Fault::id_token(mutation).once());
    let page = refused(world, &browser, &callback, code).await;
    assert!(!page.body.contains("eyJ"), "the token is on the page");
    faults.clear();
    // The refusal is remembered, the browser is not locked out.
    assert_eq!(browser.get(&callback).await.status, page.status);
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
}
