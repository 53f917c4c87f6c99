//! Invariant 1 on the program as it runs: everything it writes at `trace`, searched for every secret
//! and every personal value of the run. Each run goes through sign-in, pages, Graph, sign-out, failures
//! and hostile requests.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use awc::http::Method;
use entra_emulator::{Emulator, Endpoint, Fault, Mutation};

use crate::{
    browser::{Browser, NAVIGATION},
    canaries::Canaries,
    support::{ADA, SECRET, Settings, Webapp, free_port},
};

/// Asks for more than a careful operator would.
const LOUD: &str = "trace,actix_http=trace,actix_web=trace,actix_session=trace,awc=trace,h2=trace,\
                    rustls=trace,redis=trace,redb=trace,mio=trace,tokio=trace";
const METRICS_TOKEN: &str = "canary-metrics-token-0123456789abcdef";
const CLIENT: &str = "00001111-aaaa-4222-8333-000000000001";

#[actix_web::test]
async fn w40_nothing_that_the_program_prints_holds_a_secret_or_a_person_file_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("private/sessions.redb");
    let site = Site::new(
        Emulator::builder().start().unwrap(),
        &format!("file:{}", path.display()),
    );
    run(site, Browser::new, Canaries::default()).await;
}

#[cfg(feature = "redis")]
#[actix_web::test]
async fn w40_nothing_that_the_program_prints_holds_a_secret_or_a_person_redis_tls_and_form_post() {
    let password = "canary-redis-password";
    let Some(server) = crate::redis::RedisServer::start_with(&["--requirepass", password]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::builder().tls(true).start().unwrap();
    let roots = emulator.ca_pem().unwrap().to_owned();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &roots).unwrap();
    let store = server
        .url()
        .replace("redis://", &format!("redis://:{password}@"));
    let mut site = Site::new(emulator, &store);
    for (name, value) in [
        ("AAD_CA_FILE", ca.display().to_string()),
        ("AAD_RESPONSE_MODE", "form_post".to_owned()),
        ("AAD_USERINFO", "true".to_owned()),
    ] {
        site.settings.insert(name.into(), value);
    }
    let mut canaries = Canaries::default();
    canaries.add("the password of Redis", password);
    run(site, || Browser::trusting(&roots), canaries).await;
}

#[actix_web::test]
async fn w40_nothing_that_the_program_prints_holds_a_secret_or_a_person_local_emulator() {
    let state = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut webapp = Webapp::start_ready(&Settings::from([
        ("PORT".into(), port.to_string()),
        ("RUST_LOG".into(), LOUD.into()),
        ("XDG_STATE_HOME".into(), state.path().display().to_string()),
    ]));
    webapp.sign_in_without_a_page().await;
    let browser = Browser::new();
    let site = format!("http://localhost:{port}");
    let callback = browser
        .until_callback(&format!("{site}/call_ms_graph"))
        .await;
    let mut canaries = Canaries::default();
    canaries.add_parameters(callback.split_once('?').unwrap().1);
    assert_eq!(browser.open(&callback).await.status, 200);
    canaries.add_cookies(browser.cookies("localhost"));
    canaries.add("user name", ADA);
    canaries.add("display name", "Ada Admin");
    browser.post(&format!("{site}/auth/sign_out"), "").await;
    webapp.terminate();
    let log = webapp.whole_log();
    assert!(log.contains("/auth/sign_out"), "{log}");
    canaries.assert_absent_from(&log);
}

/// One process with its provider; the browser speaks to it directly.
struct Site {
    emulator: Emulator,
    settings: Settings,
    webapp: Option<Webapp>,
}

impl Site {
    fn new(emulator: Emulator, store: &str) -> Self {
        emulator.control().auto_sign_in(Some(ADA));
        let port = free_port().to_string();
        let redirect_uri = format!("http://localhost:{port}/auth/redirect");
        let ready = emulator.ready_env(Some(&redirect_uri));
        let lines = ready.lines().filter_map(|line| line.split_once('='));
        let mut settings: Settings = lines.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        for (name, value) in [
            ("PORT", port.as_str()),
            ("AAD_SESSION_SECRET", SECRET),
            ("AAD_SESSION_STORE", store),
            ("RUST_LOG", LOUD),
            ("METRICS_TOKEN", METRICS_TOKEN),
            ("SHUTDOWN_DELAY", "0"),
        ] {
            settings.insert(name.into(), value.into());
        }
        Self {
            emulator,
            settings,
            webapp: None,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.settings["PORT"])
    }

    fn webapp(&mut self) -> &mut Webapp {
        self.webapp.as_mut().unwrap()
    }
}

async fn run(mut site: Site, browser: impl Fn() -> Browser, mut canaries: Canaries) {
    site.webapp = Some(Webapp::start_ready(&site.settings));
    for name in ["AAD_SESSION_SECRET", "AAD_CLIENT_SECRET", "METRICS_TOKEN"] {
        canaries.add(name, &site.settings[name]);
    }
    canaries.add_person(&site.emulator, ADA);
    let signed_in = browser();
    sign_in(&site, &signed_in, &mut canaries).await;
    signed_in_requests(&site, &signed_in, &mut canaries).await;
    failures(&site, &browser).await;
    hostile_requests(&site, &signed_in).await;
    canaries.add_cookies(signed_in.cookies("localhost"));
    let out = signed_in.post(&site.url("/auth/sign_out"), "").await;
    assert!(out.leads_on(), "{out:?}");
    signed_in.follow(out).await;
    everywhere(&site, &browser, &mut canaries).await;
    canaries.add_calls(&site.emulator);
    site.webapp().terminate();
    assert!(site.webapp().ended().success());
    let log = site.webapp().whole_log();
    // The run was what it is meant to be, and its log was read.
    for expected in [
        "/auth/redirect",
        "/call_ms_graph",
        "status=303",
        "status=200",
        "status=400",
        "AAD-FLOW-STATE-UNREADABLE",
        "a logout token ended no session",
    ] {
        assert!(
            log.contains(expected),
            "{expected} is not in the log:\n{log}"
        );
    }
    canaries.assert_complete(&["cookie aad-session-notices"]);
    canaries.assert_absent_from(&log);
}

async fn sign_in(site: &Site, browser: &Browser, canaries: &mut Canaries) {
    // The first access token has run out at once: Graph needs a refresh.
    let faults = site.emulator.control().faults();
    faults.set(Fault::token_answer("expires_in", 0).once());
    let page = "/call_ms_graph?private=canary-query";
    let arrived = browser.open(&site.url(page)).await;
    let arrived = if arrived
        .url
        .as_str()
        .starts_with(site.emulator.url().as_str())
    {
        let (action, fields) = arrived.form();
        canaries.add_parameters(&fields);
        let hop = browser.post_across(&action, &fields).await;
        let (action, fields) = hop.form();
        let answer = browser.post(&action, &fields).await;
        browser.follow(answer).await
    } else {
        arrived
    };
    assert_eq!(arrived.status, 200, "{arrived:?}");
    assert!(arrived.body.contains("Head of Operations"), "{arrived:?}");
    canaries.add_cookies(browser.cookies("localhost"));
}

async fn signed_in_requests(site: &Site, browser: &Browser, canaries: &mut Canaries) {
    for path in [
        "/",
        "/token_details",
        "/groups",
        "/sessions",
        "/admin",
        "/api/me",
        "/missing",
    ] {
        browser.get(&site.url(path)).await;
    }
    let theme = browser
        .post(
            &site.url("/preferences"),
            "theme=dark&return_to=/sessions?canary-return",
        )
        .await;
    assert_eq!(theme.status, 303, "{theme:?}");
    canaries.add_cookies(browser.cookies("localhost"));
    browser.get(&site.url("/sessions")).await;
    let mint = site.emulator.control().mint();
    let token = mint
        .user_token(ADA, CLIENT, "access_as_user")
        .unwrap()
        .sign()
        .unwrap();
    canaries.add_token("a bearer token", &token);
    let stranger = Browser::new();
    for (path, token) in [
        ("/api/me", token.as_str()),
        ("/api/me", &token[..token.len() - 4]),
        ("/metrics", METRICS_TOKEN),
    ] {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        stranger
            .send(Method::GET, &site.url(path), &headers, None)
            .await;
    }
}

async fn failures(site: &Site, browser: &impl Fn() -> Browser) {
    let faults = site.emulator.control().faults();
    for fault in [
        Fault::status(Endpoint::Token, 500),
        Fault::html(Endpoint::Token, 200),
        Fault::body(Endpoint::Token, "{\"access_token\":\"canary-half"),
        Fault::body(
            Endpoint::Token,
            "{\"error\":\"invalid_grant\",\"error_description\":\"canary-words\"}",
        ),
        Fault::token_answer("expires_in", "canary-not-a-number"),
        Fault::token_answer("token_type", "canary-type"),
        Fault::id_token(Mutation::flipped_signature()),
        Fault::id_token(Mutation::audience("canary-audience")),
        Fault::close(Endpoint::Token),
        Fault::cut(Endpoint::Token),
    ] {
        faults.set(fault.once());
        let browser = browser();
        let arrived = browser
            .open(&site.url("/groups?private=canary-query"))
            .await;
        if arrived.body.contains("<form") && arrived.url.port() == Some(site.emulator.port()) {
            let (action, fields) = arrived.form();
            let hop = browser.post_across(&action, &fields).await;
            let (action, fields) = hop.form();
            browser.post(&action, &fields).await;
        }
        faults.clear();
    }
}

async fn hostile_requests(site: &Site, browser: &Browser) {
    for path in [
        "/auth/redirect?error=canary%0d%0aFORGED&error_description=canary%0aFORGED&state=canary",
        "/auth/redirect?code=canary%0aFORGED&state=canary%0aFORGED",
        "/auth/sign_in?return_to=%2Fcanary%0aFORGED&login_hint=canary%0aFORGED",
        "/auth/post_sign_out?state=canary%0aFORGED",
        "/auth/front_channel_sign_out?sid=canary&iss=https://canary.test",
        "/api/me?access_token=canary",
    ] {
        browser.get(&site.url(path)).await;
    }
    let stranger = Browser::new();
    let port = &site.settings["PORT"];
    let cookies = [
        format!(
            "aad-session-{port}=canary; aad-session-{port}-data=canary; aad-browser-{port}=canary"
        ),
        format!(
            "aad-session-{port}-data=\"canary\\\"; %61ad-session-{port}=canary; canary; =canary"
        ),
        format!("aad-session-{port}=canary; aad-session-{port}=canary2"),
    ];
    for (name, value) in [
        ("cookie", cookies[0].as_str()),
        ("cookie", &cookies[1]),
        ("cookie", &cookies[2]),
        (
            "authorization",
            "Bearer eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOjF9.",
        ),
        ("authorization", "Basic Y2FuYXJ5OmNhbmFyeQ=="),
        ("x-forwarded-for", "canary-forwarded"),
        // Of all headers only this host may be told, once: AAD_BASE_URL is another.
        ("forwarded", "for=canary-forwarded;host=proxy.test"),
        ("origin", "https://canary.test"),
        ("referer", "https://canary.test/?code=canary"),
        ("user-agent", "canary-agent"),
        ("x-request-id", "canary-id"),
        ("if-none-match", "\"canary-etag\""),
    ] {
        for (method, path) in [
            (Method::GET, "/token_details"),
            (Method::GET, "/api/me"),
            (Method::POST, "/preferences"),
            (Method::POST, "/auth/sign_out"),
        ] {
            let mut headers = NAVIGATION.to_vec();
            headers.push((name, value));
            stranger
                .send(method, &site.url(path), &headers, Some("theme=canary-body"))
                .await;
        }
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for body in [
        "logout_token=canary",
        "logout_token=eyJ.canary.canary",
        "canary=1&canary=2",
    ] {
        let url = site.url("/auth/back_channel_sign_out");
        stranger.send(Method::POST, &url, &form, Some(body)).await;
    }
    for head in [
        "GET /canary HTTP/9.9\r\n",
        "GET /?canary HTTP/1.1\r\nCookie: canary\u{1}\r\n",
        "POST /preferences HTTP/1.1\r\nContent-Length: canary\r\n",
        "POST /preferences HTTP/1.1\r\nTransfer-Encoding: canary\r\n",
    ] {
        send_raw(site, &format!("{head}Host: localhost\r\n\r\n"));
    }
}

/// Another sign-in of the same user, and the end of all of them.
async fn everywhere(site: &Site, browser: &impl Fn() -> Browser, canaries: &mut Canaries) {
    let browser = browser();
    sign_in(site, &browser, canaries).await;
    let out = browser.post(&site.url("/sessions"), "end=all").await;
    assert!(out.leads_on(), "{out:?}");
}

/// Sends bytes as they are, and waits for an answer or the end of the connection.
fn send_raw(site: &Site, request: &str) {
    let address = format!("127.0.0.1:{}", site.settings["PORT"]);
    let mut stream = TcpStream::connect(address).unwrap();
    let patience = Some(Duration::from_secs(10));
    stream.set_read_timeout(patience).unwrap();
    // The other side may close before everything is written.
    drop(stream.write_all(request.as_bytes()));
    drop(stream.read(&mut [0; 4096]));
}
