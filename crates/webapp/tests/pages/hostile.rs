//! What strangers send: malformed, oversized and smuggled requests, and pages in frames.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    panic,
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use actix_web::http::StatusCode;

use super::{Browser, start};

/// How often a worker has panicked in this run: Actix goes on, and no answer tells.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Counts from here on.
fn count_panics() {
    static COUNTING: Once = Once::new();
    COUNTING.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            let thread = thread::current();
            if thread.name().is_some_and(|name| name.starts_with("actix")) {
                PANICS.fetch_add(1, Ordering::Relaxed);
            }
            print(what);
        }));
    });
}

fn assert_no_panics() {
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "a worker has panicked");
}

/// Sends bytes as they are; what comes back, and whether the other side then closed.
async fn raw(site: &str, request: String) -> (String, bool) {
    let port: u16 = site.rsplit(':').next().unwrap().parse().unwrap();
    let exchange = move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let patience = Some(Duration::from_secs(3));
        stream.set_read_timeout(patience).unwrap();
        // The other side may close before everything is written.
        drop(stream.write_all(request.as_bytes()));
        let (mut answer, mut buffer) = (Vec::new(), [0; 8192]);
        let closed = loop {
            match stream.read(&mut buffer) {
                Ok(0) => break true,
                Ok(read) => answer.extend_from_slice(&buffer[..read]),
                Err(error) => break error.kind() == std::io::ErrorKind::ConnectionReset,
            }
        };
        drop(stream.shutdown(Shutdown::Both));
        (String::from_utf8_lossy(&answer).into_owned(), closed)
    };
    actix_web::rt::task::spawn_blocking(exchange).await.unwrap()
}

/// A request whose head has these lines, and that carries a second one in its body.
fn carrying(site: &str, lines: &str, body: &str) -> String {
    let host = site.strip_prefix("http://").unwrap();
    format!("POST /preferences HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n\r\n{body}")
}

const SMUGGLED: &str = "GET /healthz?smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[actix_web::test]
async fn ambiguous_lengths_and_bad_framing_are_refused_and_the_connection_ends() {
    count_panics();
    let (_emulator, site) = start();
    let chunked = format!("0\r\n\r\n{SMUGGLED}");
    for (what, lines, body) in [
        (
            "both lengths",
            "Content-Length: 4\r\nTransfer-Encoding: chunked",
            chunked.as_str(),
        ),
        (
            "two lengths",
            "Content-Length: 0\r\nContent-Length: 59",
            SMUGGLED,
        ),
        ("a list of lengths", "Content-Length: 0, 59", SMUGGLED),
        ("a signed length", "Content-Length: +0", SMUGGLED),
        ("a length in words", "Content-Length: none", SMUGGLED),
        (
            "an unknown coding",
            "Transfer-Encoding: chunked, identity",
            chunked.as_str(),
        ),
        (
            "a folded header",
            "X-Folded: a\r\n Transfer-Encoding: chunked",
            chunked.as_str(),
        ),
        (
            "a blank before the colon",
            "Content-Length : 4",
            chunked.as_str(),
        ),
        ("a control character", "X-Odd: a\u{1}b", ""),
        (
            "a bad chunk size",
            "Transfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded",
            "zz\r\nabc\r\n0\r\n\r\n",
        ),
    ] {
        let (answer, closed) = raw(&site, carrying(&site, lines, body)).await;
        let statuses = answer.matches("HTTP/1.1 ").count();
        assert!(
            answer.starts_with("HTTP/1.1 400") && statuses == 1 && closed,
            "{what}: closed {closed}, {answer}"
        );
    }
    assert_no_panics();
}

#[actix_web::test]
async fn a_body_is_never_read_as_a_second_request() {
    count_panics();
    let (_emulator, site) = start();
    let size = SMUGGLED.len();
    let as_chunk = format!("{size:x};ext=\"a\"\r\n{SMUGGLED}\r\n0\r\n\r\n");
    for (what, lines, body) in [
        (
            "a chunk with an extension",
            "Transfer-Encoding: chunked\r\nConnection: close".to_owned(),
            as_chunk.as_str(),
        ),
        (
            "a plain body",
            format!("Content-Length: {size}\r\nConnection: close"),
            SMUGGLED,
        ),
    ] {
        let (answer, _) = raw(&site, carrying(&site, &lines, body)).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{what}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 4"), "{what}: {answer}");
    }
    // Line feeds alone may end lines (RFC 9112 section 2.2), but begin no second request.
    let bare = carrying(
        &site,
        &format!("Content-Length: {size}\r\nConnection: close"),
        SMUGGLED,
    );
    let (answer, _) = raw(&site, bare.replace("\r\n", "\n")).await;
    assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{answer}");
    assert_no_panics();
}

#[actix_web::test]
async fn huge_headers_and_thousands_of_parameters_are_no_server_error() {
    count_panics();
    let (_emulator, site) = start();
    let mut browser = Browser::new(&site);
    let pairs = "a=1&".repeat(2_000);
    for path in [
        "/",
        "/auth/sign_in",
        "/auth/redirect",
        "/auth/post_sign_out",
    ] {
        let page = browser.get(&format!("{path}?{pairs}")).await;
        assert!(!page.status.is_server_error(), "{path}: {}", page.status);
    }
    let host = site.strip_prefix("http://").unwrap();
    let long = "x".repeat(30 * 1024);
    let huge = "x".repeat(300 * 1024);
    let many: String = (0..2_000).map(|n| format!("X-{n}: 1\r\n")).collect();
    for (what, head) in [
        ("a long cookie", format!("Cookie: a={long}\r\n")),
        ("a huge cookie", format!("Cookie: a={huge}\r\n")),
        ("many headers", many),
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{head}\r\n");
        let (answer, _) = raw(&site, request).await;
        let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
        let is_read = what == "a long cookie" && answer.starts_with("HTTP/1.1 200");
        assert!(refused || is_read, "{what}: {answer:.200}");
    }
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert_no_panics();
}

#[actix_web::test]
async fn no_page_can_be_framed_sniffed_or_run_inline_script() {
    count_panics();
    let (emulator, site) = start();
    emulator
        .control()
        .auto_sign_in(Some("ada@northwind.example.test"));
    let mut browser = Browser::new(&site);
    browser.visit("/token_details").await;
    for path in [
        "/",
        "/token_details",
        "/groups",
        "/sessions",
        "/admin",
        "/missing",
        "/auth/sign_out",
        "/auth/post_sign_out",
        "/auth/redirect?code=a&state=b",
    ] {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        for directive in [
            "frame-ancestors 'none'",
            "default-src 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(directive), "{path}: {policy}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{path}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        for name in [
            "referrer-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "permissions-policy",
        ] {
            assert!(!page.header(name).is_empty(), "{path}: {name}");
        }
        for inline in [
            "<script>",
            " onclick=",
            " onload=",
            " style=",
            "javascript:",
        ] {
            assert!(!page.text.contains(inline), "{path}: {inline}");
        }
    }
    assert_no_panics();
}

#[actix_web::test]
async fn unsafe_methods_from_another_site_change_nothing() {
    count_panics();
    let (emulator, site) = start();
    emulator
        .control()
        .auto_sign_in(Some("ada@northwind.example.test"));
    let mut browser = Browser::new(&site);
    browser.visit("/sessions").await;
    let cookies: Vec<_> = browser
        .cookies
        .iter()
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    // SameSite=Lax is not what protects: within two minutes Chromium sends such cookies with a
    // top-level POST too.
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for path in ["/sessions", "/preferences", "/auth/sign_out", "/api/me"] {
            for (name, value) in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("origin", "https://evil.test"),
                ("origin", "null"),
            ] {
                let request = browser
                    .client
                    .request(method.parse().unwrap(), format!("{site}{path}"))
                    .insert_header(("cookie", cookies.join("; ")))
                    .insert_header(("accept", "text/html"))
                    .insert_header((name, value))
                    .content_type("application/x-www-form-urlencoded");
                let answer = request.send_body("all=1&theme=dark").await.unwrap();
                let status = answer.status();
                assert_eq!(
                    status,
                    StatusCode::FORBIDDEN,
                    "{method} {path} {name}: {value}"
                );
            }
        }
    }
    assert_eq!(browser.get("/sessions").await.status, StatusCode::OK);
    assert_no_panics();
}
