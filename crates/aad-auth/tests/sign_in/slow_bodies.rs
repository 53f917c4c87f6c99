//! Bodies that do not come, on the routes of the crate below Actix's own server.

use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use aad_auth::BodyPace;
use actix_web::{App, HttpResponse, HttpServer, rt::task::spawn_blocking, web};
use futures_util::StreamExt;

use crate::support::World;

#[actix_web::test]
async fn w20_a_posted_form_that_is_silent_or_drips_is_answered_408_and_the_connection_closed() {
    let world = World::start();
    let port = world.app.port;
    let mut answers = Vec::new();
    for path in ["sign_in", "sign_out", "redirect", "back_channel_sign_out"] {
        for (framing, drip) in [
            ("Content-Length: 100", ""),
            ("Content-Length: 100", "a"),
            ("Transfer-Encoding: chunked", ""),
            // A client must not be kept by the rest of a body that Actix would read to its end.
            ("Transfer-Encoding: chunked", "1\r\na\r\n"),
        ] {
            let head = format!(
                "POST /auth/{path} HTTP/1.1\r\nHost: localhost:{port}\r\n{framing}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\n"
            );
            let answer = spawn_blocking(move || until_closed(port, &head, drip));
            answers.push((format!("{path}, {framing}, {drip:?}"), answer));
        }
    }
    for (what, answer) in answers {
        let answer = answer.await.unwrap().to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 408"), "{what}: {answer}");
        assert!(answer.contains("connection: close"), "{what}: {answer}");
        assert!(
            answer.contains("cache-control: no-store"),
            "{what}: {answer}"
        );
        assert!(
            answer.contains("content-security-policy"),
            "{what}: {answer}"
        );
    }
}

#[actix_web::test]
async fn w20_a_form_of_50_kb_a_second_is_read() {
    let world = World::start();
    let port = world.app.port;
    let answer = spawn_blocking(move || {
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let head = format!(
            "POST /auth/sign_out HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\
             Content-Length: 60000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
        );
        client.write_all(head.as_bytes()).unwrap();
        for _ in 0..12 {
            client.write_all(&[b'a'; 5_000]).unwrap();
            std::thread::sleep(Duration::from_millis(100));
        }
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
}

#[actix_web::test]
async fn w20_an_application_below_the_pace_answers_408_and_its_web_sockets_may_be_silent() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = HttpServer::new(|| {
        App::new()
            .wrap(BodyPace::new(Duration::from_secs(1), 500))
            // Whatever a handler makes of it.
            .route(
                "/lenient",
                web::post().to(|_: Option<web::Bytes>| async { "fine" }),
            )
            .route("/strict", web::post().to(|_: web::Bytes| async { "fine" }))
            .route("/socket", web::get().to(echo))
    });
    let server = server
        .workers(1)
        .listen(listener)
        .unwrap()
        .disable_signals();
    actix_web::rt::spawn(server.run());
    for path in ["lenient", "strict"] {
        for (framing, drip) in [
            ("Content-Length: 100", "a"),
            ("Transfer-Encoding: chunked", "1\r\na\r\n"),
        ] {
            let head = format!("POST /{path} HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n");
            let answer = spawn_blocking(move || until_closed(port, &head, drip));
            let answer = answer.await.unwrap();
            assert!(
                answer.starts_with("HTTP/1.1 408"),
                "{path}, {framing}: {answer}"
            );
        }
    }
    let echoed = spawn_blocking(move || {
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let head = "GET /socket HTTP/1.1\r\nHost: localhost\r\n\
                    Connection: upgrade\r\nUpgrade: websocket\r\n\r\n";
        client.write_all(head.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_secs(3));
        client.write_all(b"echo").unwrap();
        let mut answer = String::new();
        while !answer.ends_with("echo") {
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            answer.push(char::from(byte[0]));
        }
        answer
    });
    assert!(echoed.await.unwrap().starts_with("HTTP/1.1 101"));
}

async fn echo(body: web::Payload) -> HttpResponse {
    HttpResponse::SwitchingProtocols()
        .upgrade("websocket")
        .streaming(body.map(|chunk| chunk.map_err(actix_web::Error::from)))
}

/// What came back until the other side closed, while `drip` was sent every half second.
fn until_closed(port: u16, head: &str, drip: &str) -> String {
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let beat = Some(Duration::from_millis(500));
    client.set_read_timeout(beat).unwrap();
    client.write_all(head.as_bytes()).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    let until = Instant::now() + Duration::from_secs(40);
    loop {
        assert!(Instant::now() < until, "not closed: {head}");
        match client.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                // Fails once the other side has closed, and so does the next read.
                drop(client.write_all(drip.as_bytes()));
            }
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}
