//! A restart with a state folder.

use entra_emulator::Emulator;

use crate::support::{ADA, Browser, NORTHWIND, WEBAPP, WEBAPP_SECRET, get, redeem, token};

#[actix_web::test]
async fn keys_refresh_tokens_and_sign_in_cookies_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let start = || Emulator::builder().state_dir(&path).start().unwrap();

    let emulator = start();
    let browser = Browser::new(&emulator);
    let code = browser.code(ADA).await;
    let body = redeem(&emulator, &code, &[]).await.json();
    let keys = get(&emulator, &format!("{NORTHWIND}/discovery/keys"))
        .await
        .text;
    emulator.stop();

    let emulator = start();
    assert_eq!(
        get(&emulator, &format!("{NORTHWIND}/discovery/keys"))
            .await
            .text,
        keys
    );
    let again = Browser::new(&emulator);
    again.put_jar(browser.jar());
    assert!(
        again
            .authorize(&[("prompt", "none")])
            .await
            .response()
            .contains_key("code")
    );
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", WEBAPP),
        ("client_secret", WEBAPP_SECRET),
        ("refresh_token", body["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(token(&emulator, NORTHWIND, &fields).await.status, 200);
    emulator.control().revoke_sessions(ADA).unwrap();
    emulator.stop();

    let emulator = start();
    assert_eq!(
        token(&emulator, NORTHWIND, &fields).await.error().2,
        50_173,
        "revocations survive too"
    );
}

#[cfg(unix)]
#[test]
fn the_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    drop(
        Emulator::builder()
            .state_dir(&path)
            .tls(true)
            .start()
            .unwrap(),
    );
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    let files: Vec<_> = path
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 5, "{files:?}");
    assert!(files.iter().all(|file| mode(file) == 0o600), "{files:?}");
}

#[test]
fn a_folder_that_cannot_be_written_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let error = Emulator::builder()
        .state_dir(&file)
        .start()
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("choose a folder that is yours"), "{error}");
}

#[test]
fn a_port_in_use_is_named_with_the_remedy() {
    let emulator = Emulator::builder().start().unwrap();
    let error = Emulator::builder()
        .port(emulator.port())
        .start()
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains(&emulator.port().to_string()) && error.contains("--port"),
        "{error}"
    );
}
