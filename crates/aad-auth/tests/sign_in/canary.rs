//! Invariant 1: no token, code, secret, e-mail, name or raw claim in any log line of a whole run.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use entra_emulator::{Endpoint, Fault, Mutation};

use crate::support::{ADA, Browser, CLIENT_SECRET, World};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn no_log_line_holds_a_secret_or_a_person() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For the whole process: every test of this binary writes here from now on.
    let _ = tracing::subscriber::set_global_default(subscriber);

    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser
        .until_callback(&world.app.url("/app/x?private=canary-query"))
        .await;
    browser.open(&callback).await;
    let session = browser.session_cookie().unwrap().1;
    let binding = browser.binding_cookie().unwrap().1;
    let faults = world.emulator.control().faults();
    for fault in [
        Fault::status(Endpoint::Token, 500),
        Fault::html(Endpoint::Token, 200),
        Fault::token_answer("expires_in", "canary-not-a-number"),
        Fault::id_token(Mutation::flipped_signature()),
        Fault::id_token(Mutation::audience("canary-audience")),
    ] {
        faults.set(fault.once());
        Browser::new().open(&world.app.url("/app/x")).await;
        faults.clear();
    }
    // What strangers write into addresses: neither repeated nor able to begin a line.
    for path in [
        "/auth/redirect?error=canary%0d%0aFORGED&error_description=canary%0aFORGED&state=canary",
        "/auth/redirect?code=canary%0aFORGED&state=canary%0aFORGED",
        "/auth/sign_in?return_to=%2Fcanary%0aFORGED&login_hint=canary%0aFORGED",
        "/auth/post_sign_out?state=canary%0aFORGED",
    ] {
        browser.get(&world.app.url(path)).await;
    }
    browser.post(&world.app.url("/auth/sign_out"), "").await;

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    let ours: Vec<_> = log
        .lines()
        .filter(|line| line.contains("aad_auth"))
        .collect();
    assert!(ours.len() > 3, "the log was read: {}", log.len());
    let code = url::Url::parse(&callback).unwrap();
    let code = code
        .query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned();
    assert!(!log.lines().any(|line| line.starts_with("FORGED")));
    for canary in [
        CLIENT_SECRET,
        "canary",
        "Ada Admin",
        ADA,
        &session,
        &binding[..22],
        &code,
        "eyJ",
    ] {
        let found = ours.iter().find(|line| line.contains(canary));
        assert!(found.is_none(), "{canary:?} is in the log: {found:?}");
    }
}
