//! HEAD is answered wherever GET is (RFC 9110 section 9.1).

use actix_web::http::{Method, header};

use super::*;

/// Every route that answers GET without an effect, and one that there is not.
pub(crate) const PATHS: [&str; 17] = [
    "/",
    "/sign_in_status",
    "/token_details",
    "/call_ms_graph",
    "/groups",
    "/sessions",
    "/admin",
    "/api/me",
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.ico",
    "/static/app.css",
    "/auth/sign_out",
    "/auth/post_sign_out",
    "/auth/assets/0123456789abcdef.css",
    "/nowhere",
];

async fn assert_head_is_get(browser: &mut Browser) {
    for path in PATHS {
        for accept in ["text/html", "application/json"] {
            let get = browser.send(Method::GET, path, accept, "").await;
            let head = browser.send(Method::HEAD, path, accept, "").await;
            let what = format!("{path} {accept}");
            assert_eq!(head.status, get.status, "{what}");
            assert_eq!(head.text, "", "{what}");
            for name in [
                header::CONTENT_TYPE,
                header::CACHE_CONTROL,
                header::LOCATION,
                header::WWW_AUTHENTICATE,
            ] {
                assert_eq!(
                    head.header(name.as_str()),
                    get.header(name.as_str()),
                    "{what}"
                );
            }
        }
    }
}

#[actix_web::test]
async fn r21_head_is_answered_like_get_to_a_stranger() {
    let (_emulator, site) = start();
    let mut browser = Browser::new(&site);
    for path in ["/healthz", "/readyz", "/", "/auth/sign_out"] {
        let page = browser.send(Method::HEAD, path, "text/html", "").await;
        assert_eq!(page.status, 200, "{path}");
    }
    let page = browser.send(Method::HEAD, "/groups", "text/html", "").await;
    assert_eq!(page.status, 302);
    assert_head_is_get(&mut browser).await;
}

#[actix_web::test]
async fn r21_head_is_answered_like_get_to_a_user() {
    let (emulator, site) = start();
    emulator
        .control()
        .auto_sign_in(Some("ada@northwind.example.test"));
    let mut browser = Browser::new(&site);
    assert_eq!(browser.visit("/groups").await.status, 200);
    let page = browser.send(Method::HEAD, "/groups", "text/html", "").await;
    assert_eq!(page.status, 200);
    assert_head_is_get(&mut browser).await;
    // It has signed nobody out.
    assert_eq!(browser.get("/groups").await.status, 200);
}
