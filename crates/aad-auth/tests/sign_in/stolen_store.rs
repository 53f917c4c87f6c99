//! E21: whoever has stolen the store has nothing: no token, no name, no address and no session key,
//! as they are or in the encodings in which they might have been written.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use aad_auth::{
    internals::{AuthInternals, secret::ExposeSecret, session::SessionId},
    store::Key,
};
use base64::{Engine, engine::general_purpose as base64_of};

use crate::{
    redis::RedisServer,
    support::{ADA, App, Browser, Fleet},
};

const NAME: &str = "Canary Nightingale-Featherstone";
const MAIL: &str = "canary.nightingale@northwind.example.test";
/// Written in clear on purpose: what finds nothing must be able to find something.
const PLANTED: &[u8] = b"planted canary, in clear";

#[actix_web::test]
async fn e21_a_stolen_store_file_tells_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("private/sessions.redb");
    let fleet = Fleet::start(1, &format!("file:{}", path.display()));
    let secrets = sign_in_and_plant(&fleet).await;
    fleet.apps[0].auth.close().await;
    search(folder.path(), &secrets);
}

#[actix_web::test]
async fn e21_a_stolen_redis_dump_tells_nothing() {
    let arguments = ["--appendonly", "yes", "--rdbcompression", "no"];
    let Some(server) = RedisServer::start_with(&arguments) else {
        return;
    };
    let fleet = Fleet::start(1, &server.url());
    let secrets = sign_in_and_plant(&fleet).await;
    server.tell("SAVE");
    assert!(server.folder().join("dump.rdb").exists());
    search(server.folder(), &secrets);
}

/// Everything that must not be found: what it is, and its bytes.
async fn sign_in_and_plant(fleet: &Fleet) -> Vec<(&'static str, Vec<u8>)> {
    fleet.users(ADA);
    let control = fleet.emulator.control();
    control
        .edit_user(ADA, |user| {
            user.display_name = NAME.into();
            user.mail = Some(MAIL.into());
        })
        .unwrap();
    let app = &fleet.apps[0];
    let browser = Browser::new();
    let page = browser.open(&app.url("/app/x?private=canary-query")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(NAME), "{page:?}");
    let secrets = secrets_of(app, &browser).await;
    let store = app.auth.engine().sessions().store();
    let key = Key::new("planted").unwrap();
    let hour = Duration::from_secs(3600);
    for planted in [PLANTED.to_vec(), base64_of::STANDARD.encode(PLANTED).into()] {
        let key = Key::new(format!("{}:{}", key.as_str(), planted.len())).unwrap();
        store.create(&key, &planted, hour).await.unwrap();
    }
    secrets
}

async fn secrets_of(app: &App, browser: &Browser) -> Vec<(&'static str, Vec<u8>)> {
    let sessions = app.auth.engine().sessions();
    let cookie = browser.session_cookie().unwrap().1;
    let id = SessionId::parse(cookie.as_bytes()).unwrap();
    let session = sessions.load(&id).await.unwrap().unwrap();
    let tokens = sessions
        .vault()
        .get(&session)
        .await
        .unwrap()
        .unwrap()
        .tokens;
    let binding = browser.binding_cookie().unwrap().1;
    let mut secrets: Vec<(&'static str, Vec<u8>)> = vec![
        ("name", NAME.into()),
        ("address", MAIL.into()),
        ("user name", ADA.into()),
        ("return address", "canary-query".into()),
        ("session cookie", cookie.clone().into()),
        (
            "session key",
            base64_of::URL_SAFE_NO_PAD.decode(&cookie).unwrap(),
        ),
        ("binding cookie", binding[..22].into()),
    ];
    let refresh = tokens.refresh_token.as_ref().unwrap().expose_secret();
    let id_token = tokens.id_token.as_ref().unwrap().expose_secret();
    for (what, token) in [
        (
            "access token",
            tokens.access_token.as_ref().unwrap().expose_secret(),
        ),
        ("refresh token", refresh),
        ("ID token", id_token),
    ] {
        // In parts: a store may break a value among pages.
        for part in token.split('.').filter(|part| part.len() >= 32) {
            secrets.push((what, part[..32].into()));
            secrets.push((what, part[part.len() - 32..].into()));
        }
    }
    assert!(secrets.len() > 15, "a test of nothing");
    secrets
}

fn search(folder: &Path, secrets: &[(&'static str, Vec<u8>)]) {
    let files: Vec<Vec<u8>> = files(folder).iter().map(|f| fs::read(f).unwrap()).collect();
    let held = |needle: &[u8]| {
        let mut files = files.iter();
        files.any(|bytes| bytes.windows(needle.len()).any(|part| part == needle))
    };
    let encoded: Vec<u8> = base64_of::STANDARD.encode(PLANTED).into();
    assert!(
        held(PLANTED) && held(&encoded),
        "the search finds nothing at all"
    );
    for (what, secret) in secrets {
        for (form, needle) in forms(secret) {
            assert!(!held(&needle), "the {what} is in the store ({form})");
        }
    }
}

/// The bytes as they are, as hexadecimal and as base64, wherever in a longer text they begin.
fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        ("in clear", secret.to_vec()),
        ("hex", hex.to_uppercase().into()),
        ("hex", hex.into()),
    ];
    for shift in 0..3 {
        // The first and last characters depend on what stands beside.
        let inner = &secret[(3 - shift) % 3..];
        let inner = &inner[..inner.len() / 3 * 3];
        forms.push(("base64", base64_of::STANDARD.encode(inner).into()));
        forms.push(("base64url", base64_of::URL_SAFE.encode(inner).into()));
    }
    forms
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
