//! The server with short deadlines: attackers are disconnected, slow but honest clients are served.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use aad_auth::BodyPace;
use actix_web::{
    App, HttpResponse,
    rt::{
        self,
        task::spawn_blocking,
        time::{sleep, timeout},
    },
    web::{self, Bytes},
};
use futures_util::{StreamExt, stream};
use webapp::server::{BareHeaders, Limits, Options, serve};

/// Deadlines of two seconds in place of ten and twenty.
const SHORT: Limits = Limits {
    connections: 16,
    head: Duration::from_secs(2),
    write: Duration::from_secs(2),
    drain: Duration::from_secs(2),
    period: Duration::from_millis(100),
};
/// More than any of them, and than a slow machine needs.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than every deadline.
const LONG: Duration = Duration::from_secs(5);

fn start(limits: Limits) -> SocketAddr {
    start_until(limits, std::future::pending()).0
}

fn start_until(
    limits: Limits,
    stop: impl Future<Output = ()> + Send + 'static,
) -> (SocketAddr, rt::task::JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let app = || {
        App::new()
            .wrap(BodyPace::new(Duration::from_secs(2), 500))
            .app_data(web::PayloadConfig::new(2 << 20))
            .route("/", web::get().to(|| async { "home" }))
            .route("/upload", web::post().to(upload))
            .route("/early", web::post().to(|| async { "not read" }))
            .route("/work", web::post().to(work))
            .route("/events", web::get().to(events))
            .route("/socket", web::get().to(socket))
            .route("/large", web::get().to(large))
    };
    let options = Options {
        tls: None,
        limits,
        bare_headers: BareHeaders::default(),
    };
    let server = serve(app, vec![listener], options, stop).unwrap();
    (address, rt::spawn(server))
}

async fn upload(body: Bytes) -> String {
    body.len().to_string()
}

/// Takes longer than every deadline, with the body read.
async fn work(body: Bytes) -> String {
    sleep(LONG).await;
    body.len().to_string()
}

/// Says something at once, and then nothing for longer than every deadline.
async fn events() -> HttpResponse {
    let events = stream::unfold(0, |at| async move {
        if at > 0 {
            sleep(LONG).await;
        }
        let event = Bytes::from(format!("data: {at}\n\n"));
        (at < 2).then_some((Ok::<_, actix_web::Error>(event), at + 1))
    });
    HttpResponse::Ok().streaming(events)
}

/// What a WebSocket is below its frames: bytes come and go when either side has some.
async fn socket(body: web::Payload) -> HttpResponse {
    let echo = body.map(|chunk| chunk.map_err(actix_web::Error::from));
    HttpResponse::SwitchingProtocols()
        .upgrade("websocket")
        .streaming(echo)
}

async fn large() -> HttpResponse {
    HttpResponse::Ok().body(vec![b'x'; 64 << 20])
}

/// A client of one connection, without a library that could be kinder than an attacker.
struct Client(TcpStream);

impl Client {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    fn send(&mut self, bytes: &str) -> bool {
        self.0.write_all(bytes.as_bytes()).is_ok()
    }

    /// Reads until `end` has come; `None` when the connection is closed first.
    fn read_until(&mut self, end: &str) -> Option<String> {
        let (mut all, mut byte) = (String::new(), [0]);
        while !all.ends_with(end) {
            match self.0.read(&mut byte) {
                Ok(0) => return None,
                Ok(_) => all.push(char::from(byte[0])),
                Err(error) if is_timeout(&error) => panic!("neither {end:?} nor closed: {all}"),
                Err(_) => return None,
            }
        }
        Some(all)
    }

    /// Whether the other side closes, while these bytes are sent again and again.
    fn is_closed_while_sending(&mut self, drip: &str) -> bool {
        let beat = Some(Duration::from_millis(100));
        self.0.set_read_timeout(beat).unwrap();
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            match self.0.read(&mut [0; 4096]) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if is_timeout(&error) => {
                    if !self.send(drip) {
                        return true;
                    }
                }
                Err(_) => return true,
            }
        }
        false
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Runs blocking clients beside the server, from now on.
fn with_clients<T: Send + 'static>(
    clients: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = T> {
    let ended = spawn_blocking(clients);
    async move { ended.await.unwrap() }
}

const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn post(path: &str, framing: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n")
}

#[actix_web::test]
async fn w22_whatever_part_of_a_request_does_not_come_the_connection_is_closed() {
    let address = start(Limits {
        connections: 64,
        ..SHORT
    });
    let chunked = |path| post(path, "Transfer-Encoding: chunked");
    let sized = |path| post(path, "Content-Length: 100000");
    let cases = [
        ("nothing at all", String::new(), ""),
        ("a silent head", "GET / HTTP/1.1\r\n".into(), ""),
        ("a dripping head", "GET / HTTP/1.1\r\nA: ".into(), "a"),
        ("empty lines", String::new(), "\r\n"),
        ("a later head, silent", format!("{GET}GET /"), ""),
        (
            "a later head, dripping",
            format!("{GET}GET / HTTP/1.1\r\nA: "),
            "a",
        ),
        ("a silent body", sized("/upload"), ""),
        ("a dripping body", sized("/upload"), "a"),
        ("a silent chunked body", chunked("/upload"), ""),
        ("a dripping chunked body", chunked("/upload"), "1\r\na\r\n"),
        ("a body that is not read", sized("/early"), "a"),
        (
            "a chunked body that is not read",
            chunked("/early"),
            "1\r\na\r\n",
        ),
        (
            "a body for a missing page",
            chunked("/missing"),
            "1\r\na\r\n",
        ),
    ];
    let clients = cases.map(|(what, begun, drip)| {
        let closed = with_clients(move || {
            let mut client = Client::connect(address);
            assert!(client.send(&begun));
            client.is_closed_while_sending(drip)
        });
        (what, closed)
    });
    for (what, closed) in clients {
        assert!(closed.await, "{what}");
    }
}

#[actix_web::test]
async fn w22_a_client_that_does_not_read_its_response_is_disconnected() {
    let address = start(SHORT);
    let received = with_clients(move || {
        let mut client = Client::connect(address);
        assert!(client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        std::thread::sleep(LONG);
        let mut buffer = vec![0; 1 << 20];
        let mut received = 0;
        while let Ok(read @ 1..) = client.0.read(&mut buffer) {
            received += read;
        }
        received
    });
    // What the two kernels had taken arrives; the rest was never sent.
    assert!(received.await < 32 << 20);
}

#[actix_web::test]
async fn a_client_that_reads_slowly_gets_the_whole_response() {
    let address = start(SHORT);
    let received = with_clients(move || {
        let mut client = Client::connect(address);
        let head = "GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        assert!(client.send(head));
        let mut buffer = vec![0; 1 << 20];
        let mut received = 0;
        while let Ok(read @ 1..) = client.0.read(&mut buffer) {
            received += read;
            std::thread::sleep(Duration::from_millis(20));
        }
        received
    });
    assert!(received.await > 64 << 20);
}

#[actix_web::test]
async fn slow_but_honest_clients_are_served() {
    let address = start(SHORT);
    let uploaded = with_clients(move || {
        let mut client = Client::connect(address);
        assert!(client.send(&post("/upload", "Content-Length: 250000")));
        // 50 kB a second, for longer than every deadline.
        for _ in 0..50 {
            assert!(client.send(&"x".repeat(5_000)));
            std::thread::sleep(Duration::from_millis(100));
        }
        client.read_until("250000").is_some()
    });
    let worked = with_clients(move || {
        let mut client = Client::connect(address);
        assert!(client.send(&format!("{}abc", post("/work", "Content-Length: 3"))));
        client.read_until("\r\n\r\n3").is_some()
    });
    let reused = with_clients(move || {
        let mut client = Client::connect(address);
        (0..12).all(|_| {
            std::thread::sleep(Duration::from_millis(500));
            client.send(GET) && client.read_until("home").is_some()
        })
    });
    assert!(uploaded.await, "an upload of 50 kB a second");
    assert!(worked.await, "a handler that works for longer");
    assert!(
        reused.await,
        "a connection with a request every half second"
    );
}

#[actix_web::test]
async fn streams_that_are_silent_for_longer_than_every_deadline_stay_open() {
    let address = start(SHORT);
    let events = with_clients(move || {
        let mut client = Client::connect(address);
        assert!(client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        client.read_until("data: 0\n\n").is_some() && client.read_until("data: 1\n\n").is_some()
    });
    let socket = with_clients(move || {
        let mut client = Client::connect(address);
        let head = "GET /socket HTTP/1.1\r\nHost: localhost\r\n\
                    Connection: upgrade\r\nUpgrade: websocket\r\n\r\n";
        assert!(client.send(head));
        assert!(client.read_until("\r\n\r\n").unwrap().contains(" 101 "));
        std::thread::sleep(LONG);
        client.send("echo") && client.read_until("echo").is_some()
    });
    assert!(events.await, "server-sent events");
    assert!(socket.await, "a WebSocket");
}

#[actix_web::test]
async fn w24_where_there_is_no_room_who_waits_for_its_client_makes_room() {
    let address = start(Limits {
        // No connection is overdue in this test.
        head: 10 * PATIENCE,
        ..SHORT
    });
    let answered = with_clients(move || {
        let mut streaming = Client::connect(address);
        assert!(streaming.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert!(streaming.read_until("data: 0\n\n").is_some());
        let mut holding = Vec::new();
        for _ in 0..60 {
            let mut client = Client::connect(address);
            client.send("GET / HTTP/1.1\r\n");
            holding.push(client);
        }
        let mut client = Client::connect(address);
        let answered = client.send(GET) && client.read_until("home").is_some();
        (answered, streaming.read_until("data: 1\n\n").is_some())
    });
    assert_eq!(timeout(PATIENCE, answered).await.unwrap(), (true, true));
}

#[actix_web::test]
async fn w21_a_graceful_stop_ends_with_dripping_bodies_and_open_streams() {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (address, server) = start_until(SHORT, async { drop(stopped.await) });
    let clients = with_clients(move || {
        let mut clients = vec![Client::connect(address), Client::connect(address)];
        assert!(clients[0].send(&post("/upload", "Content-Length: 1000")));
        assert!(clients[1].send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert!(clients[1].read_until("data: 0\n\n").is_some());
        clients
    });
    let clients = clients.await;
    stop.send(()).unwrap();
    let ended = timeout(PATIENCE, server).await;
    ended.expect("ended").unwrap().unwrap();
    drop(clients);
}
