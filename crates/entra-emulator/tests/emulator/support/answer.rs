//! Reads answers with their whole body.

use std::collections::BTreeMap;

use awc::ClientResponse;
use awc::http::header::LOCATION;
use serde_json::Value;
use url::Url;

/// An answer with its whole body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    }

    pub(crate) fn location(&self) -> Url {
        Url::parse(self.header("location"))
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    /// Returns the parameters of the redirect to the client.
    pub(crate) fn response(&self) -> BTreeMap<String, String> {
        self.location().query_pairs().into_owned().collect()
    }

    pub(crate) fn error(&self) -> (u16, String, u64) {
        let body = self.json();
        (
            self.status,
            body["error"].as_str().unwrap().to_owned(),
            body["error_codes"][0].as_u64().unwrap(),
        )
    }

    /// Returns the value of a hidden field of the page.
    pub(crate) fn field(&self, name: &str) -> String {
        let (_, rest) = self
            .text
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap_or_else(|| panic!("{}", self.text));
        let value = rest.split('"').next().unwrap();
        value
            .replace("&#x3D;", "=")
            .replace("&#x2F;", "/")
            .replace("&amp;", "&")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
    }
}

pub(crate) async fn answer<S>(mut response: ClientResponse<S>) -> Answer
where
    S: futures_util::Stream<Item = Result<actix_web::web::Bytes, awc::error::PayloadError>>,
{
    let mut headers = BTreeMap::new();
    for (name, value) in response.headers() {
        headers.insert(
            name.to_string(),
            value.to_str().unwrap_or_default().to_owned(),
        );
    }
    assert!(headers.contains_key(LOCATION.as_str()) || response.status().as_u16() / 100 != 3);
    let body = response.body().limit(32 * 1024 * 1024).await.unwrap();
    Answer {
        status: response.status().as_u16(),
        headers,
        text: String::from_utf8_lossy(&body).into_owned(),
    }
}
