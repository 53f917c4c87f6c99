//! Two processes and one session file: a restart that overlaps, and one that should not be.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use awc::http::Method;

use crate::{
    browser::{Browser, NAVIGATION, Page},
    support::{Fleet, Webapp, ask, await_until},
};

fn on_one_file(folder: &tempfile::TempDir) -> Fleet {
    let mut fleet = Fleet::around(2);
    let path = folder.path().join("private/sessions.redb");
    let store = format!("file:{}", path.display());
    fleet.settings.insert("AAD_SESSION_STORE".into(), store);
    fleet.settings.insert("SHUTDOWN_DELAY".into(), "0".into());
    fleet.instances.push(Webapp::start_ready(&fleet.settings));
    fleet
}

async fn sign_in(fleet: &Fleet) -> Browser {
    let browser = Browser::new();
    let callback = browser.until_callback(&fleet.at(0, "/token_details")).await;
    let page = browser.get(&fleet.at(0, &callback)).await;
    assert_eq!(page.status, 303, "{page:?}");
    browser
}

async fn page(fleet: &Fleet, browser: &Browser, number: usize, path: &str) -> Page {
    let url = fleet.at(number, path);
    browser.send(Method::GET, &url, &NAVIGATION, None).await
}

#[actix_web::test]
async fn a_restart_that_overlaps_answers_public_pages_waits_for_the_file_and_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut fleet = on_one_file(&folder);
    let browser = sign_in(&fleet).await;
    // The second one listens while the first one still has the file.
    fleet.instances.push(Webapp::start(&fleet.settings));
    await_until("listened", || {
        ask(fleet.instances[1].port, "/healthz").0 == 200
    });
    let (status, readiness) = ask(fleet.instances[1].port, "/readyz");
    assert_eq!(status, 503);
    assert!(readiness.contains("previous process"), "{readiness}");
    assert_eq!(page(&fleet, &browser, 1, "/").await.status, 200);
    let guarded = page(&fleet, &browser, 1, "/token_details").await;
    assert_eq!(guarded.status, 503, "{guarded:?}");
    assert!(guarded.header("retry-after").is_some());
    assert_eq!(
        page(&fleet, &browser, 0, "/token_details").await.status,
        200
    );

    fleet.instances[0].terminate();
    assert!(fleet.instances[0].ended().success());
    await_until("ready", || ask(fleet.instances[1].port, "/readyz").0 == 200);
    assert_eq!(
        page(&fleet, &browser, 1, "/token_details").await.status,
        200
    );

    // A killed one lets go of the file too.
    fleet.instances[0] = Webapp::start(&fleet.settings);
    fleet.instances[1].kill();
    await_until("ready", || ask(fleet.instances[0].port, "/readyz").0 == 200);
    assert_eq!(
        page(&fleet, &browser, 0, "/token_details").await.status,
        200
    );
}

#[test]
fn w35_strangers_are_not_told_why_a_process_is_not_ready_and_its_log_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut fleet = on_one_file(&folder);
    let token = "0123456789abcdef0123456789abcdef";
    fleet.settings.insert("METRICS_TOKEN".into(), token.into());
    let second = Webapp::start(&fleet.settings);
    let (status, answer) = ask(second.port, "/readyz");
    assert_eq!(status, 503);
    assert!(answer.ends_with(r#"{"status":"not ready"}"#), "{answer}");
    await_until("logged why", || second.log().contains("previous process"));
}

#[actix_web::test]
async fn a_second_process_that_stays_ends_with_the_cause_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let mut fleet = on_one_file(&folder);
    let browser = sign_in(&fleet).await;
    fleet.instances.push(Webapp::start(&fleet.settings));
    assert!(!fleet.instances[1].ended().success());
    let log = fleet.instances[1].log();
    for expected in [
        "webapp: another process uses the session store's file",
        "previous instance still shutting down",
        "AAD_SESSION_STORE=redis://",
    ] {
        assert!(log.contains(expected), "{expected}: {log}");
    }
    // The first one has not noticed.
    assert_eq!(
        page(&fleet, &browser, 0, "/token_details").await.status,
        200
    );
}

#[actix_web::test]
async fn a_damaged_file_or_a_folder_that_others_may_write_is_an_error_of_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Fleet::around(1).settings;
    let mut refused = |path: &Path| {
        let store = format!("file:{}", path.display());
        settings.insert("AAD_SESSION_STORE".into(), store);
        Webapp::refused(&settings)
    };
    let damaged = folder.path().join("damaged.redb");
    fs::write(&damaged, "this is no database").unwrap();
    let log = refused(&damaged);
    assert!(log.contains("AAD_SESSION_STORE"), "{log}");
    assert!(log.contains("move the file"), "{log}");
    assert_eq!(fs::read(&damaged).unwrap(), b"this is no database");

    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, PermissionsExt::from_mode(0o777)).unwrap();
    let log = refused(&open.join("sessions.redb"));
    assert!(
        log.contains("AAD_SESSION_STORE") && log.contains("0700"),
        "{log}"
    );
}
