//! What a request costs, end to end, beside a bare Actix page in the same run.

mod browser;
mod cpu;
mod load;
mod process;
mod redis;
mod server;
mod table;

use std::env;

use process::Child;
use table::Table;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some("serve") = arguments.first().map(String::as_str) {
        return server::run(&arguments[1..]);
    }
    let part = arguments.first().map_or("all", String::as_str);
    for (name, run) in [
        ("page", page as fn()),
        ("bearer", bearer),
        ("sign-in", sign_in),
    ] {
        if part == "all" || part == name {
            run();
        }
    }
}

/// Many short rounds, so that a moment in which the machine was busy elsewhere spoils few of them.
const ROUNDS: usize = 40;
const REQUESTS: usize = 6_400;

/// For a look inside with a slow tool around each server.
#[expect(
    clippy::disallowed_methods,
    reason = "this program has no configuration layer"
)]
fn requests() -> usize {
    let asked = env::var("BENCH_REQUESTS")
        .ok()
        .and_then(|text| text.parse().ok());
    asked.unwrap_or(REQUESTS)
}

/// A page for signed-in users.
fn page() {
    let provider = Child::start("provider", &[]);
    let redis = redis::Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let file = format!("file:{}", folder.path().join("sessions.redb").display());
    let mut contestants = vec![("bare", Child::start("bare", &[]), None)];
    let mut stores = vec![
        ("aad-auth, memory", "memory".to_owned()),
        ("aad-auth, file", file),
    ];
    stores.extend(redis.as_ref().map(|redis| ("aad-auth, Redis", redis.url())));
    for (name, store) in stores {
        let child = Child::start("aad", &[&provider.url(), &store]);
        let cookie = browser::sign_in(&child.url());
        contestants.push((name, child, Some(cookie)));
    }
    let mut peers = vec![("actix-session, cookie", "session-cookie", String::new())];
    if let Some(redis) = &redis {
        peers.push(("actix-session, Redis", "session-redis", redis.url()));
    }
    for (name, kind, url) in peers {
        let child = Child::start(kind, &[&url]);
        let cookie = browser::first_cookie(&child.url());
        contestants.push((name, child, Some(cookie)));
    }
    let mut table = Table::new("A page for signed-in users");
    for round in 0..=ROUNDS {
        for (name, child, cookie) in &contestants {
            let header = cookie
                .as_ref()
                .map(|cookie| format!("Cookie: {cookie}\r\n"));
            let before = (
                cpu::of(child.id()),
                redis.as_ref().map_or(0, redis::Server::cpu),
            );
            load::run(
                child.port(),
                "/app/page",
                header.as_deref().unwrap_or(""),
                200,
                requests(),
            );
            let own = cpu::of(child.id()) - before.0;
            let store = redis.as_ref().map_or(0, redis::Server::cpu) - before.1;
            // The first round warms up.
            if round > 0 {
                let store = if name.contains("Redis") { store } else { 0 };
                table.add(name, own / requests() as u64, store / requests() as u64);
            }
        }
    }
    table.print();
}

/// An API for bearer tokens, genuine and forged ones.
fn bearer() {
    let provider = Child::start("provider", &[]);
    let token = |kind: &str| browser::text(&format!("{}token/{kind}", provider.side_url()));
    let keys = browser::text(&format!("{}keys", provider.side_url()));
    let bare = Child::start("bare", &[]);
    let cached = Child::start("aad", &[&provider.url(), "memory"]);
    let cold = Child::start("aad", &[&provider.url(), "memory", "no-cache"]);
    let signature = Child::start("signature", &[&keys]);
    let decode = Child::start("jsonwebtoken", &[&keys]);
    let good = token("good");
    let mut contestants = vec![
        ("bare".to_owned(), &bare, good.clone(), 200),
        ("aad-auth, cached".to_owned(), &cached, good.clone(), 200),
        ("aad-auth, cold".to_owned(), &cold, good.clone(), 200),
        (
            "the signature alone".to_owned(),
            &signature,
            good.clone(),
            200,
        ),
        (
            "jsonwebtoken on each request".to_owned(),
            &decode,
            good,
            200,
        ),
        ("any answer 401".to_owned(), &bare, String::new(), 401),
    ];
    for kind in server::FORGED {
        contestants.push((format!("refused: {kind}"), &cached, token(kind), 401));
    }
    let mut table = Table::new("An API for bearer tokens");
    for round in 0..=ROUNDS {
        for (name, child, token, status) in &contestants {
            let header = format!("Authorization: Bearer {token}\r\n");
            let path = if token.is_empty() {
                "/api/closed"
            } else {
                "/api/page"
            };
            let before = cpu::of(child.id());
            load::run(child.port(), path, &header, *status, requests());
            let own = cpu::of(child.id()) - before;
            if round > 0 {
                table.add(name, own / requests() as u64, 0);
            }
        }
    }
    table.print();
}

/// One whole sign-in: its start, the callback, and the page it leads to.
fn sign_in() {
    let provider = Child::start("provider", &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = format!("file:{}", folder.path().join("sessions.redb").display());
    let servers = [
        (
            "aad-auth, memory",
            Child::start("aad", &[&provider.url(), "memory"]),
        ),
        (
            "aad-auth, file",
            Child::start("aad", &[&provider.url(), &file]),
        ),
    ];
    let mut table = Table::new("One whole sign-in (start and callback)");
    for round in 0..=ROUNDS {
        for (name, child) in &servers {
            let before = cpu::of(child.id());
            browser::sign_in_many(&child.url(), SIGN_INS);
            let own = cpu::of(child.id()) - before;
            if round > 0 {
                table.add(name, own / SIGN_INS as u64, 0);
            }
        }
    }
    table.print();
}

const SIGN_INS: usize = 80;
