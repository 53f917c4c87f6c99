//! Back-channel logout.

use entra_emulator::{Emulator, Fault, Mutation};

use crate::logout::logout_path;
use crate::support::{ADA, Browser, WEBAPP, parts, redeem};

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
