//! Clients that hold connections: the program below a low limit of descriptors, and its shutdown.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::support::{Settings, Webapp, ask};

/// The program with nothing configured, on a free port, with its state in a folder of its own.
pub(crate) fn alone() -> (tempfile::TempDir, Settings) {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().display().to_string();
    let settings = [
        ("PORT".to_owned(), "0".to_owned()),
        ("XDG_STATE_HOME".to_owned(), folder),
    ];
    (state, Settings::from(settings))
}

/// A client that has sent a part of a request, and goes on byte by byte.
fn dripping(port: u16, begun: &str) -> Option<TcpStream> {
    let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    client
        .set_write_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    client.write_all(begun.as_bytes()).ok()?;
    Some(client)
}

/// Clients that drip until told to stop.
struct Attack {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Attack {
    fn start(port: u16, number: usize, kinds: &'static [&'static str]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let begun = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&begun);
        let thread = thread::spawn(move || {
            let mut clients: Vec<_> = (0..number)
                .map(|at| (dripping(port, kinds[at % kinds.len()]), at))
                .collect();
            told.store(true, Ordering::Relaxed);
            while !stopped.load(Ordering::Relaxed) {
                for (client, at) in &mut clients {
                    let drips = client.as_mut().map(|client| client.write_all(b"a"));
                    // A client that was disconnected connects again at once.
                    if !matches!(drips, Some(Ok(()))) {
                        *client = dripping(port, kinds[*at % kinds.len()]);
                    }
                }
                thread::sleep(Duration::from_millis(500));
            }
        });
        while !begun.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(20));
        }
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

const BODY: &str = "POST /preferences HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\na";
const CHUNKED: &str = "POST /auth/sign_out HTTP/1.1\r\nHost: localhost\r\n\
    Transfer-Encoding: chunked\r\n\r\nfff\r\na";
const HEAD: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: a";
const LATER_HEAD: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nX: a";

#[test]
fn w24_160_dripping_connections_at_128_descriptors_leave_the_health_check_answering() {
    for limits in ["ulimit -n 128", "ulimit -S -n 128"] {
        let (_state, settings) = alone();
        let webapp = Webapp::start_below(limits, &settings);
        let attack = Attack::start(webapp.port, 160, &[BODY, CHUNKED, HEAD, LATER_HEAD]);
        let until = Instant::now() + Duration::from_secs(12);
        while Instant::now() < until {
            let asked = Instant::now();
            assert_eq!(ask(webapp.port, "/healthz").0, 200, "{limits}");
            let took = asked.elapsed();
            assert!(took < Duration::from_secs(4), "{limits}: {took:?}");
            thread::sleep(Duration::from_millis(300));
        }
        drop(attack);
        let log = webapp.log();
        for word in ["panicked", "Too many open files", "ERROR"] {
            assert!(!log.contains(word), "{limits}: {word}");
        }
    }
}

#[test]
fn w21_a_shutdown_under_dripping_connections_keeps_its_promise_of_12_seconds() {
    let (_state, settings) = alone();
    let mut webapp = Webapp::start(&settings);
    let _attack = Attack::start(webapp.port, 60, &[BODY, CHUNKED, HEAD, LATER_HEAD]);
    let silent: Vec<_> = (0..20)
        .map(|_| TcpStream::connect((Ipv4Addr::LOCALHOST, webapp.port)).unwrap())
        .collect();
    let asked = Instant::now();
    webapp.terminate();
    assert!(webapp.ended().success());
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(12), "{took:?}");
    assert!(!webapp.log().contains("panicked"));
    drop(silent);
}

#[test]
fn w20_every_route_refuses_a_body_that_does_not_come_with_408() {
    let (_state, settings) = alone();
    let webapp = Webapp::start(&settings);
    let port = webapp.port;
    let paths = [
        "/preferences",
        "/auth/sign_in",
        "/auth/sign_out",
        "/auth/redirect",
        "/auth/back_channel_sign_out",
    ];
    let framings = [
        ("Content-Length: 500\r\n\r\n", "a"),
        ("Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"),
    ];
    let mut waiting = Vec::new();
    for path in paths {
        for (framing, drip) in framings {
            for drips in [false, true] {
                let begun = format!(
                    "POST {path} HTTP/1.1\r\nHost: localhost\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\n{framing}"
                );
                waiting.push(thread::spawn(move || {
                    let answer = slow_request(port, &begun, if drips { drip } else { "" });
                    (format!("{path} {framing:?} {drips}"), answer)
                }));
            }
        }
    }
    for waiting in waiting {
        let (what, answer) = waiting.join().unwrap();
        let answer = answer.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 408"), "{what}: {answer}");
        for header in [
            "connection: close",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
        ] {
            assert!(answer.contains(header), "{what}: {header} in {answer}");
        }
    }
    assert!(!webapp.log().contains("panicked"));
}

/// What came back until the other side closed.
fn slow_request(port: u16, begun: &str, drip: &str) -> String {
    let mut client = dripping(port, begun).unwrap();
    let beat = Duration::from_millis(500);
    client.set_read_timeout(Some(beat)).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        assert!(Instant::now() < until, "{begun}: not closed");
        match client.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                // Once the other side has closed this fails, and so does the next read.
                drop(client.write_all(drip.as_bytes()));
            }
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}
