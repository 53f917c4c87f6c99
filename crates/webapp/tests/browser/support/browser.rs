//! A person at a browser.

use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use super::{chromedriver::ChromeDriver, wire::Wire};

/// One browser at a time: several would only wait for each other.
static TURN: Semaphore = Semaphore::const_new(1);
const DEADLINE: Duration = Duration::from_secs(60);

/// A browser with a new and empty profile. It ends with this value.
pub(crate) struct Browser {
    wire: Wire,
    _driver: ChromeDriver,
    _turn: SemaphorePermit<'static>,
}

/// Starts a browser, or says why the test is ignored.
pub(crate) async fn open_browser() -> Option<Browser> {
    let turn = TURN.acquire().await.unwrap();
    let driver = ChromeDriver::start()?;
    let profile = format!("--user-data-dir={}", driver.profile());
    let options = json!({ "args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en-GB",
        // The certificates are of the emulator's own authority. The application does check them.
        "--ignore-certificate-errors",
        profile,
    ] });
    let wire = Wire::open(&driver.url(), &options).await;
    Some(Browser {
        wire,
        _driver: driver,
        _turn: turn,
    })
}

impl Browser {
    pub(crate) async fn open(&self, url: &str) {
        self.wire.post("/url", json!({ "url": url })).await;
    }

    pub(crate) async fn back(&self) {
        self.wire.post("/back", json!({})).await;
    }

    pub(crate) async fn forward(&self) {
        self.wire.post("/forward", json!({})).await;
    }

    pub(crate) async fn reload(&self) {
        self.wire.post("/refresh", json!({})).await;
    }

    pub(crate) async fn url(&self) -> Url {
        let url = self.wire.get("/url").await;
        url.as_str().unwrap().parse().unwrap()
    }

    /// What the page's elements say that are shown.
    pub(crate) async fn text(&self) -> String {
        let text = self.script("return document.body.innerText").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn script(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.wire.post("/execute/sync", body).await
    }

    /// Waits for an element that matches this CSS selector.
    pub(crate) async fn find(&self, selector: &str) {
        let wanted = json!({ "using": "css selector", "value": selector });
        self.element(wanted).await;
    }

    /// The same, and clicks on it.
    pub(crate) async fn click(&self, selector: &str) {
        let wanted = json!({ "using": "css selector", "value": selector });
        self.click_on(wanted).await;
    }

    /// Waits for a button or link with these words, and clicks on it.
    pub(crate) async fn press(&self, words: &str) {
        let value =
            format!("//*[self::a or self::button][contains(normalize-space(.), '{words}')]");
        self.click_on(json!({ "using": "xpath", "value": value }))
            .await;
    }

    async fn click_on(&self, wanted: Value) {
        let id = self.element(wanted).await;
        let command = format!("/element/{id}/click");
        self.wire.post(&command, json!({})).await;
    }

    async fn element(&self, wanted: Value) -> String {
        let element = self.wire.post("/element", wanted).await;
        let mut ids = element.as_object().unwrap().values();
        ids.next().unwrap().as_str().unwrap().to_owned()
    }

    /// Marks the page as one that the next step leaves, so that [`arrive`](Self::arrive) waits for
    /// another one even where both have the same address.
    pub(crate) async fn leaving(&self) {
        self.script("window.left = true").await;
    }

    /// Waits until the address begins like this and its page is there.
    pub(crate) async fn arrive(&self, at: &str) {
        let script = "return !window.left && document.readyState === 'complete' && location.href";
        let there = async || {
            let href = self.script(script).await;
            href.as_str().is_some_and(|href| href.starts_with(at))
        };
        self.until(at, there).await;
    }

    /// Waits until this is so.
    pub(crate) async fn until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let began = Instant::now();
        while !condition().await {
            if began.elapsed() > DEADLINE {
                let (url, text) = (self.url().await, self.text().await);
                panic!("waited in vain for {what}; the browser is at {url}:\n{text}");
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Cookies of the page's address.
    pub(crate) async fn cookies(&self) -> Vec<Value> {
        let cookies = self.wire.get("/cookie").await;
        cookies.as_array().unwrap().clone()
    }

    /// Puts a cookie into the browser, as a server or a sibling host would.
    pub(crate) async fn add_cookie(&self, cookie: &Value) {
        self.wire.post("/cookie", json!({ "cookie": cookie })).await;
    }

    /// Opens an empty tab and goes there; returns its handle.
    pub(crate) async fn new_tab(&self) -> String {
        let tab = self
            .wire
            .post("/window/new", json!({ "type": "tab" }))
            .await;
        let handle = tab["handle"].as_str().unwrap().to_owned();
        self.switch_to(&handle).await;
        handle
    }

    pub(crate) async fn switch_to(&self, tab: &str) {
        self.wire.post("/window", json!({ "handle": tab })).await;
    }

    /// A command of Chromium's own protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.wire.post("/goog/cdp/execute", body).await
    }

    /// What the browser has complained about: violations of a policy and faults of scripts. That an
    /// answer is a 401 or a 403 is none of it.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.wire.post("/se/log", json!({ "type": "browser" }));
        let log = log.await;
        let entries = log.as_array().unwrap().iter();
        entries
            .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(|entry| entry["message"].as_str().unwrap().to_owned())
            .filter(|text| !text.contains("Failed to load resource: the server responded"))
            .collect()
    }
}
