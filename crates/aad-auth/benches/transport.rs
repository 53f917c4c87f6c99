//! What the provider thread costs: one POST on a kept connection to a server on loopback,
//! directly by awc and through the handle. Run with `cargo bench -p aad-auth --bench transport`.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark that meets the unexpected has failed"
)]

use std::{
    hint::black_box,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use aad_auth::internals::transport::{CallPurpose, Request, Transport, TransportSettings};
use criterion::{Criterion, criterion_group, criterion_main};
use http::{HeaderMap, Method};
use url::Url;

const BODY: &[u8] = &[b'x'; 600];
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
    Content-Length: 2\r\n\r\n{}";

fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || serve(stream.unwrap()));
        }
    });
    address
}

/// Answers whenever a whole request has arrived: it ends in the body's letters.
fn serve(mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = [0; 8192];
    let mut letters = 0;
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        let read = buffer.get(..length).unwrap();
        let tail = read.iter().rev().take_while(|byte| **byte == b'x').count();
        letters = if tail == length { letters + tail } else { tail };
        if letters >= BODY.len() {
            letters = 0;
            stream.write_all(ANSWER).unwrap();
        }
    }
}

fn request(url: &Url) -> Request {
    Request {
        purpose: CallPurpose::Token,
        method: Method::POST,
        url: url.clone(),
        headers: HeaderMap::new(),
        body: BODY.to_vec(),
        caller: None,
    }
}

/// How long `rounds` calls take, one after the other.
async fn time<F: Future>(rounds: u64, call: impl Fn() -> F) -> Duration {
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(call().await);
    }
    start.elapsed()
}

fn one_post(criterion: &mut Criterion) {
    let runtime = actix_rt::Runtime::new().unwrap();
    let url = Url::parse(&format!("http://{}/token", server())).unwrap();
    let client = awc::Client::builder().disable_redirects().finish();
    let transport = Transport::new(TransportSettings::default()).unwrap();
    let mut group = criterion.benchmark_group("one POST");
    group.bench_function("awc on the caller's thread", |bencher| {
        bencher.iter_custom(|rounds| {
            runtime.block_on(time(rounds, || async {
                let mut answer = client.post(url.as_str()).send_body(BODY).await.unwrap();
                answer.body().await.unwrap()
            }))
        });
    });
    group.bench_function("through the provider thread", |bencher| {
        bencher.iter_custom(|rounds| {
            runtime.block_on(time(rounds, || async {
                transport.send(request(&url)).await.ok().unwrap()
            }))
        });
    });
    group.finish();
}

criterion_group!(benches, one_post);
criterion_main!(benches);
