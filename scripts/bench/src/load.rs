//! The load: 16 kept connections, all written before any is read.
//!
//! It never sleeps in a read: a server that has to wake its client pays for that, and the more often
//! the longer it takes itself, so that the slower of two would seem slower still.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
};

pub const CONNECTIONS: usize = 16;

/// Sends `requests` requests; every answer must have this status.
pub fn run(port: u16, path: &str, headers: &str, status: u16, requests: usize) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n{headers}\r\n");
    let mut connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
            stream.set_nodelay(true).expect("a socket");
            stream.set_nonblocking(true).expect("a socket");
            stream
        })
        .collect();
    let mut buffer = [0; 16 * 1024];
    for _ in 0..requests / CONNECTIONS {
        for stream in &mut connections {
            stream
                .write_all(request.as_bytes())
                .expect("the server reads");
        }
        for stream in &mut connections {
            read_answer(stream, status, &mut buffer);
        }
    }
}

fn read_answer(stream: &mut TcpStream, status: u16, buffer: &mut [u8]) {
    let first_line = format!("HTTP/1.1 {status}");
    let mut filled = 0;
    loop {
        filled += match stream.read(&mut buffer[filled..]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                thread::yield_now();
                continue;
            }
            Ok(0) => panic!("the server hangs up"),
            read => read.expect("the server answers"),
        };
        let text = &buffer[..filled];
        let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&text[..end]).expect("a head is ASCII");
        assert!(head.starts_with(&first_line), "{head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .expect("a body with a length");
        let length: usize = length.parse().expect("a number");
        if filled >= end + 4 + length {
            return;
        }
    }
}
