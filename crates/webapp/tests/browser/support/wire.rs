//! WebDriver on the wire (W3C WebDriver 2): JSON over HTTP.

use std::time::Duration;

use awc::{Client, http::Method};
use serde_json::{Value, json};

/// A cold start of a browser on a busy machine takes its time.
const DEADLINE: Duration = Duration::from_secs(120);

/// One session of a browser.
pub(crate) struct Wire {
    client: Client,
    session: String,
}

impl Wire {
    /// Opens a session with these options of Chromium.
    pub(crate) async fn open(driver: &str, options: &Value) -> Self {
        let client = Client::builder()
            .disable_redirects()
            .timeout(DEADLINE)
            .finish();
        let mut wire = Self {
            client,
            session: format!("{driver}/session"),
        };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
            // An element or a page that never comes is a failure with a message.
            "timeouts": { "implicit": 30_000, "pageLoad": 60_000, "script": 60_000 },
        } } });
        let opened = wire.post("", wanted).await;
        let id = opened["sessionId"].as_str().unwrap();
        wire.session = format!("{driver}/session/{id}");
        wire
    }

    pub(crate) async fn get(&self, command: &str) -> Value {
        self.send(Method::GET, command, None).await
    }

    pub(crate) async fn post(&self, command: &str, body: Value) -> Value {
        self.send(Method::POST, command, Some(body)).await
    }

    async fn send(&self, method: Method, command: &str, body: Option<Value>) -> Value {
        let request = self
            .client
            .request(method, format!("{}{command}", self.session));
        let sent = match &body {
            Some(body) => request.send_json(body).await,
            None => request.send().await,
        };
        let mut response = sent.unwrap_or_else(|error| panic!("{command}: {error}"));
        let answer = response.body().limit(64 << 20).await.unwrap();
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        let value = answer["value"].take();
        // An error's message begins with what was looked for; the stack behind it says nothing.
        let reason = value["message"].as_str().unwrap_or_default();
        let reason = reason.lines().next().unwrap_or_default();
        assert!(
            response.status().is_success(),
            "{command} {}: {reason}",
            body.unwrap_or_default()
        );
        value
    }
}
