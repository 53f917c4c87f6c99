//! The samples in `crates/webapp/proxies`, each with the proxy that it is for: nginx, Caddy, HAProxy
//! and Apache httpd.
//!
//! Where a proxy is not on the `PATH` its tests say so and pass; with `AAD_TEST_ALL=1` that is a
//! failure.

mod backend;
mod certificate;
pub mod proxy;
mod site;
mod wire;

use awc::http::Method;

use crate::browser::Browser;
use backend::Backend;
use proxy::{Kind, Proxy};
use site::Site;
use wire::Wire;

/// The tests of one proxy.
macro_rules! behind {
    ($module:ident, $kind:expr) => {
        mod $module {
            use super::*;

            #[actix_web::test]
            async fn r104_signs_in_and_out_at_the_root_and_below_a_path() {
                signs_in_and_out($kind).await;
            }

            #[actix_web::test]
            async fn r104_compressed_files_are_known_again_by_their_etag() {
                revalidates($kind).await;
            }

            #[test]
            fn r104_streams_and_websockets_pass_and_forged_headers_do_not() {
                passes_streams($kind);
            }
        }
    };
}

behind!(nginx, Kind::Nginx);
behind!(caddy, Kind::Caddy);
behind!(haproxy, Kind::Haproxy);
behind!(apache, Kind::Apache);

async fn signs_in_and_out(kind: Kind) {
    let Some(site) = Site::start(kind) else {
        return;
    };
    for (base, webapp) in site.urls.iter().zip(&site.webapps) {
        site.with_60_groups();
        let browser = site.browser();
        let page = browser.open(&format!("{base}/token_details?x=1")).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert_eq!(page.url.as_str(), format!("{base}/token_details?x=1"));
        let host = page.url.host_str().unwrap();
        let cookies = browser.cookies(host);
        assert!(cookies.contains_key("__Host-aad-session"), "{cookies:?}");

        let sessions = format!("{base}/sessions");
        let head = browser.send(Method::HEAD, &sessions, &[], None).await;
        assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
        let ended = browser.post(&sessions, "end=others").await;
        assert_eq!(ended.status, 303, "{ended:?}");
        let page = browser.follow(ended).await;
        assert!(page.body.contains("everywhere else"), "{}", page.body);
        takes_large_heads(&browser, base).await;

        signs_out(&site, base, browser).await;
        let log = webapp.log();
        for hint in ["AAD_BASE_URL", "do not arrive"] {
            assert!(!log.contains(hint), "{log}");
        }
    }
    let below = &site.urls[1];
    let at_app = site.browser().get(&format!("{below}?x=1")).await;
    assert_eq!(at_app.status, 308, "{at_app:?}");
    let location = at_app.location();
    assert_eq!((location.path(), location.query()), ("/app/", Some("x=1")));
}

/// Without a hint, which is too long here, the provider asks which account is meant; with one it
/// leads back.
async fn signs_out(site: &Site, base: &str, browser: Browser) {
    let sign_out = format!("{base}/auth/sign_out");
    let out = browser.post(&sign_out, "").await;
    assert_eq!(out.status, 200, "{out:?}");
    assert_eq!(out.parameter("id_token_hint"), None);
    let asked = browser.follow(out).await;
    assert_eq!(
        (asked.status.as_u16(), asked.url.host_str()),
        (200, Some("127.0.0.1"))
    );
    let me = format!("{base}/api/me");
    assert_eq!(browser.fetch(&me).await.status, 401);

    site.with_login_hint();
    let page = browser.open(&format!("{base}/token_details")).await;
    assert_eq!(page.status, 200);
    let out = browser.post(&sign_out, "").await;
    let page = browser.follow(out).await;
    let url = page.url.as_str();
    assert!(
        url.starts_with(&format!("{base}/auth/post_sign_out")),
        "{url}"
    );
    assert_eq!(browser.fetch(&me).await.status, 401);
}

/// Cookies of other applications of the host, and a deep link.
async fn takes_large_heads(browser: &Browser, base: &str) {
    let host = url::Url::parse(base).unwrap();
    let host = host.host_str().unwrap();
    for number in 0..4 {
        browser.set_cookie(host, &format!("other-{number}"), &"c".repeat(3000));
    }
    let link = format!("{base}/sessions?search={}", "a".repeat(3000));
    assert_eq!(browser.get(&link).await.status, 200);
    for number in 0..4 {
        browser.forget_cookie(host, &format!("other-{number}"));
    }
}

async fn revalidates(kind: Kind) {
    let Some(site) = Site::start(kind) else {
        return;
    };
    let browser = site.browser();
    for base in &site.urls {
        let url = format!("{base}/static/app.css");
        let compressed = ("accept-encoding", "gzip");
        let first = browser.send(Method::GET, &url, &[compressed], None).await;
        assert_eq!(first.status, 200);
        assert_eq!(first.header("content-encoding"), Some("gzip"), "{first:?}");
        let vary = first.header("vary").unwrap_or_default().to_lowercase();
        assert!(vary.contains("accept-encoding"), "for caches: {first:?}");
        let etag = first.header("etag").expect("an ETag");
        let known = [compressed, ("if-none-match", etag)];
        let again = browser.send(Method::GET, &url, &known, None).await;
        assert_eq!(again.status, 304, "{etag}: {again:?}");
        // A page is never compressed: it shows who is signed in.
        let page = [compressed, ("accept", "text/html")];
        let home = format!("{base}/");
        let page = browser.send(Method::GET, &home, &page, None).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-encoding"), None);
    }
}

fn passes_streams(kind: Kind) {
    if !kind.is_here() {
        return;
    }
    let backend = Backend::start();
    let port = crate::support::free_port();
    let proxy = Proxy::start(kind, port, (backend.port, backend.port));
    for (host, path, prefix) in [
        ("app.localhost", "", None),
        ("www.localhost", "/app", Some("/app")),
    ] {
        let get = |path: &str, more: &str| {
            format!("GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: */*\r\n{more}\r\n")
        };
        let mut forged = Wire::open(&proxy, host);
        forged.send(&get(&format!("{path}/headers?a%2Fb=c"), FORGED));
        let told = forged.rest();
        assert!(told.contains("get /headers?a%2fb=c "), "{told}");
        let (_, told) = told.split_once("get /headers").unwrap();
        assert_headers(told, &format!("{host}:{port}"), prefix);

        let mut socket = Wire::open(&proxy, host);
        socket.send(&get(&format!("{path}/socket"), UPGRADE));
        socket.until("101 Switching Protocols");
        for message in ["one message", "another message"] {
            socket.send(message);
            socket.until(message);
        }
    }
    let mut streams = [("app.localhost", ""), ("www.localhost", "/app")].map(|(host, path)| {
        let mut stream = Wire::open(&proxy, host);
        stream.send(&format!(
            "GET {path}/events HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n\r\n"
        ));
        stream
    });
    // The first event arrives while the second one is not there yet.
    for stream in &mut streams {
        stream.until("data: 1");
    }
    backend.go_on();
    for stream in &mut streams {
        stream.until("data: 2");
    }
}

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const FORGED: &str = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: evil.test\r\n\
                      X-Forwarded-Proto: ftp\r\nX-Forwarded-Prefix: /evil\r\n\
                      Forwarded: for=203.0.113.9;host=evil.test\r\nConnection: close\r\n";

/// What the application is told (in lower case): what the proxy has seen, and nothing of the client.
fn assert_headers(told: &str, host: &str, prefix: Option<&str>) {
    for forged in ["203.0.113.9", "evil", "ftp"] {
        assert!(!told.contains(forged), "{forged}: {told}");
    }
    let value = |name: &str| {
        let lines = told.lines().filter_map(|line| line.split_once(": "));
        let values: Vec<_> = lines.filter(|(found, _)| *found == name).collect();
        assert!(values.len() < 2, "{name}: {told}");
        values.first().map(|(_, value)| value.trim().to_owned())
    };
    assert_eq!(value("host").as_deref(), Some(host));
    assert_eq!(value("x-forwarded-host").as_deref(), Some(host));
    assert_eq!(value("x-forwarded-for").as_deref(), Some("127.0.0.1"));
    assert_eq!(value("x-forwarded-proto").as_deref(), Some("https"));
    assert_eq!(value("x-forwarded-prefix").as_deref(), prefix);
}
