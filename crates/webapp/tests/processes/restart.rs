//! `kill -9` and start again: nobody is signed out, with nothing configured too.

use awc::http::{Method, header};

use crate::{
    browser::Browser,
    support::{ADA, Settings, Webapp, await_until, free_port},
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
    sign_in_without_a_page(&webapp).await;
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
    sign_in_without_a_page(&webapp).await;
    let other = Browser::new();
    let page = other.open(&format!("{site}/token_details")).await;
    assert_eq!(page.status, 200);
}

/// Orders the emulator in the process, by the token of its start log.
async fn sign_in_without_a_page(webapp: &Webapp) {
    await_until("told the control API", || webapp.log().contains("token="));
    let log = webapp.log();
    let line = log.lines().find(|line| line.contains("token=")).unwrap();
    let field = |name: &str| {
        let (_, rest) = line.split_once(&format!("{name}=")).unwrap();
        rest.split(' ').next().unwrap().trim_matches('"').to_owned()
    };
    let request = awc::Client::default()
        .request(Method::PUT, format!("{}switches", field("url")))
        .insert_header((header::AUTHORIZATION, format!("Bearer {}", field("token"))))
        .send_json(&serde_json::json!({ "auto_sign_in": ADA }));
    let answer = request.await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}
