//! What a guarded bearer request costs beside a bare one: CPU time of the server's one worker, by
//! real requests over loopback, everything in one run. Wall-clock time on a busy machine says
//! nothing; CPU time says what the work takes.
//!
//! `cargo bench -p aad-auth --bench bearer`. Linux only: it reads `/proc`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark stops at the first surprise and prints what it finds"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use aad_auth::{Auth, Config, bearer, config::Source};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::header, web};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entra_emulator::{Emulator, Mint, Mutation};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

const TENANT: &str = "11110000-aaaa-4bbb-8ccc-000000000001";
const CLIENT: &str = "00001111-aaaa-4222-8333-000000000001";
const REQUESTS: usize = 4_000;
const ROUNDS: usize = 7;

fn main() {
    let emulator = Emulator::builder().start().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let worker = serve(&emulator, listener);
    let user = || {
        let mint = emulator.control().mint();
        mint.user_token("ada@northwind.example.test", CLIENT, "read")
            .unwrap()
    };
    let mutated = |mutation: Mutation| user().mutate(mutation);
    let right = sign(user());
    let cases = [
        ("bare", "/bare", right.clone(), 200),
        ("cached", "/cached", right.clone(), 200),
        ("cold", "/cold", right.clone(), 200),
        ("jsonwebtoken's decode", "/decode", right.clone(), 200),
        (
            "refused: algorithm",
            "/cold",
            sign(mutated(Mutation::alg_none_with_signature())),
            401,
        ),
        ("refused: key id", "/cold", with_kid(&right, "unknown"), 401),
        (
            "refused: audience",
            "/cold",
            sign(mutated(Mutation::audience("other"))),
            401,
        ),
        (
            "refused: issuer",
            "/cold",
            sign(mutated(Mutation::issuer("https://evil.test/"))),
            401,
        ),
        (
            "refused: time",
            "/cold",
            sign(mutated(Mutation::expired())),
            401,
        ),
        (
            "refused: signature",
            "/cold",
            sign(mutated(Mutation::flipped_signature())),
            401,
        ),
    ];
    let mut client = Client::new(port);
    let mut cpu = vec![Vec::new(); cases.len()];
    // Rounds, and not one case after the other: what disturbs, disturbs all of them.
    for round in 0..=ROUNDS {
        for (case, (name, path, token, status)) in cases.iter().enumerate() {
            let before = cpu_of(worker);
            for _ in 0..REQUESTS {
                assert_eq!(client.call(path, token), *status, "{name}");
            }
            // The first round loads keys and warms everything up.
            if round > 0 {
                let spent = cpu_of(worker).saturating_sub(before);
                cpu[case].push(spent.as_secs_f64() * 1e6 / f64::from(REQUESTS as u32));
            }
        }
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let medians: Vec<f64> = cpu.into_iter().map(median).collect();
    let bare = medians[0];
    println!(
        "{:<24}{:>10}{:>12}{:>14}",
        "", "µs CPU", "above bare", "× of bare/s"
    );
    for ((name, ..), micros) in cases.iter().zip(&medians) {
        println!(
            "{name:<24}{micros:>10.1}{:>12.1}{:>14.2}",
            micros - bare,
            bare / micros
        );
    }
}

fn sign(mint: Mint) -> String {
    mint.sign().unwrap()
}

/// The same token under another key id.
fn with_kid(token: &str, kid: &str) -> String {
    let header = format!(r#"{{"typ":"JWT","alg":"RS256","kid":"{kid}"}}"#);
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

/// Starts a server with one worker, and returns that thread's id.
fn serve(emulator: &Emulator, listener: TcpListener) -> u32 {
    let warm = auth(emulator, "16MiB");
    let cold = auth(emulator, "0");
    let decoder = web::Data::new(Decoder::new(emulator));
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                let thread = fs::read_link("/proc/thread-self").unwrap();
                let id = thread.file_name().unwrap().to_str().unwrap().parse();
                sender.send(id.unwrap()).unwrap();
                let guarded = |path: &str, auth: &Auth| {
                    web::scope(path)
                        .wrap(auth.require(bearer().scope("read")))
                        .wrap(auth.middleware())
                        .route("", web::get().to(bare))
                };
                App::new()
                    .app_data(decoder.clone())
                    .route("/bare", web::get().to(bare))
                    .route("/decode", web::get().to(decode))
                    .service(guarded("/cached", &warm))
                    .service(guarded("/cold", &cold))
            });
            server
                .workers(1)
                .listen(listener)
                .unwrap()
                .run()
                .await
                .unwrap();
        });
    });
    receiver.recv().unwrap()
}

async fn bare() -> &'static str {
    "ok"
}

/// What an application does that verifies each token with jsonwebtoken.
struct Decoder(DecodingKey, Validation);

impl Decoder {
    fn new(emulator: &Emulator) -> Self {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let mut stream = TcpStream::connect(("127.0.0.1", emulator.port())).unwrap();
        let path = format!("/{TENANT}/discovery/v2.0/keys");
        let host = format!("127.0.0.1:{}", emulator.port());
        write!(stream, "GET {path} HTTP/1.0\r\nhost: {host}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let set: serde_json::Value = serde_json::from_str(body).unwrap();
        let kid = emulator.control().signing_kid();
        let keys = set["keys"].as_array().unwrap();
        let jwk = keys.iter().find(|key| key["kid"] == kid.as_str()).unwrap();
        let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[CLIENT]);
        validation.set_issuer(&[emulator.authority(TENANT)]);
        Self(key, validation)
    }
}

async fn decode(request: HttpRequest, decoder: web::Data<Decoder>) -> HttpResponse {
    let header = request.headers().get(header::AUTHORIZATION).unwrap();
    let token = header.to_str().unwrap().strip_prefix("Bearer ").unwrap();
    match jsonwebtoken::decode::<serde_json::Value>(token, &decoder.0, &decoder.1) {
        Ok(_) => HttpResponse::Ok().body("ok"),
        Err(_) => HttpResponse::Unauthorized().finish(),
    }
}

fn auth(emulator: &Emulator, cache: &str) -> Auth {
    let source = Source::new()
        .with(
            "AAD_AUTHORITY_HOST",
            emulator.url().as_str().trim_end_matches('/'),
        )
        .with("AAD_TENANT_ID", TENANT)
        .with("AAD_CLIENT_ID", CLIENT)
        .with("AAD_CLIENT_SECRET", "unused")
        .with("AAD_SESSION_STORE", "memory")
        .with("AAD_SESSION_SECRET", "QUJD".repeat(22))
        .with("AAD_TOKEN_CACHE", cache);
    Auth::builder(Config::parse(&source).unwrap())
        .build()
        .unwrap()
}

/// The CPU time that a thread of this process has taken, in user and kernel space.
fn cpu_of(thread: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).unwrap();
    Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
}

struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    fn new(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        Self { stream, reader }
    }

    /// One request, and the status of its answer.
    fn call(&mut self, path: &str, token: &str) -> u16 {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut length = 0;
        while line != "\r\n" {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
            self.reader.read_line(&mut line).unwrap();
        }
        self.reader.read_exact(&mut vec![0; length]).unwrap();
        status
    }
}
