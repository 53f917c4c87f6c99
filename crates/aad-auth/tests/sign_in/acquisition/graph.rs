//! Calls of Graph: what goes wrong there stays there, and the token goes nowhere else.

use std::{io, net::TcpListener};

use aad_auth::internals::secret::ExposeSecret;
use entra_emulator::{Endpoint, Fault, MemberEdit};

use super::support::{LIFE, Timed};
use crate::support::ADA;

#[actix_web::test]
async fn e17_a_redirect_is_not_followed_and_the_token_reaches_nobody_else() {
    let evil = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    evil.set_nonblocking(true).unwrap();
    let address = format!("http://{}/me", evil.local_addr().unwrap());
    let timed = Timed::start();
    let browser = timed.sign_in().await;
    for status in [301, 302, 303, 307, 308] {
        timed.fault(Fault::redirect(Endpoint::Graph, status, &address).once());
        let page = browser.fetch(&timed.url("/app/graph")).await;
        assert_eq!(page.status, 502, "{status}");
    }
    let hit = evil.accept().map(|_| ());
    assert_eq!(hit.unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[actix_web::test]
async fn e18_whoever_graph_speaks_of_the_session_stays_the_users() {
    let timed = Timed::start();
    let browser = timed.sign_in().await;
    let me = browser.fetch(&timed.url("/api/me")).await.body;
    let other = MemberEdit::Set("displayName".into(), "Mallory".into());
    timed.fault(Fault::document(Endpoint::Graph, other));
    let page = browser.fetch(&timed.url("/app/graph")).await;
    assert_eq!(page.body, "Mallory for Ada Admin");
    assert_eq!(browser.fetch(&timed.url("/api/me")).await.body, me);
}

#[actix_web::test]
async fn e19_a_graph_that_fails_gives_an_answer_and_the_session_stays() {
    let timed = Timed::start();
    let browser = timed.sign_in().await;
    let token = timed.vaulted(&browser).await.tokens.access_token;
    for (fault, status) in [
        (Fault::status(Endpoint::Graph, 401), 502),
        (Fault::status(Endpoint::Graph, 403), 502),
        (Fault::status(Endpoint::Graph, 404), 502),
        (Fault::throttled(Endpoint::Graph, "7"), 503),
        (Fault::status(Endpoint::Graph, 500), 503),
        (Fault::status(Endpoint::Graph, 204), 502),
        (Fault::html(Endpoint::Graph, 200), 502),
        (Fault::html(Endpoint::Graph, 503), 503),
        (Fault::body(Endpoint::Graph, "[]"), 502),
        (Fault::body(Endpoint::Graph, "{\"displayName\":7}"), 502),
        (Fault::huge(Endpoint::Graph, 10 << 20), 502),
        (Fault::deep(Endpoint::Graph, 100_000), 502),
        (Fault::gzip_bomb(Endpoint::Graph, 16 << 20), 502),
        (Fault::cut(Endpoint::Graph), 503),
        (Fault::close(Endpoint::Graph), 503),
    ] {
        let name = format!("{fault:?}");
        timed.fault(fault);
        let page = browser.fetch(&timed.url("/app/graph")).await;
        assert_eq!(page.status, status, "{name}: {page:?}");
        assert!(
            !page.body.contains(token.as_ref().unwrap().expose_secret()),
            "{name}"
        );
        assert_eq!(
            page.header("retry-after").is_some(),
            status == 503,
            "{name}"
        );
        timed.mend();
        let page = browser.fetch(&timed.url("/app/graph")).await;
        assert_eq!(page.status, 200, "works again at once after {name}");
    }
    assert_eq!(timed.refreshes(), 0, "a new token would be no better");
}

#[actix_web::test]
async fn e19_a_graph_that_hangs_or_drips_holds_nobody_beyond_the_deadline() {
    let timed = Timed::with(|source| source.with("AAD_PROVIDER_TIMEOUT", "1s"));
    let browser = timed.sign_in().await;
    for fault in [Fault::hang(Endpoint::Graph), Fault::drip(Endpoint::Graph)] {
        timed.fault(fault);
        let page = browser.fetch(&timed.url("/app/graph")).await;
        assert_eq!(page.status, 503);
        assert_eq!(browser.fetch(&timed.url("/app/x")).await.status, 200);
        timed.mend();
    }
}

#[actix_web::test]
async fn e19_a_token_that_was_revoked_before_its_time_is_exchanged_once() {
    let timed = Timed::start();
    let browser = timed.sign_in().await;
    timed.pass(600);
    timed.fault(Fault::status(Endpoint::Graph, 401).once());
    let page = browser.fetch(&timed.url("/app/graph")).await;
    assert_eq!(page.body, "Ada Admin for Ada Admin");
    assert_eq!(timed.refreshes(), 1);
    // At Graph at once, here with the next call: the provider has the last word.
    timed.pass(600);
    timed.world.emulator.control().revoke_sessions(ADA).unwrap();
    assert_eq!(browser.fetch(&timed.url("/app/graph")).await.status, 401);
    assert!(timed.session(&browser).await.is_none());
}

#[actix_web::test]
async fn e20_an_access_token_is_passed_on_unread_and_is_no_key_to_us() {
    let timed = Timed::start();
    timed.tokens_live(LIFE);
    timed.fault(Fault::token_answer(
        "access_token",
        "opaque~token/of+theirs",
    ));
    let browser = crate::support::Browser::new();
    assert_eq!(browser.open(&timed.url("/app/x")).await.status, 200);
    browser.fetch(&timed.url("/app/graph")).await;
    let calls = timed.world.emulator.control().calls();
    let call = calls
        .iter()
        .rfind(|call| call.endpoint == Endpoint::Graph)
        .unwrap();
    assert_eq!(
        call.secret("authorization"),
        Some("Bearer opaque~token/of+theirs")
    );
    assert_eq!(call.header("client-request-id").map(str::len), Some(36));

    timed.mend();
    let other = timed.sign_in().await;
    let tokens = timed.vaulted(&other).await.tokens;
    let bearer = format!(
        "Bearer {}",
        tokens.access_token.as_ref().unwrap().expose_secret()
    );
    let headers = [("authorization", bearer.as_str()), ("accept", "*/*")];
    let stranger = crate::support::Browser::new();
    let url = timed.url("/api/me");
    let page = stranger
        .send(awc::http::Method::GET, &url, &headers, None)
        .await;
    assert_eq!(page.status, 401, "a token for Graph is none for us");
}
