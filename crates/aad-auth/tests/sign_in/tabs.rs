//! Many tabs at once.

use aad_auth::internals::AuthInternals;
use entra_emulator::Endpoint;

use crate::support::{ADA, Browser, World};

#[actix_web::test]
async fn fifty_tabs_opened_cold_at_once_reach_their_pages_and_end_in_one_session() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let tabs = (0..50).map(|n| {
        let (tab, url) = (
            browser.clone(),
            world.app.url(&format!("/app/tab/{n}?x={n}")),
        );
        async move { tab.open(&url).await }
    });
    let pages = futures_util::future::join_all(tabs).await;
    for (n, page) in pages.iter().enumerate() {
        assert_eq!(page.status, 200, "{page:?}");
        assert_eq!(page.body, format!("/app/tab/{n}?x={n} for Ada Admin"));
    }
    let cookies = browser.cookies("localhost");
    assert_eq!(cookies.len(), 2);
    let bytes: usize = cookies.iter().map(|(n, v)| n.len() + v.len()).sum();
    assert!(bytes < 300, "{bytes}");
    let sessions = world.app.auth.engine().sessions();
    let me = browser.fetch(&world.app.url("/api/me")).await;
    let json: serde_json::Value = serde_json::from_str(&me.body).unwrap();
    assert_eq!(json["auth"], "session");
    // A tab that began after another was done may have redeemed once more, never all of them.
    let calls = world.emulator.control().calls();
    let redeemed = calls
        .iter()
        .filter(|call| call.endpoint == Endpoint::Token)
        .count();
    assert!((1..10).contains(&redeemed), "{redeemed}");
    let id = aad_auth::internals::session::SessionId::parse(
        browser.session_cookie().unwrap().1.as_bytes(),
    );
    assert!(sessions.load(&id.unwrap()).await.unwrap().is_some());
}

#[actix_web::test]
async fn tabs_with_the_binding_cookie_finish_in_any_order() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let mut callbacks = Vec::new();
    for n in 0..10 {
        callbacks.push(
            browser
                .until_callback(&world.app.url(&format!("/app/{n}")))
                .await,
        );
    }
    for (n, callback) in callbacks.iter().enumerate().rev() {
        let page = browser.open(callback).await;
        assert_eq!(page.body, format!("/app/{n} for Ada Admin"));
    }
}

#[actix_web::test]
async fn a_flood_of_100_000_starts_leaves_nothing_behind() {
    let world = World::start();
    let store = world.app.auth.engine().sessions().store().clone();
    // The first start loads the provider's metadata, which is kept for a restart.
    Browser::new().get(&world.app.url("/auth/sign_in")).await;
    for _ in 0..200 {
        if store.stats().records > Some(0) {
            break;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let before = (store.stats().records, store.stats().bytes);
    let starts = (0..20).map(|_| async {
        let client = Browser::new();
        for _ in 0..5000 {
            let start = client
                .get(&world.app.url("/auth/sign_in?return_to=%2Fapp%2Fx"))
                .await;
            assert_eq!(start.status, 302);
        }
    });
    futures_util::future::join_all(starts).await;
    assert_eq!((store.stats().records, store.stats().bytes), before);
}
