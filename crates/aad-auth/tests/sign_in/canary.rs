//! Invariant 1: no token, code, secret, e-mail, name or raw claim in any line of a whole run, whichever
//! crate writes it.
//!
//! The run is a process of its own, which logs everything at `trace` (`tracing` and `log`). Every line of
//! its output is read. Below `info`, some libraries print what they send and receive: those that do must
//! stand in SECURITY.md, which tells applications not to log them.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

use entra_emulator::{Emulator, Endpoint, Fault, Mutation};

use crate::{
    canaries::Canaries,
    redis::RedisServer,
    support::{ADA, App, Browser, CLIENT, CLIENT_SECRET, World, every_line},
};

const CHILD: &str = "AAD_TEST_CANARY";
const BEGINS: &str = "--- the run begins";
const ENDS: &str = "--- the run ends";
/// Crates of this workspace: clean at every level.
const OURS: [&str; 3] = ["aad_auth", "entra_emulator", "sign_in"];

#[test]
fn w40_no_log_line_of_any_crate_holds_a_secret_or_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("canaries.json");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "canary::child", "--nocapture"])
        .env(CHILD, &told)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "the run failed:\n{log}");
    let canaries = Canaries::read(&told);
    canaries.assert_complete(&[]);

    let run = log
        .split(BEGINS)
        .nth(1)
        .and_then(|rest| rest.split(ENDS).next());
    let mut loud = BTreeSet::new();
    let (mut level, mut target) = ("INFO", "sign_in");
    for line in run.unwrap().lines() {
        assert!(!line.starts_with("FORGED"), "a line is forged");
        // A line without level and target goes on with the event before it.
        if let Some(begin) = every_line::begin(line) {
            (level, target) = begin;
        }
        let Some(name) = canaries.found_in(line) else {
            continue;
        };
        let of = target.split("::").next().unwrap();
        let is_quiet = OURS.contains(&of) || !["DEBUG", "TRACE"].contains(&level);
        assert!(!is_quiet, "{name} is in a line of {of}: {line:?}");
        loud.insert(of);
    }
    // Lines of other crates are among them; without their secrets the test would prove nothing.
    assert!(loud.contains("actix_http"), "{loud:?}");
    let advice =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../SECURITY.md"));
    let advice = advice.unwrap();
    let advice = advice.split("Log other crates at `info`").nth(1).unwrap();
    let advice = advice.split("\n- ").next().unwrap();
    for target in loud {
        assert!(
            advice.contains(&format!("`{target}`")),
            "{target} is not in SECURITY.md"
        );
    }
}

/// The run: not a test by itself.
#[actix_web::test]
#[allow(clippy::print_stdout, reason = "it talks to its parent")]
async fn child() {
    let Some(told) = std::env::var_os(CHILD) else {
        return;
    };
    println!("{BEGINS}");
    every_line::print();
    let mut canaries = Canaries::default();
    let folder = tempfile::tempdir().unwrap();
    let store = format!("file:{}", folder.path().join("private/s.redb").display());
    let world = World::with(|source| source.with("AAD_SESSION_STORE", store));
    run(&world, Browser::new, &mut canaries).await;
    drop(world);

    let password = "canary-redis-password";
    if let Some(server) = RedisServer::start_with(&["--requirepass", password]) {
        let url = server.url().replace("://", &format!("://:{password}@"));
        let emulator = Emulator::builder().tls(true).start().unwrap();
        let roots = emulator.ca_pem().unwrap().to_owned();
        let ca = folder.path().join("ca.pem");
        fs::write(&ca, &roots).unwrap();
        let app = App::start(&emulator, |source| {
            let source = source.with("AAD_SESSION_STORE", url);
            source.with("AAD_CA_FILE", ca.to_str().unwrap())
        });
        let world = World { emulator, app };
        run(&world, || Browser::trusting(&roots), &mut canaries).await;
    }
    println!("{ENDS}");
    canaries.write(Path::new(&told));
}

async fn run(world: &World, browser: impl Fn() -> Browser, canaries: &mut Canaries) {
    world.users(ADA);
    canaries.add("client secret", CLIENT_SECRET);
    canaries.add_person(&world.emulator, ADA);
    // The first access token has run out at once: Graph needs a refresh.
    let faults = world.emulator.control().faults();
    faults.set(Fault::token_answer("expires_in", 0).once());
    let signed_in = browser();
    let page = signed_in
        .open(&world.app.url("/app/x?private=canary-query"))
        .await;
    assert_eq!(page.status, 200, "{page:?}");
    let profile = signed_in.get(&world.app.url("/app/graph")).await;
    assert_eq!(profile.status, 200, "{profile:?}");
    bearer(world, canaries).await;
    failures(world, &browser).await;
    hostile(world, &signed_in).await;
    canaries.add_cookies(signed_in.cookies("localhost"));
    let out = signed_in.post(&world.app.url("/auth/sign_out"), "").await;
    assert!(out.leads_on(), "{out:?}");
    canaries.add_calls(&world.emulator);
}

async fn bearer(world: &World, canaries: &mut Canaries) {
    let mint = world.emulator.control().mint();
    let token = mint.user_token(ADA, CLIENT, "access_as_user").unwrap();
    let token = token.sign().unwrap();
    canaries.add_token("a bearer token", &token);
    for sent in [&token[..], &token[..token.len() - 4], "canary"] {
        let authorization = format!("Bearer {sent}");
        let headers = [("authorization", authorization.as_str())];
        let url = world.app.url("/api/me");
        Browser::new()
            .send(awc::http::Method::GET, &url, &headers, None)
            .await;
    }
}

async fn failures(world: &World, browser: &impl Fn() -> Browser) {
    let faults = world.emulator.control().faults();
    for fault in [
        Fault::status(Endpoint::Token, 500),
        Fault::html(Endpoint::Token, 200),
        Fault::body(Endpoint::Token, "{\"access_token\":\"canary-half"),
        Fault::token_answer("expires_in", "canary-not-a-number"),
        Fault::id_token(Mutation::flipped_signature()),
        Fault::id_token(Mutation::audience("canary-audience")),
        Fault::cut(Endpoint::Token),
    ] {
        faults.set(fault.once());
        browser().open(&world.app.url("/app/x")).await;
        faults.clear();
    }
}

/// What strangers write into addresses and headers: neither repeated nor able to begin a line.
async fn hostile(world: &World, browser: &Browser) {
    for path in [
        "/auth/redirect?error=canary%0d%0aFORGED&error_description=canary%0aFORGED&state=canary",
        "/auth/redirect?code=canary%0aFORGED&state=canary%0aFORGED",
        "/auth/sign_in?return_to=%2Fcanary%0aFORGED&login_hint=canary%0aFORGED",
        "/auth/post_sign_out?state=canary%0aFORGED",
        "/auth/front_channel_sign_out?sid=canary",
    ] {
        browser.get(&world.app.url(path)).await;
    }
    let url = world.app.url("/auth/back_channel_sign_out");
    Browser::new()
        .post(&url, "logout_token=eyJ.canary.canary")
        .await;
    let (name, _) = browser.session_cookie().unwrap();
    let stranger = Browser::new();
    stranger.set_cookie("localhost", &name, "canary");
    stranger.get(&world.app.url("/app/x")).await;
    // A header that actix_http refuses.
    let mut stream = TcpStream::connect(("127.0.0.1", world.app.port)).unwrap();
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: canary\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    drop(stream.read(&mut [0; 1024]));
}
