//! Through each sample in `crates/webapp/proxies`, by HTTP/2: other tests speak HTTP/1.1 to proxies.

use crate::{
    proxy::{Kind, Proxy},
    support::{ADA, World, free_port, open_browser},
};

async fn signs_in_and_out(kind: Kind) {
    if !kind.is_here() {
        return;
    }
    let Some(browser) = open_browser().await else {
        return;
    };
    let port = free_port();
    let root = World::behind_proxy(&format!("https://app.localhost:{port}"));
    let below = World::behind_proxy(&format!("https://www.localhost:{port}/app"));
    let _proxy = Proxy::start(kind, port, (root.port, below.port));
    // Without the slash.
    browser.open(&below.url("?x=1")).await;
    browser.arrive(&below.url("/?x=1")).await;
    for world in [&root, &below] {
        world.users(Some(ADA));
        let page = world.url("/token_details?x=1");
        browser.open(&page).await;
        browser.arrive(&page).await;
        let protocol = "return performance.getEntriesByType('navigation')[0].nextHopProtocol";
        assert_eq!(browser.script(protocol).await, "h2", "{kind:?}");
        assert!(browser.text().await.contains("Ada Admin"));
        browser.click("details.person summary").await;
        browser.press("Sign out").await;
        browser.arrive(&world.url("/auth/post_sign_out")).await;
        assert!(browser.text().await.contains("You are signed out"));
        assert_eq!(browser.complaints().await, [""; 0]);
    }
}

#[actix_web::test]
async fn r104_signs_in_and_out_over_http2_behind_nginx() {
    signs_in_and_out(Kind::Nginx).await;
}

#[actix_web::test]
async fn r104_signs_in_and_out_over_http2_behind_caddy() {
    signs_in_and_out(Kind::Caddy).await;
}

#[actix_web::test]
async fn r104_signs_in_and_out_over_http2_behind_haproxy() {
    signs_in_and_out(Kind::Haproxy).await;
}

#[actix_web::test]
async fn r104_signs_in_and_out_over_http2_behind_apache() {
    signs_in_and_out(Kind::Apache).await;
}
