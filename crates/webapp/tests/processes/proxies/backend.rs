//! An application that says what has reached it, with a stream and a WebSocket.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// The running application. Its threads end with their connections, the listener with the test.
pub struct Backend {
    pub port: u16,
    /// Lets streams send their second event.
    go_on: Arc<AtomicBool>,
}

impl Backend {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let go_on = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&go_on);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let go_on = Arc::clone(&shared);
                // A client that goes away ends its thread.
                std::thread::spawn(move || drop(serve(stream, &go_on)));
            }
        });
        Self { port, go_on }
    }

    pub fn go_on(&self) {
        self.go_on.store(true, Ordering::SeqCst);
    }
}

fn serve(mut client: TcpStream, go_on: &AtomicBool) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    if head.contains("upgrade: websocket") {
        // The accept value for the key of RFC 6455 section 1.3.
        client.write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        )?;
        let mut bytes = [0; 64];
        loop {
            let read = client.read(&mut bytes)?;
            if read == 0 {
                return Ok(());
            }
            client.write_all(&bytes[..read])?;
        }
    }
    if head.starts_with("get /events ") {
        client.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n\
              Cache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n",
        )?;
        let deadline = Instant::now() + Duration::from_secs(60);
        while !go_on.load(Ordering::SeqCst) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        return client.write_all(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    }
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{head}",
        head.len()
    );
    client.write_all(answer.as_bytes())
}
