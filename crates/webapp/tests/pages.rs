//! The whole application over real HTTP, with the emulator as provider.
#![cfg(feature = "emulator")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

#[path = "pages/edit_profile.rs"]
mod edit_profile;
#[path = "pages/graph.rs"]
mod graph;
#[path = "pages/head.rs"]
mod head;
#[path = "pages/methods.rs"]
mod methods;

use std::{collections::BTreeMap, net::TcpListener};

use aad_auth::config::{Config, Source};
use actix_web::http::{
    Method, StatusCode,
    header::{self, HeaderMap},
};
use entra_emulator::Emulator;
use webapp::{
    app::{Parts, app},
    assets::Assets,
    server::{Limits, Options, serve},
};

#[path = "pages/hostile.rs"]
mod hostile;
#[path = "pages/roles.rs"]
mod roles;

/// A browser's habits: cookies, navigation headers, no automatic redirects.
struct Browser {
    client: awc::Client,
    cookies: BTreeMap<String, String>,
    site: String,
    agent: &'static str,
    fetch_site: &'static str,
}

struct Page {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl Browser {
    fn new(site: &str) -> Self {
        Self {
            client: awc::Client::builder().disable_redirects().finish(),
            cookies: BTreeMap::new(),
            site: site.to_owned(),
            agent: "test",
            fetch_site: "same-origin",
        }
    }

    async fn get(&mut self, url: &str) -> Page {
        self.send(Method::GET, url, "text/html", "").await
    }

    async fn post(&mut self, url: &str, form: &str) -> Page {
        self.send(Method::POST, url, "text/html", form).await
    }

    async fn send(&mut self, method: Method, url: &str, accept: &str, form: &str) -> Page {
        let url = if url.starts_with('/') {
            format!("{}{url}", self.site)
        } else {
            url.split('#').next().unwrap().to_owned()
        };
        let ours = url.starts_with(&self.site);
        let mut request = self
            .client
            .request(method, &url)
            .insert_header((header::ACCEPT, accept))
            .insert_header((header::USER_AGENT, self.agent))
            .insert_header(("sec-fetch-site", self.fetch_site));
        if accept == "text/html" {
            request = request
                .insert_header(("sec-fetch-mode", "navigate"))
                .insert_header(("sec-fetch-dest", "document"));
        }
        if ours && !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            request = request.insert_header((header::COOKIE, pairs.join("; ")));
        }
        let mut response = if form.is_empty() {
            request.send().await.unwrap()
        } else {
            let kind = "application/x-www-form-urlencoded";
            request
                .content_type(kind)
                .send_body(form.to_owned())
                .await
                .unwrap()
        };
        if ours {
            for cookie in response.headers().get_all(header::SET_COOKIE) {
                let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                if attributes.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        let body = response.body().await.unwrap();
        Page {
            status: response.status(),
            headers: response.headers().clone(),
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Follows redirects, also to the provider and back.
    async fn visit(&mut self, url: &str) -> Page {
        let mut page = self.get(url).await;
        for _ in 0..8 {
            if !page.status.is_redirection() {
                return page;
            }
            let location = page.header("location").to_owned();
            page = self.get(&location).await;
        }
        panic!("redirects without end");
    }
}

/// The application on a free port, and its provider.
fn start() -> (Emulator, String) {
    start_with(|_| ())
}

/// The same with settings that are changed first.
fn start_with(change: impl FnOnce(&mut Source)) -> (Emulator, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let emulator = Emulator::builder().start().unwrap();
    let redirect_uri = format!("http://localhost:{port}/auth/redirect");
    let mut source: Source = emulator
        .ready_env(Some(&redirect_uri))
        .lines()
        .filter_map(|line| line.split_once('='))
        .collect();
    source.set("AAD_SESSION_STORE", "memory");
    source.set("AAD_SESSION_SECRET", "QUJD".repeat(22));
    change(&mut source);
    let config = Config::parse(&source).unwrap_or_else(|error| panic!("{error}"));
    let parts = Parts::new(config, Assets::new(None), Some(&emulator.url())).unwrap();
    let options = Options {
        tls: None,
        limits: Limits::new(256),
        bare_headers: parts.headers.for_bare_answers(),
    };
    let app = move || app(&parts);
    let server = serve(app, vec![listener], options, std::future::pending());
    actix_web::rt::spawn(server.unwrap());
    (emulator, format!("http://localhost:{port}"))
}

#[actix_web::test]
async fn a_deep_link_ends_signed_in_on_the_page_that_was_asked_for() {
    let (emulator, site) = start();
    emulator
        .control()
        .auto_sign_in(Some("ada@northwind.example.test"));
    let mut browser = Browser::new(&site);
    let page = browser.visit("/token_details").await;
    assert_eq!(page.status, StatusCode::OK);
    for expected in [
        "Never a key",
        "preferred_username",
        "Ada Admin",
        "Compared byte by byte",
    ] {
        assert!(page.text.contains(expected), "{expected}");
    }
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self';"), "{policy}");
    assert!(!policy.contains("unsafe"));
    // No token reaches the browser: they all begin so.
    let words = page
        .text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    assert!(!words.into_iter().any(|word| word.starts_with("eyJ")));

    for (path, expected) in [
        ("/", "You are signed in as"),
        ("/sign_in_status", "Session details"),
        ("/groups", "Your groups"),
        ("/sessions", "This browser"),
        ("/admin", "Administration"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains(expected), "{path}");
        assert!(page.text.contains("Local emulator"), "{path}");
    }
    let me = browser
        .send(Method::GET, "/api/me", "application/json", "")
        .await;
    let me: serde_json::Value = serde_json::from_str(&me.text).unwrap();
    assert_eq!(me["preferred_username"], "ada@northwind.example.test");
    assert_eq!(me["roles"], serde_json::json!(["Admin"]));
    assert_eq!(me["auth"], "session");
}

#[actix_web::test]
async fn what_is_missing_is_named_in_the_sites_look() {
    let (emulator, site) = start();
    emulator
        .control()
        .auto_sign_in(Some("noor@northwind.example.test"));
    let mut browser = Browser::new(&site);
    browser.visit("/").await;
    browser.visit("/auth/sign_in?return_to=/").await;
    let page = browser.get("/admin").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    for expected in ["Admin", "app.css", "Noor Norole", "Use another account"] {
        assert!(page.text.contains(expected), "{expected}");
    }
}

#[actix_web::test]
async fn a_name_with_markup_is_text() {
    let (emulator, site) = start();
    emulator
        .control()
        .auto_sign_in(Some("mallory@northwind.example.test"));
    let mut browser = Browser::new(&site);
    for path in ["/token_details", "/", "/sessions", "/missing"] {
        let page = browser.visit(path).await;
        assert!(page.text.contains("&lt;script&gt;"), "{path}");
        assert!(!page.text.contains("<script>alert"), "{path}");
    }
}

#[actix_web::test]
async fn strangers_get_an_answer_in_the_form_they_asked_for() {
    let (_emulator, site) = start();
    let mut browser = Browser::new(&site);
    let page = browser.get("/missing").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("There is no page here"));
    let json = browser
        .send(Method::GET, "/missing", "application/json", "")
        .await;
    assert_eq!(json.header("content-type"), "application/problem+json");
    let json = browser
        .send(Method::GET, "/api/me", "application/json", "")
        .await;
    assert_eq!(json.status, StatusCode::UNAUTHORIZED);
    assert!(json.text.contains("login_url"));
    // Guards deny whatever stands below their path too.
    for path in [
        "/token_details",
        "/call_ms_graph",
        "/groups",
        "/sessions",
        "/admin",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::FOUND, "{path}");
        assert!(
            page.header("location").starts_with("/auth/sign_in"),
            "{path}"
        );
    }
    assert!(
        browser.cookies.is_empty(),
        "an anonymous visit set a cookie"
    );
}

#[actix_web::test]
async fn a_refused_sign_in_shows_neither_code_nor_state() {
    let (_emulator, site) = start();
    let mut browser = Browser::new(&site);
    let page = browser
        .get("/auth/redirect?code=canary-code&state=canary-state")
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("AAD-FLOW-STATE-UNREADABLE"));
    assert!(page.text.contains("app.css"));
    assert!(!page.text.contains("canary"));
}

const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
                       Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1 canary-agent";

/// A laptop and a phone of one user, both signed in.
async fn two_devices(emulator: &Emulator, site: &str) -> (Browser, Browser) {
    let control = emulator.control();
    control.auto_sign_in(Some("ada@northwind.example.test"));
    let (mut laptop, mut phone) = (Browser::new(site), Browser::new(site));
    laptop.agent = WINDOWS;
    phone.agent = PHONE;
    laptop.visit("/sessions").await;
    phone.visit("/sessions").await;
    (laptop, phone)
}

#[actix_web::test]
async fn the_home_page_names_as_many_cookies_as_are_set() {
    let (emulator, site) = start();
    let control = emulator.control();
    let mut browser = Browser::new(&site);
    let page = browser.get("/").await;
    assert!(page.text.contains("<dd>Three, without"), "{}", page.text);
    control.auto_sign_in(Some("ada@northwind.example.test"));
    browser.visit("/groups").await;
    assert_eq!(browser.cookies.len(), 2, "{:?}", browser.cookies.keys());
    browser.post("/sessions", "end=others").await;
    assert_eq!(browser.cookies.len(), 3, "{:?}", browser.cookies.keys());
    browser.post("/preferences", "theme=dark").await;
    assert_eq!(browser.cookies.len(), 4, "{:?}", browser.cookies.keys());
}

/// The value of the first button that ends one session.
fn handle(page: &Page) -> String {
    let mut values = page.text.split("name=\"end\" value=\"").skip(1);
    let first = values.next().unwrap();
    first.split('"').next().unwrap().to_owned()
}

#[actix_web::test]
async fn a_session_that_is_not_recognised_can_be_ended() {
    let (emulator, site) = start();
    let (mut laptop, mut phone) = two_devices(&emulator, &site).await;
    let page = laptop.get("/sessions").await;
    for expected in ["Edge on Windows", "Safari on iPhone", "This browser"] {
        assert!(page.text.contains(expected), "{expected}");
    }
    assert_eq!(page.text.matches("This browser").count(), 1);
    assert!(!page.text.contains("canary-agent"), "nothing raw is kept");
    let form = format!("end={}", handle(&page));
    let answer = laptop.post("/sessions", &form).await;
    assert_eq!(answer.header("location"), "/sessions");
    let page = laptop.get("/sessions").await;
    assert!(page.text.contains("That session has ended."));
    assert!(!page.text.contains("iPhone") && !page.text.contains("everywhere else"));
    assert_eq!(phone.get("/sessions").await.status, StatusCode::FOUND);
    // Again, as after a double click: no error, and nothing else ends.
    laptop.post("/sessions", &form).await;
    let page = laptop.get("/sessions").await;
    assert!(page.text.contains("had ended already"));
}

#[actix_web::test]
async fn nobody_ends_the_session_of_another_user_or_from_another_site() {
    let (emulator, site) = start();
    let (mut laptop, mut phone) = two_devices(&emulator, &site).await;
    let form = format!("end={}", handle(&laptop.get("/sessions").await));
    emulator
        .control()
        .auto_sign_in(Some("robin@northwind.example.test"));
    let mut robin = Browser::new(&site);
    robin.visit("/sessions").await;
    robin.post("/sessions", &form).await;
    let page = robin.get("/sessions").await;
    assert!(page.text.contains("had ended already"), "tells nothing");
    laptop.fetch_site = "cross-site";
    for form in [form.as_str(), "end=all", "end=others"] {
        let page = laptop.post("/sessions", form).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    let broken = robin.post("/sessions", "nothing=1").await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert_eq!(phone.get("/sessions").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn signing_out_everywhere_else_spares_this_session_and_everywhere_does_not() {
    let (emulator, site) = start();
    let (mut laptop, mut phone) = two_devices(&emulator, &site).await;
    let answer = laptop.post("/sessions", "end=others").await;
    assert_eq!(answer.header("location"), "/sessions");
    let page = laptop.get("/sessions").await;
    assert!(page.text.contains("everywhere else."), "the notice");
    assert_eq!(phone.get("/sessions").await.status, StatusCode::FOUND);
    phone.visit("/sessions").await;
    let answer = laptop.post("/sessions", "end=all").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = laptop.get("/").await;
    assert!(page.text.contains("You are not signed in"));
    assert_eq!(phone.get("/sessions").await.status, StatusCode::FOUND);
}

#[actix_web::test]
async fn the_theme_is_remembered_without_a_session() {
    let (_emulator, site) = start();
    let mut browser = Browser::new(&site);
    let answer = browser
        .post("/preferences", "theme=dark&return_to=//evil.test/")
        .await;
    assert_eq!(answer.header("location"), "/");
    assert!(browser.get("/").await.text.contains("data-theme=\"dark\""));
    browser
        .post("/preferences", "theme=auto&return_to=/groups")
        .await;
    assert!(!browser.get("/").await.text.contains("data-theme=\""));
    let cookies: Vec<_> = browser.cookies.keys().collect();
    assert!(
        cookies.is_empty(),
        "a stranger has left something: {cookies:?}"
    );
    let broken = browser.post("/preferences", "nothing=1").await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert!(broken.text.contains("This request cannot be answered"));
}

#[actix_web::test]
async fn with_the_emulator_only_this_machine_is_answered() {
    let (_emulator, site) = start();
    let client = awc::Client::builder().disable_redirects().finish();
    for (name, value) in [
        ("host", "app.example.com"),
        ("x-forwarded-for", "192.0.2.1"),
    ] {
        let request = client.get(format!("{site}/")).insert_header((name, value));
        let status = request.send().await.unwrap().status();
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{name}");
    }
}

#[actix_web::test]
async fn figures_hold_codes_and_numbers_and_nobody() {
    let (emulator, site) = start();
    emulator
        .control()
        .auto_sign_in(Some("ada@northwind.example.test"));
    let mut browser = Browser::new(&site);
    browser.visit("/sessions").await;
    let mut stranger = Browser::new(&site);
    stranger.get("/auth/redirect?state=forged&code=x").await;
    let bearer = format!("{site}/api/me");
    let answer = awc::Client::builder()
        .disable_redirects()
        .finish()
        .get(&bearer)
        .insert_header((header::AUTHORIZATION, "Bearer eyJ.eyJ.x"))
        .send();
    assert_eq!(answer.await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let page = browser.get("/metrics").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    for line in [
        "aad_auth_sign_ins_completed_total 1",
        "aad_auth_sign_ins_refused_total{code=\"AAD-FLOW-STATE-UNREADABLE\"} 1",
        "aad_auth_bearer_tokens_refused_total{code=\"AAD-TOKEN-SHAPE\"} 1",
        "# TYPE aad_auth_refreshes_total counter",
        "aad_auth_provider_keys 2",
        "aad_auth_provider_key_fetches_total 1",
        "aad_auth_redemptions_in_flight 0",
        "aad_auth_calls_in_flight{code=\"token\"} 0",
        "aad_auth_circuits_open 0",
        "aad_auth_token_cache_bytes 0",
        "aad_auth_store_info{kind=\"memory\"} 1",
    ] {
        assert!(
            page.text.lines().any(|found| found == line),
            "{line}: {}",
            page.text
        );
    }
    // Every line is a comment, or a name of ours with labels of ours and a number.
    for line in page.text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("aad_auth_"), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    let text = page.text.to_ascii_lowercase();
    for personal in [
        "ada@",
        "ada admin",
        "northwind",
        "11110000",
        "eyj",
        "forged",
    ] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

#[actix_web::test]
async fn a_bearer_token_gets_the_same_answer_as_a_session() {
    let (emulator, site) = start();
    let control = emulator.control();
    control.auto_sign_in(Some("robin@northwind.example.test"));
    let mut browser = Browser::new(&site);
    browser.visit("/sessions").await;
    let session = browser
        .send(Method::GET, "/api/me", "application/json", "")
        .await;
    let mint = control.mint().user_token(
        "robin@northwind.example.test",
        "00001111-aaaa-4222-8333-000000000001",
        "access_as_user",
    );
    let token = mint.unwrap().sign().unwrap();
    let mut answer = awc::Client::builder()
        .disable_redirects()
        .finish()
        .get(format!("{site}/api/me"))
        .insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let bearer: serde_json::Value = answer.json().await.unwrap();
    let session: serde_json::Value = serde_json::from_str(&session.text).unwrap();
    assert_eq!(session["auth"], "session");
    assert_eq!(bearer["auth"], "bearer");
    let names = |answer: &serde_json::Value| -> Vec<String> {
        answer.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(names(&session), names(&bearer));
    for name in [
        "tid",
        "oid",
        "sub",
        "iss",
        "name",
        "preferred_username",
        "roles",
    ] {
        assert!(!session[name].is_null(), "{name}");
        assert_eq!(session[name], bearer[name], "{name}");
    }
    assert_eq!(bearer["scopes"], serde_json::json!(["access_as_user"]));
}
