//! `kill -9` and start again: nobody is signed out, with nothing configured too.

use crate::{
    browser::Browser,
    support::{ADA, Settings, Webapp, free_port},
};

#[actix_web::test]
async fn whoever_was_signed_in_still_is_after_kill_9_with_the_local_emulator() {
    let state = tempfile::tempdir().unwrap();
    let port = free_port();
    let settings = Settings::from([
        ("PORT".into(), port.to_string()),
        ("XDG_STATE_HOME".into(), state.path().display().to_string()),
    ]);
    let mut webapp = Webapp::start_ready(&settings);
    let browser = Browser::new();
    webapp.sign_in_without_a_page().await;
    let site = format!("http://localhost:{port}");
    let page = browser.open(&format!("{site}/token_details")).await;
    assert_eq!(page.status, 200);
    let before = browser.fetch(&format!("{site}/api/me")).await;
    assert!(before.body.contains(ADA), "{before:?}");

    webapp.kill();
    let webapp = Webapp::start_ready(&settings);
    // The same browser, whose connections have ended with the process.
    let cookies = browser.cookies("localhost");
    let browser = Browser::new();
    for (name, value) in cookies {
        browser.set_cookie("localhost", &name, &value);
    }
    let after = browser.fetch(&format!("{site}/api/me")).await;
    assert_eq!(after.status, 200, "{}", webapp.log());
    assert_eq!(after.body, before.body, "the same session");
    // And the next one signs in as before: the emulator has kept its keys and sign-ins.
    webapp.sign_in_without_a_page().await;
    let other = Browser::new();
    let page = other.open(&format!("{site}/token_details")).await;
    assert_eq!(page.status, 200);
}
