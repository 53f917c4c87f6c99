//! Sign-out: account page, return address and front channel.

use entra_emulator::Emulator;

use crate::support::{ADA, Browser, NORTHWIND, ROBIN, WEBAPP, parts, redeem};

pub(crate) const RETURN: &str = "http://localhost:5000/auth/post_sign_out";

pub(crate) fn logout_path(fields: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    format!("/{NORTHWIND}/oauth2/v2.0/logout?{query}")
}

#[actix_web::test]
async fn a_hint_skips_the_page_and_frames_notify_applications() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    let code = browser.code(ADA).await;
    let body = redeem(&emulator, &code, &[]).await.json();
    let (_, claims) = parts(body["id_token"].as_str().unwrap());
    let hint = claims["login_hint"].as_str().unwrap();
    let path = logout_path(&[
        ("post_logout_redirect_uri", RETURN),
        ("logout_hint", hint),
        ("state", "s&1"),
    ]);
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    let sid = claims["sid"].as_str().unwrap();
    assert!(
        page.text
            .contains(&format!("front_channel_sign_out?sid={sid}")),
        "{}",
        page.text
    );
    assert!(!page.text.contains("iss="), "the platform sends sid alone");
    assert!(
        page.text.contains("http-equiv=\"refresh\"") && page.text.contains("state=s%261"),
        "{}",
        page.text
    );
    assert!(
        page.header("content-security-policy")
            .contains("frame-src http://localhost:5000")
    );
    assert!(browser.jar().is_empty());
    assert_eq!(
        browser.authorize(&[("prompt", "none")]).await.response()["error"],
        "login_required"
    );
}

#[actix_web::test]
async fn without_a_hint_the_account_is_picked() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    browser.code(ADA).await;
    browser
        .pick(NORTHWIND, &[("prompt", "select_account")], ROBIN)
        .await;
    let page = browser
        .get(&logout_path(&[(
            "logout_hint",
            "ada@northwind.example.test",
        )]))
        .await;
    assert!(
        page.text.contains("Which account"),
        "a user name is no hint"
    );
    browser
        .post(
            &format!("/{NORTHWIND}/logout/account"),
            &[("request", &page.field("request")), ("account", ADA)],
        )
        .await;
    assert!(
        browser
            .authorize(&[("prompt", "none")])
            .await
            .response()
            .contains_key("code"),
        "Robin remains"
    );
}

#[actix_web::test]
async fn refuses_an_unregistered_return_address() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    for address in [
        "https://evil.example.test/",
        "http://localhost:5000/auth/Post_sign_out",
        "javascript:alert(1)",
        "//evil.example.test",
    ] {
        let page = browser
            .get(&logout_path(&[("post_logout_redirect_uri", address)]))
            .await;
        assert_eq!(
            (page.status, page.header("location")),
            (200, ""),
            "{address}"
        );
        assert!(!page.text.contains("http-equiv=\"refresh\""), "{address}");
    }
    let registered = browser
        .get(&logout_path(&[
            ("post_logout_redirect_uri", RETURN),
            ("state", "x"),
        ]))
        .await;
    assert_eq!(registered.header("location"), format!("{RETURN}?state=x"));
}

#[actix_web::test]
async fn refresh_tokens_stay_valid_after_a_sign_out() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    let code = browser.code(ADA).await;
    let body = redeem(&emulator, &code, &[]).await.json();
    let page = browser.get(&logout_path(&[])).await;
    browser
        .post(
            &format!("/{NORTHWIND}/logout/account"),
            &[("request", &page.field("request")), ("account", ADA)],
        )
        .await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", WEBAPP),
        ("client_secret", crate::support::WEBAPP_SECRET),
        ("refresh_token", body["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(
        crate::support::token(&emulator, NORTHWIND, &fields)
            .await
            .status,
        200
    );
}

#[actix_web::test]
async fn a_switch_adds_the_issuer_to_the_frames() {
    let emulator = Emulator::builder().start().unwrap();
    emulator
        .control()
        .set_switches(|switches| switches.front_channel_issuer = true);
    let browser = Browser::new(&emulator);
    browser.code(ADA).await;
    let page = browser.get(&logout_path(&[])).await;
    let page = browser
        .post(
            &format!("/{NORTHWIND}/logout/account"),
            &[("request", &page.field("request")), ("account", ADA)],
        )
        .await;
    assert!(
        page.text.contains("front_channel_sign_out?iss="),
        "{}",
        page.text
    );
}

#[actix_web::test]
async fn notifies_applications_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        Emulator::builder()
            .state_dir(folder.path())
            .start()
            .unwrap()
    };
    let emulator = start();
    let browser = Browser::new(&emulator);
    browser.code(ADA).await;
    drop(emulator);
    let emulator = start();
    let again = Browser::new(&emulator);
    again.put_jar(browser.jar());
    let page = again.get(&logout_path(&[])).await;
    let fields = [
        ("request", page.field("request")),
        ("account", ADA.to_owned()),
    ];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let page = again
        .post(&format!("/{NORTHWIND}/logout/account"), &fields)
        .await;
    assert!(
        page.text.contains("front_channel_sign_out?sid="),
        "{}",
        page.text
    );
}
