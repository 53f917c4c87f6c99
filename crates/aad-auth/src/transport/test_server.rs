//! Real servers on loopback that misbehave in every way a test asks for.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test server that fails is a failed test"
)]

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use url::Url;

/// Both directions of a connection, with or without TLS.
pub(crate) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// What a server does with the request of this number (from 0, over all connections) and text.
/// `Ok(true)` keeps the connection for another request.
type Script = dyn Fn(usize, &str, &mut dyn Stream) -> io::Result<bool> + Send + Sync;
type Wrap = dyn Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync;

#[derive(Default)]
struct Log {
    connections: usize,
    requests: Vec<String>,
}

/// A server that runs until the process ends.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

impl TestServer {
    /// A plain HTTP server.
    pub(crate) fn start(
        script: impl Fn(usize, &mut dyn Stream) -> io::Result<bool> + Send + Sync + 'static,
    ) -> Self {
        Self::listen("127.0.0.1:0", |stream| Ok(Box::new(stream)), script)
    }

    /// A server that always gives the same answer and keeps the connection.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |_, stream| stream.write_all(&answer).map(|()| true))
    }

    /// A plain HTTP server whose script sees the request, head and body.
    pub(crate) fn choosing(
        script: impl Fn(&str, &mut dyn Stream) -> io::Result<bool> + Send + Sync + 'static,
    ) -> Self {
        let script =
            move |_: usize, request: &str, stream: &mut dyn Stream| script(request, stream);
        Self::serve(
            "127.0.0.1:0",
            Arc::new(|stream| Ok(Box::new(stream))),
            Arc::new(script),
        )
    }

    /// A server at `address` whose connections go through `wrap` first.
    pub(crate) fn listen(
        address: &str,
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
        script: impl Fn(usize, &mut dyn Stream) -> io::Result<bool> + Send + Sync + 'static,
    ) -> Self {
        let script = move |number, _: &str, stream: &mut dyn Stream| script(number, stream);
        Self::serve(address, Arc::new(wrap), Arc::new(script))
    }

    fn serve(address: &str, wrap: Arc<Wrap>, script: Arc<Script>) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            log: Arc::default(),
        };
        let log = Arc::clone(&server.log);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, wrap, script) = (log.clone(), wrap.clone(), script.clone());
                log.lock().unwrap().connections += 1;
                std::thread::spawn(move || converse(stream?, &log, &*wrap, &*script));
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        self.log.lock().unwrap().connections
    }

    /// The requests so far, head and body as text.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.log.lock().unwrap().requests.clone()
    }
}

fn converse(stream: TcpStream, log: &Mutex<Log>, wrap: &Wrap, script: &Script) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_nodelay(true)?;
    let mut stream = wrap(stream)?;
    loop {
        let Some(request) = read_request(&mut *stream)? else {
            return Ok(());
        };
        let number = {
            let mut log = log.lock().unwrap();
            log.requests.push(request.clone());
            log.requests.len() - 1
        };
        if !script(number, &request, &mut *stream)? {
            return Ok(());
        }
    }
}

fn read_request(stream: &mut dyn Stream) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head.split("content-length: ").nth(1).map_or(0, |tail| {
        tail.split("\r\n").next().unwrap().parse().unwrap()
    });
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    bytes.extend(body);
    Ok(Some(String::from_utf8(bytes).unwrap()))
}

/// A complete answer with `Content-Length`. `head` is the status and further header lines, such
/// as `"200 OK\r\nContent-Type: text/plain"`.
pub(crate) fn answer(head: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A complete JSON answer.
pub(crate) fn json(status: &str, body: &str) -> Vec<u8> {
    answer(
        &format!("{status}\r\nContent-Type: application/json; charset=utf-8"),
        body,
    )
}

/// Sends nothing until the other side has gone; `Err` when it stays for half a minute.
pub(crate) fn hang(stream: &mut dyn Stream) -> io::Result<bool> {
    stream.read(&mut [0]).map(|_| false)
}
