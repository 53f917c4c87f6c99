//! Faults of the connection and the whole answer.

use std::time::{Duration, Instant};

use awc::error::SendRequestError;
use entra_emulator::{Effect, Emulator, Endpoint, Fault};

use crate::support::{NORTHWIND, client, get};

pub(crate) fn discovery(emulator: &Emulator) -> String {
    format!(
        "{}{NORTHWIND}/v2.0/.well-known/openid-configuration",
        emulator.url()
    )
}

#[actix_web::test]
async fn replaces_answers_until_the_fault_ends() {
    let emulator = Emulator::builder().start().unwrap();
    let faults = emulator.control().faults();
    let ask = || async {
        get(
            &emulator,
            &format!("{NORTHWIND}/v2.0/.well-known/openid-configuration"),
        )
        .await
    };
    for status in [204, 500, 503] {
        faults.set(Fault::status(Endpoint::Discovery, status).once());
        let answer = ask().await;
        assert_eq!((answer.status, answer.text.as_str()), (status, ""));
    }
    faults.set(Fault::html(Endpoint::Discovery, 502).once());
    assert!(ask().await.text.contains("<h1>"));
    faults.set(Fault::throttled(Endpoint::Discovery, "99999999").once());
    let throttled = ask().await;
    assert_eq!(
        (
            throttled.status,
            throttled.header("retry-after"),
            throttled.header("content-type")
        ),
        (429, "99999999", "text/plain")
    );
    faults.set(Fault::redirect(Endpoint::Discovery, 307, "http://127.0.0.1:9/evil").once());
    assert_eq!(ask().await.header("location"), "http://127.0.0.1:9/evil");
    faults.set(Fault::body(Endpoint::Discovery, "[1,2]\0").once());
    assert_eq!(ask().await.text, "[1,2]\0");
    faults.set(Fault::huge(Endpoint::Discovery, 10_000_000).once());
    assert!(ask().await.text.len() > 10_000_000);
    faults.set(Fault::deep(Endpoint::Discovery, 100_000).once());
    assert_eq!(ask().await.text.len(), 200_000);
    faults.set(Fault::gzip_bomb(Endpoint::Discovery, 1 << 24).once());
    let bomb = ask().await;
    assert!(bomb.header("content-encoding") == "gzip" && bomb.text.len() < 400_000);
    assert_eq!(ask().await.status, 200, "each struck once");
    assert!(faults.list().is_empty());
}

#[actix_web::test]
async fn delays_hangs_and_drips() {
    let emulator = Emulator::builder().start().unwrap();
    let faults = emulator.control().faults();
    let before = Instant::now();
    faults.set(Fault::delay(Endpoint::Discovery, 300).once());
    assert_eq!(
        get(&emulator, "common/v2.0/.well-known/openid-configuration")
            .await
            .status,
        200
    );
    assert!(before.elapsed() >= Duration::from_millis(300));
    faults.set(Fault::hang(Endpoint::Discovery).once());
    let hung = client()
        .get(discovery(&emulator))
        .timeout(Duration::from_millis(300))
        .send()
        .await;
    assert!(matches!(hung, Err(SendRequestError::Timeout)));
    faults.set(Fault::new(Endpoint::Discovery, Effect::Drip(1_000)).once());
    let dripping = client().get(discovery(&emulator)).send().await.unwrap();
    let body = dripping.timeout(Duration::from_millis(500)).body().await;
    assert!(body.is_err(), "headers at once, the body by drops");
}

/// Sends a request and reads the connection to its end.
fn raw(emulator: &Emulator) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", emulator.port())).unwrap();
    let path = "/common/v2.0/.well-known/openid-configuration";
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    text
}

#[test]
fn a_closed_connection_and_a_cut_body() {
    let emulator = Emulator::builder().start().unwrap();
    let faults = emulator.control().faults();
    let whole = raw(&emulator);
    assert!(whole.ends_with('}'));
    faults.set(Fault::close(Endpoint::Discovery).once());
    assert_eq!(raw(&emulator), "", "no answer at all");
    faults.set(Fault::cut(Endpoint::Discovery).once());
    let cut = raw(&emulator);
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    let (_, whole_body) = whole.split_once("\r\n\r\n").unwrap();
    assert!(
        head.to_lowercase()
            .contains(&format!("content-length: {}", whole_body.len())),
        "{head}"
    );
    assert_eq!(body.len(), whole_body.len() / 2);
    assert!(raw(&emulator).ends_with('}'));
}
