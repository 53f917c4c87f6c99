//! Malformed requests, and what they leave in the log; a certificate of the program's own.

use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, pki_types::CertificateDer,
};

use crate::{
    connections::alone,
    support::{Webapp, await_until},
};

/// What comes back until the other side closes.
fn exchange(mut stream: impl Read + Write, request: &[u8]) -> String {
    // The other side may close before everything is written.
    drop(stream.write_all(request));
    drop(stream.flush());
    let (mut answer, mut buffer) = (Vec::new(), [0; 8192]);
    while let Ok(read) = stream.read(&mut buffer) {
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(15)))
        .unwrap();
    stream
}

fn request(line: &str, headers: &str) -> Vec<u8> {
    format!("{line}\r\nHost: localhost\r\n{headers}\r\n").into_bytes()
}

#[test]
fn w25_answers_to_malformed_requests_are_not_stored_and_write_no_errors() {
    let (_state, mut settings) = alone();
    // Not only by default.
    settings.insert("RUST_LOG".to_owned(), "info".to_owned());
    let webapp = Webapp::start(&settings);
    let wide = "\u{20ac}".repeat(2_000);
    let close = "Connection: close\r\n";
    let long = "x".repeat(100 * 1024);
    let many: String = (0..40_000).map(|_| "a:b\r\n").collect();
    let form = "Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let mut cases = vec![
        (
            "oversized header block",
            request("GET / HTTP/1.1", &format!("A: {long}{long}\r\n")),
        ),
        ("40,000 tiny headers", request("GET / HTTP/1.1", &many)),
        ("two hosts", request("GET / HTTP/1.1", "Host: other\r\n")),
        (
            "bad content-length",
            request("POST /preferences HTTP/1.1", "Content-Length: -1\r\n"),
        ),
        (
            "bad chunk size",
            [
                request(
                    "POST /preferences HTTP/1.1",
                    "Transfer-Encoding: chunked\r\n",
                ),
                b"zz\r\n".to_vec(),
            ]
            .concat(),
        ),
        ("unknown method", request("BREW / HTTP/1.1", close)),
        ("long method", request(&format!("{long} / HTTP/1.1"), close)),
        (
            "no request line",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not TLS\r\n\r\n".to_vec(),
        ),
        ("bad version", request("GET / HTTP/9.9", close)),
        (
            "HTTP/2 preface",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        ),
        (
            "absolute-form target",
            request("GET http://other.example/healthz?a HTTP/1.1", close),
        ),
        (
            "authority-form target",
            request("CONNECT other.example:443 HTTP/1.1", close),
        ),
        ("asterisk-form target", request("OPTIONS * HTTP/1.1", close)),
        ("NUL in path", request("GET /\0 HTTP/1.1", close)),
        ("encoded NUL in path", request("GET /%00 HTTP/1.1", close)),
        (
            "bad percent-encoding",
            request("GET /%zz%f HTTP/1.1", close),
        ),
        ("bad UTF-8 in path", request("GET /%ff%fe HTTP/1.1", close)),
        (
            "long path of wide characters",
            request(&format!("GET /a{wide} HTTP/1.1"), close),
        ),
        (
            "traversal",
            request("GET /static/..%2f..%2fCargo.toml HTTP/1.1", close),
        ),
        ("wrong method", request("DELETE /healthz HTTP/1.1", close)),
        (
            "wrong content type",
            [
                request(
                    "POST /preferences HTTP/1.1",
                    "Connection: close\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n",
                ),
                b"a".to_vec(),
            ]
            .concat(),
        ),
        (
            "bad form",
            [
                request(
                    "POST /preferences HTTP/1.1",
                    &format!("{form}Content-Length: 3\r\n"),
                ),
                b"%%%".to_vec(),
            ]
            .concat(),
        ),
    ];
    let body = vec![b'x'; 5 * 1024 * 1024];
    for path in [
        "/preferences",
        "/auth/sign_in",
        "/auth/sign_out",
        "/auth/redirect",
        "/auth/back_channel_sign_out",
    ] {
        let head = request(
            &format!("POST {path} HTTP/1.1"),
            &format!("{form}Content-Length: {}\r\n", body.len()),
        );
        cases.push(("5 MB body", [head, body.clone()].concat()));
    }
    for (what, bytes) in &cases {
        // A 5 MB body may be reset away before the answer is read: that is no answer to check.
        let answer = exchange(connect(webapp.port), bytes).to_ascii_lowercase();
        if answer.is_empty() && bytes.len() > 100 * 1024 {
            continue;
        }
        assert!(answer.starts_with("http/1.1 "), "{what}: {answer:?}");
        assert!(!answer.starts_with("http/1.1 5"), "{what}: {answer}");
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        for header in [
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "content-security-policy: ",
            "referrer-policy: ",
        ] {
            assert!(head.contains(header), "{what}: no {header} in {head}");
        }
    }
    // What comes after the last line shows that everything before it has been logged.
    exchange(
        connect(webapp.port),
        &request("GET /last-one HTTP/1.1", close),
    );
    await_until("logged the last one", || webapp.log().contains("/last-one"));
    let log = webapp.log();
    for line in log.lines() {
        assert!(
            !line.contains("ERROR") && !line.contains("panicked"),
            "{line}"
        );
        assert!(line.len() < 600, "{} bytes: {line:.700}", line.len());
    }
}

#[test]
fn r88_heads_that_are_too_large_are_refused_with_the_headers_of_every_answer() {
    let (_state, settings) = alone();
    let webapp = Webapp::start(&settings);
    let query = "x".repeat(40 * 1024);
    let cookie = format!("Cookie: a={}\r\n", "x".repeat(70 * 1024));
    for path in [
        "/",
        "/healthz",
        "/static/app.css",
        "/profile",
        "/auth/sign_in",
    ] {
        let long = request(&format!("GET {path}?{query} HTTP/1.1"), "");
        let large = request(&format!("GET {path} HTTP/1.1"), &cookie);
        for (status, bytes) in [(414, long), (431, large)] {
            let answer = exchange(connect(webapp.port), &bytes).to_ascii_lowercase();
            let expected = format!("http/1.1 {status} ");
            assert!(answer.starts_with(&expected), "{path}: {answer:.300}");
            for header in [
                "connection: close",
                "cache-control: no-store",
                "content-security-policy: ",
                "x-content-type-options: nosniff",
            ] {
                assert!(answer.contains(header), "{path} {status}: no {header}");
            }
        }
    }
}

/// The program with a certificate of its own, and a client that trusts it and offers `protocols`.
struct Https {
    _state: tempfile::TempDir,
    webapp: Webapp,
    certificate: CertificateDer<'static>,
}

impl Https {
    fn start() -> Self {
        let (state, mut settings) = alone();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        for (name, file, pem) in [
            ("TLS_CERT_FILE", "certificate.pem", cert.pem()),
            ("TLS_KEY_FILE", "key.pem", signing_key.serialize_pem()),
        ] {
            let path = state.path().join(file);
            fs::write(&path, pem).unwrap();
            settings.insert(name.to_owned(), path.display().to_string());
        }
        let webapp = Webapp::start(&settings);
        Self {
            _state: state,
            webapp,
            certificate: cert.der().clone(),
        }
    }

    fn connect(&self, protocols: &[&[u8]]) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let name = "localhost".try_into().unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        StreamOwned::new(client, connect(self.webapp.port))
    }

    fn is_healthy(&self) -> bool {
        let asked = request("GET /healthz HTTP/1.1", "Connection: close\r\n");
        exchange(self.connect(&[]), &asked).starts_with("HTTP/1.1 200")
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A request of HTTP/2 (RFC 9113) with 40,000 headers of four bytes, in HEADERS and CONTINUATION
/// frames, whose fields are literals (RFC 7541 section 6.2.2). Their names differ: `http` 0.2 panics
/// at the 32,769th.
fn tiny_headers() -> Vec<u8> {
    let mut fields = vec![0x82, 0x84, 0x87, 0x41, 9];
    fields.extend_from_slice(b"localhost");
    let letter = |number: u32| b'a' + u8::try_from(number % 26).unwrap();
    for number in 0..40_000 {
        let name = [number, number / 26, number / 676, number / 17_576].map(letter);
        fields.extend_from_slice(&[&[0, 4], &name[..], &[1, b'b']].concat());
    }
    let mut bytes = PREFACE.to_vec();
    let chunks: Vec<_> = fields.chunks(16_384).collect();
    for (at, chunk) in chunks.iter().enumerate() {
        let kind = if at == 0 { 1 } else { 9 };
        let end = u8::from(at + 1 == chunks.len()) * 4 + u8::from(at == 0);
        let length = u32::try_from(chunk.len()).unwrap().to_be_bytes();
        bytes.extend_from_slice(&length[1..]);
        bytes.extend_from_slice(&[kind, end, 0, 0, 0, 1]);
        bytes.extend_from_slice(chunk);
    }
    bytes
}

#[test]
fn w23_no_client_gets_http_2_and_40_000_tiny_headers_panic_nothing() {
    let https = Https::start();
    let mut both = https.connect(&[b"h2", b"http/1.1"]);
    let asked = request("GET /healthz HTTP/1.1", "\r\n");
    both.write_all(&asked).unwrap();
    assert_eq!(both.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    // A client that offers nothing else gets an alert in the handshake.
    let answer = exchange(https.connect(&[b"h2"]), &tiny_headers());
    assert_eq!(answer, "");
    assert_unharmed(&https);
    // HTTP/2 that was not agreed on is a malformed request.
    // Its answer may be lost: the connection is reset while the client still sends.
    let is_refused = |answer: &str| answer.is_empty() || answer.starts_with("HTTP/1.1 4");
    for protocols in [&[&b"http/1.1"[..]][..], &[]] {
        let answer = exchange(https.connect(protocols), &tiny_headers());
        assert!(is_refused(&answer), "{answer:?}");
        let mut many = String::from("GET / HTTP/1.1\r\n");
        for _ in 0..40_000 {
            write!(many, "a:b\r\n").unwrap();
        }
        let answer = exchange(https.connect(protocols), format!("{many}\r\n").as_bytes());
        assert!(is_refused(&answer), "{answer:?}");
    }
    assert!(https.is_healthy());
    assert_unharmed(&https);
}

#[test]
fn w23_a_thousand_http_2_prefaces_leave_the_program_as_it_was() {
    let https = Https::start();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..125 {
                    let answer = exchange(https.connect(&[]), PREFACE);
                    assert!(answer.starts_with("HTTP/1.1 400"), "{answer:?}");
                }
            });
        }
    });
    assert!(https.is_healthy());
    assert_unharmed(&https);
}

#[test]
fn w22_a_tls_handshake_that_never_begins_is_closed_and_delays_no_other() {
    let https = Https::start();
    let silent: Vec<_> = (0..300).map(|_| connect(https.webapp.port)).collect();
    let asked = Instant::now();
    assert!(https.is_healthy());
    assert!(asked.elapsed() < Duration::from_secs(5));
    for mut client in silent {
        assert!(matches!(client.read(&mut [0]), Ok(0)), "still open");
    }
    assert_unharmed(&https);
}

fn assert_unharmed(https: &Https) {
    let log = https.webapp.log();
    for line in log.lines() {
        assert!(
            !line.contains("panicked") && !line.contains("ERROR"),
            "{line}"
        );
    }
}
