//! Sign-out: account page, front channel, back channel and revocation.

use entra_emulator::{Emulator, Fault, Mutation};

use crate::support::{ADA, Browser, NORTHWIND, ROBIN, WEBAPP, parts, redeem};

const RETURN: &str = "http://localhost:5000/auth/post_sign_out";

fn logout_path(fields: &[(&str, &str)]) -> String {
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
async fn a_switch_posts_logout_tokens_right_or_wrong() {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://127.0.0.1:{}/auth/back_channel_sign_out",
        listener.local_addr().unwrap().port()
    );
    control.set_switches(|switches| switches.back_channel_logout = true);
    control.edit_directory(|directory| {
        let webapp = directory
            .applications
            .iter_mut()
            .find(|application| application.app_id == WEBAPP)
            .unwrap();
        webapp.backchannel_logout_url = Some(url);
    });
    control
        .faults()
        .set(Fault::logout_token(Mutation::claim("nonce", "forbidden here")).once());
    for wrong in [true, false] {
        let browser = Browser::new(&emulator);
        let code = browser.code(ADA).await;
        let body = redeem(&emulator, &code, &[]).await.json();
        let (_, signed_in) = parts(body["id_token"].as_str().unwrap());
        browser
            .get(&logout_path(&[(
                "logout_hint",
                signed_in["login_hint"].as_str().unwrap(),
            )]))
            .await;
        let request = received(&listener);
        assert!(request.starts_with("POST /auth/back_channel_sign_out HTTP/1.1"));
        let (header, claims) = parts(request.rsplit_once("logout_token=").unwrap().1);
        assert_eq!(header["typ"], "logout+jwt");
        assert_eq!(
            (&claims["sid"], &claims["sub"], &claims["iss"]),
            (&signed_in["sid"], &signed_in["sub"], &signed_in["iss"])
        );
        assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
        assert_eq!(claims.get("nonce").is_some(), wrong);
    }
}

fn received(listener: &std::net::TcpListener) -> String {
    use std::io::{Read as _, Write as _};
    let (mut stream, _) = listener.accept().unwrap();
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).unwrap();
        text.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let wanted = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .unwrap();
        if body.len() >= wanted.parse::<usize>().unwrap() {
            break;
        }
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .unwrap();
    text
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

#[actix_web::test]
async fn a_switch_gives_a_revocation_endpoint_for_the_clients_own_refresh_tokens() {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    let path = format!("/{NORTHWIND}/oauth2/v2.0/revoke");
    let browser = Browser::new(&emulator);
    let code = browser.code(ADA).await;
    let body = redeem(&emulator, &code, &[]).await.json();
    let token = body["refresh_token"].as_str().unwrap();
    let fields = [
        ("client_id", WEBAPP),
        ("client_secret", crate::support::WEBAPP_SECRET),
        ("token", token),
    ];
    assert_eq!(browser.post(&path, &fields).await.status, 404);
    control.set_switches(|switches| switches.revocation_endpoint = true);
    let wrong = [
        ("client_id", WEBAPP),
        ("client_secret", "x"),
        ("token", token),
    ];
    assert_eq!(browser.post(&path, &wrong).await.status, 401);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", WEBAPP),
        ("client_secret", crate::support::WEBAPP_SECRET),
        ("refresh_token", token),
    ];
    let refreshed = crate::support::token(&emulator, NORTHWIND, &refresh).await;
    assert_eq!(refreshed.status, 200, "nothing was revoked so far");
    // A revoked token and an unknown one are no error.
    let unknown = [fields[0], fields[1], ("token", "1.unknown")];
    for fields in [fields, fields, unknown] {
        assert_eq!(browser.post(&path, &fields).await.status, 200);
    }
    let refreshed = crate::support::token(&emulator, NORTHWIND, &refresh).await;
    assert_eq!(refreshed.status, 400);
}
