//! The Graph page: one refresh however many ask, and a page whatever Graph does.

use actix_web::http::{Method, StatusCode, header};
use entra_emulator::{Emulator, Endpoint, Fault, MemberEdit};
use futures_util::future::join_all;

use super::{Browser, start};

const PAGE: &str = "/call_ms_graph";

async fn signed_in() -> (Emulator, Browser) {
    let (emulator, site) = start();
    let control = emulator.control();
    control.auto_sign_in(Some("ada@northwind.example.test"));
    let mut browser = Browser::new(&site);
    let page = browser.visit(PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    for expected in ["GET /v1.0/me", "200 OK", "User.Read", "Head of Operations"] {
        assert!(page.text.contains(expected), "{expected}: {}", page.text);
    }
    assert!(page.text.contains("aria-current=\"page\">Graph"));
    assert!(!page.text.contains("eyJ"), "a token reached the browser");
    (emulator, browser)
}

#[actix_web::test]
async fn e11_twenty_requests_with_an_expired_token_make_one_refresh() {
    let (emulator, site) = start();
    let control = emulator.control();
    control.auto_sign_in(Some("ada@northwind.example.test"));
    // A second use of a refresh token would revoke everything.
    control.set_switches(|switches| switches.strict_refresh = true);
    control
        .faults()
        .set(Fault::token_answer("expires_in", 0).once());
    let mut browser = Browser::new(&site);
    assert_eq!(browser.visit("/groups").await.status, StatusCode::OK);
    let cookies: Vec<_> = browser
        .cookies
        .iter()
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    let cookies = cookies.join("; ");
    let requests = (0..20).map(|_| {
        let request = browser.client.get(format!("{site}{PAGE}"));
        let request = request.insert_header((header::COOKIE, cookies.as_str()));
        request.insert_header((header::ACCEPT, "text/html")).send()
    });
    for answer in join_all(requests).await {
        let mut answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body = answer.body().await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("Head of Operations"));
    }
    let counters = control.counters();
    assert_eq!((counters.refreshes, counters.reused_refresh_tokens), (1, 0));
}

#[actix_web::test]
async fn e19_a_graph_that_fails_gives_a_page_and_the_session_stays() {
    let (emulator, mut browser) = signed_in().await;
    let faults = emulator.control().faults();
    for (fault, expected) in [
        (Fault::status(Endpoint::Graph, 401), "401 Unauthorized"),
        (Fault::status(Endpoint::Graph, 403), "403 Forbidden"),
        (Fault::throttled(Endpoint::Graph, "7"), "429 Too Many"),
        (Fault::status(Endpoint::Graph, 500), "500 Internal"),
        (Fault::html(Endpoint::Graph, 200), "not the JSON"),
        (Fault::body(Endpoint::Graph, "[1]"), "not the JSON"),
        (Fault::huge(Endpoint::Graph, 10 << 20), "too large"),
        (Fault::close(Endpoint::Graph), "No answer"),
        (Fault::cut(Endpoint::Graph), "No answer"),
        (
            Fault::redirect(Endpoint::Graph, 307, "http://127.0.0.1:9/"),
            "307 Temporary",
        ),
        (Fault::status(Endpoint::Token, 500), "200 OK"),
    ] {
        let name = format!("{fault:?}");
        faults.set(fault);
        let page = browser.get(PAGE).await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        assert!(page.text.contains(expected), "{name}: {}", page.text);
        assert!(page.text.contains("Ada Admin"), "{name}: signed out");
        faults.clear();
    }
    assert!(browser.get(PAGE).await.text.contains("Head of Operations"));
}

#[actix_web::test]
async fn e16_a_token_that_cannot_be_renewed_gives_a_page_and_the_session_stays() {
    let (emulator, site) = start();
    let control = emulator.control();
    control.auto_sign_in(Some("ada@northwind.example.test"));
    control
        .faults()
        .set(Fault::token_answer("expires_in", 0).once());
    let mut browser = Browser::new(&site);
    browser.visit("/groups").await;
    control.faults().set(Fault::close(Endpoint::Token));
    let page = browser.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains("You are still signed in"),
        "{}",
        page.text
    );
    assert_eq!(browser.get("/groups").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn e15_a_grant_that_is_gone_leads_to_the_sign_in_and_back() {
    let (emulator, site) = start();
    let control = emulator.control();
    control.auto_sign_in(Some("ada@northwind.example.test"));
    control
        .faults()
        .set(Fault::token_answer("expires_in", 0).once());
    let mut browser = Browser::new(&site);
    browser.visit("/groups").await;
    control
        .revoke_sessions("ada@northwind.example.test")
        .unwrap();
    let page = browser.get(PAGE).await;
    assert_eq!(page.status, StatusCode::FOUND);
    let page = browser.visit(PAGE).await;
    assert!(page.text.contains("Head of Operations"));
}

#[actix_web::test]
async fn e18_an_answer_about_somebody_else_is_not_shown_as_the_user() {
    let (emulator, mut browser) = signed_in().await;
    for (name, value) in [
        ("id", "aaaaaaaa-0000-4000-8000-000000000002"),
        ("displayName", "Robin Reader <script>alert(1)</script>"),
    ] {
        let edit = MemberEdit::Set(name.into(), value.into());
        emulator
            .control()
            .faults()
            .set(Fault::document(Endpoint::Graph, edit));
    }
    let page = browser.get(PAGE).await;
    assert!(
        page.text.contains("answered for another user"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("Robin"));
    assert!(page.text.contains("Ada Admin"));
    emulator.control().faults().clear();
    let edit = MemberEdit::Set("displayName".into(), "<script>alert(1)</script>".into());
    emulator
        .control()
        .faults()
        .set(Fault::document(Endpoint::Graph, edit));
    let page = browser.get(PAGE).await;
    assert!(!page.text.contains("<script>alert"), "markup from Graph");
    let me = browser
        .send(Method::GET, "/api/me", "application/json", "")
        .await;
    assert!(me.text.contains("Ada Admin"));
}

#[actix_web::test]
async fn w12_a_graph_that_fails_again_and_again_is_not_asked_and_the_page_says_so_at_once() {
    let (emulator, site) = start();
    let control = emulator.control();
    let mut browsers = Vec::new();
    for user in ["ada@northwind.example.test", "robin@northwind.example.test"] {
        control.auto_sign_in(Some(user));
        let mut browser = Browser::new(&site);
        assert_eq!(browser.visit(PAGE).await.status, StatusCode::OK);
        browsers.push(browser);
    }
    control.faults().set(Fault::status(Endpoint::Graph, 503));
    for _ in 0..3 {
        for browser in &mut browsers {
            browser.get(PAGE).await;
        }
    }
    let asked = control.count_calls(Endpoint::Graph);
    let page = browsers[0].get(PAGE).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert!(
        page.text.contains("You are still signed in"),
        "{}",
        page.text
    );
    assert_eq!(control.count_calls(Endpoint::Graph), asked, "it was asked");
    assert_eq!(browsers[0].get("/groups").await.status, StatusCode::OK);
    assert_eq!(browsers[0].get("/readyz").await.status, StatusCode::OK);
    let metrics = browsers[0].get("/metrics").await.text;
    for line in [
        "aad_auth_circuits_open 1",
        "aad_auth_calls_refused_total{code=\"api_circuit_open\"} 2",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{metrics}");
    }
}
