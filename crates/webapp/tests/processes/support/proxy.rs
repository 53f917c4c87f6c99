//! A load balancer as simple as they come: round robin over those whose `/readyz` says 200, no
//! sticky sessions, one request a connection. It repeats what no instance has accepted, and of what
//! was accepted but not answered only GET and HEAD (RFC 9110 section 9.2.2).

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::ask;

/// The running proxy; it ends with this value.
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    backends: Mutex<Vec<Backend>>,
    next: AtomicUsize,
    /// Path and number of the instance, for each request that was answered.
    served: Mutex<Vec<(String, usize)>>,
    stopped: AtomicBool,
}

#[derive(Clone, Copy, Default)]
struct Backend {
    port: u16,
    ready: bool,
}

impl Proxy {
    /// A proxy for `size` instances, none of which is there yet.
    pub fn start(size: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        *shared.backends.lock().unwrap() = vec![Backend::default(); size];
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        let watching = Arc::clone(&shared);
        std::thread::spawn(move || {
            while !watching.stopped.load(Ordering::SeqCst) {
                watching.look();
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Self { port, shared }
    }

    /// The instance `number` is now at this port, and ready.
    pub fn set(&self, number: usize, port: u16) {
        self.shared.backends.lock().unwrap()[number] = Backend { port, ready: true };
    }

    /// Which instances have answered requests for `path`.
    pub fn served(&self, path: &str) -> Vec<usize> {
        let served = self.shared.served.lock().unwrap();
        let of_path = served.iter().filter(|(asked, _)| asked == path);
        of_path.map(|(_, number)| *number).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }
}

impl Shared {
    fn look(&self) {
        let ports: Vec<u16> = self.ports();
        for (number, port) in ports.into_iter().enumerate() {
            let ready = ask(port, "/readyz").0 == 200;
            let mut backends = self.backends.lock().unwrap();
            if backends[number].port == port {
                backends[number].ready = ready;
            }
        }
    }

    fn ports(&self) -> Vec<u16> {
        let backends = self.backends.lock().unwrap();
        backends.iter().map(|backend| backend.port).collect()
    }

    fn serve(&self, mut client: TcpStream) {
        let Some(request) = Request::read(&mut client) else {
            return;
        };
        for number in self.order() {
            let port = self.backends.lock().unwrap()[number].port;
            let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
                continue;
            };
            let answer = request.pass_on(stream);
            if answer.is_empty() && request.is_safe() {
                continue;
            }
            let path = request.path().to_owned();
            self.served.lock().unwrap().push((path, number));
            // Nothing to do about a client that has gone.
            drop(client.write_all(&answer));
            return;
        }
        drop(client.write_all(
            b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ));
    }

    /// In turn, those that are ready first.
    fn order(&self) -> Vec<usize> {
        let backends = self.backends.lock().unwrap();
        let first = self.next.fetch_add(1, Ordering::SeqCst);
        let size = backends.len();
        let mut order: Vec<_> = (0..size).map(|n| (first + n) % size).collect();
        order.sort_by_key(|number| !backends[*number].ready);
        order
    }
}

struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    fn read(client: &mut TcpStream) -> Option<Self> {
        client
            .set_read_timeout(Some(Duration::from_secs(30)))
            .ok()?;
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let mut chunk = [0; 4096];
            match client.read(&mut chunk).ok()? {
                0 => return None,
                n => bytes.extend_from_slice(&chunk[..n]),
            }
        };
        let mut body = bytes.split_off(end);
        let head = String::from_utf8(bytes).ok()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let wanted = name.eq_ignore_ascii_case("content-length");
            wanted.then(|| value.trim().parse().ok())?
        });
        let missing = length.unwrap_or(0_usize).saturating_sub(body.len());
        let mut rest = vec![0; missing];
        client.read_exact(&mut rest).ok()?;
        body.extend(rest);
        let lines = head.trim_end().split("\r\n");
        let kept = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let head = kept.collect::<Vec<_>>().join("\r\n") + "\r\nConnection: close\r\n\r\n";
        Some(Self { head, body })
    }

    fn pass_on(&self, mut stream: TcpStream) -> Vec<u8> {
        let mut answer = Vec::new();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let sent = stream
            .write_all(self.head.as_bytes())
            .and_then(|()| stream.write_all(&self.body));
        if sent.is_ok() {
            // What came before an error is the answer.
            drop(stream.read_to_end(&mut answer));
        }
        answer
    }

    fn is_safe(&self) -> bool {
        self.head.starts_with("GET ") || self.head.starts_with("HEAD ")
    }

    fn path(&self) -> &str {
        let target = self.head.split(' ').nth(1).unwrap_or_default();
        target.split('?').next().unwrap_or_default()
    }
}
