//! One small case for each refusal, named by what is refused.

mod id_token;
mod response;
mod start;
mod state;

use crate::support::{Browser, Page, World};

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
