//! R88: the head of a request is bounded before anything reads it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use aad_auth::HeadBounds;
use actix_web::rt::task::spawn_blocking;
use entra_emulator::Emulator;

use crate::support::{ADA, App, World};

const PATHS: [&str; 5] = [
    "/",
    "/app/x",
    "/auth/sign_in",
    "/auth/redirect",
    "/auth/assets/0123456789abcdef.css",
];

/// What comes back until the server closes the connection.
async fn exchange(port: u16, target: String, fields: String) -> String {
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n{fields}\r\n");
    let answer = spawn_blocking(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    });
    answer.await.unwrap().to_ascii_lowercase()
}

fn assert_refused(answer: &str, status: u16, what: &str) {
    let start = format!("http/1.1 {status} ");
    assert!(answer.starts_with(&start), "{what}: {answer:.300}");
    for header in [
        "connection: close",
        "cache-control: no-store",
        "content-security-policy: ",
        "x-content-type-options: nosniff",
    ] {
        assert!(answer.contains(header), "{what}: no {header} in {answer}");
    }
    assert!(!answer.contains("set-cookie"), "{what}: {answer}");
    assert!(!answer.contains("canary"), "{what}: {answer}");
}

#[actix_web::test]
async fn r88_seventy_kilobytes_of_cookies_and_forty_of_query_are_refused() {
    let world = World::start();
    let port = world.app.port;
    let cookie = format!("Cookie: canary={}\r\n", "x".repeat(70 * 1024));
    let many: String = (0..80)
        .map(|at| format!("X-Canary-{at}: {}\r\n", "x".repeat(900)))
        .collect();
    for path in PATHS {
        let query = format!("{path}?canary={}", "x".repeat(40 * 1024));
        let answer = exchange(port, query, String::new()).await;
        assert_refused(&answer, 414, path);
        for fields in [&cookie, &many] {
            let answer = exchange(port, path.to_owned(), fields.clone()).await;
            assert_refused(&answer, 431, path);
        }
    }
}

#[actix_web::test]
async fn r88_an_application_may_widen_the_bounds() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let bounds = HeadBounds::default().target(64 * 1024).fields(96 * 1024);
    let app = App::start_at(
        emulator.url().as_str(),
        |source| source,
        |builder| builder.head_bounds(bounds),
    );
    let close = "Connection: close\r\n";
    let query = format!("/?q={}", "x".repeat(40 * 1024));
    let cookie = format!("{close}Cookie: a={}\r\n", "x".repeat(50 * 1024));
    let answer = exchange(app.port, query, cookie).await;
    assert!(answer.starts_with("http/1.1 200"), "{answer:.300}");
}
