//! A thin client of Microsoft Graph: an access token goes to the configured host and nowhere else.

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::Provider;
use crate::{
    config::is_loopback,
    random::{self, Random},
    secret::{ExposeSecret, Secret},
    transport::{Purpose, Request, Response, Transport, TransportError},
};

/// Calls Graph. Redirects are answers, never followed; bodies are capped; one deadline covers the
/// whole call (`AAD_PROVIDER_TIMEOUT`); nothing is repeated.
#[derive(Clone)]
pub struct GraphClient {
    transport: Transport,
    provider: Provider,
    random: Arc<dyn Random>,
    base: Option<Url>,
}

/// An answer of Graph, whatever its status. It has no `Debug`: the body is about a person.
pub struct GraphAnswer {
    /// The status.
    pub status: StatusCode,
    /// By which Microsoft's support finds the call (`request-id`).
    pub request_id: Option<String>,
    /// How long Graph asks us to wait, at most one hour.
    pub retry_after: Option<Duration>,
    is_json: bool,
    body: Vec<u8>,
}

/// Why a call brought no answer, or one that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// The provider is in no cloud with a Graph, and none is configured.
    #[error("there is no Graph at this provider: set AAD_GRAPH_URL")]
    NotConfigured,
    /// An address on another host, or none at all.
    #[error("the address is not one of the configured Graph")]
    ForeignAddress,
    /// No answer, or one that cannot be read.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// An answer that is no JSON, or not of the expected form.
    #[error("the answer of Graph is not the expected JSON")]
    Unexpected,
    /// An answer that says no.
    #[error("Graph answered with status {status}{}", code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default())]
    Status {
        /// The status.
        status: u16,
        /// The `code` of the error body, such as `Authorization_RequestDenied`.
        code: Option<String>,
        /// How long Graph asks us to wait.
        retry_after: Option<Duration>,
    },
}

impl GraphClient {
    /// A client for the Graph at `base` (`AAD_GRAPH_URL`, without a version), by default the one
    /// that belongs to the provider's cloud.
    pub fn new(
        transport: Transport,
        provider: Provider,
        random: Arc<dyn Random>,
        base: Option<&Url>,
    ) -> Self {
        Self {
            random,
            transport,
            provider,
            base: base.map(without_version),
        }
    }

    /// `GET`s a path such as `/me`, of version 1.0 unless it begins with `/beta/`; or the whole
    /// address of a further page (`@odata.nextLink`), if it is on the same host.
    ///
    /// # Errors
    /// A [`GraphError`], when there is no answer. A status is not an error here.
    pub async fn get(&self, token: &Secret, path: &str) -> Result<GraphAnswer, GraphError> {
        let url = address(&self.base()?, path)?;
        let bearer = format!("Bearer {}", token.expose_secret());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| TransportError::Broken)?;
        bearer.set_sensitive(true);
        let id = HeaderValue::try_from(guid(&*self.random)).map_err(|_| TransportError::Broken)?;
        let request = Request::get(Purpose::Api, url)
            .header(header::AUTHORIZATION, bearer)
            .header(CLIENT_REQUEST_ID, id);
        Ok(self.transport.send(request).await?.into())
    }

    fn base(&self) -> Result<Url, GraphError> {
        if let Some(base) = &self.base {
            return Ok(base.clone());
        }
        let authority = &self.provider.settings().authority;
        let metadata = self.provider.metadata_now();
        let named = metadata.as_ref().and_then(|m| m.graph_host.as_deref());
        let host = named.or_else(|| authority.cloud().map(|cloud| cloud.graph_host));
        let host = host.ok_or(GraphError::NotConfigured)?;
        // A look-alike on loopback may speak plain http there; the transport refuses it elsewhere.
        let scheme = if is_loopback(authority.origin()) {
            authority.origin().scheme()
        } else {
            "https"
        };
        Url::parse(&format!("{scheme}://{host}")).map_err(|_| GraphError::NotConfigured)
    }
}

impl GraphAnswer {
    /// The JSON of a success.
    ///
    /// # Errors
    /// [`GraphError::Status`] for any other status, [`GraphError::Unexpected`] for anything else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, GraphError> {
        if !self.status.is_success() {
            return Err(GraphError::Status {
                status: self.status.as_u16(),
                code: self.code(),
                retry_after: self.retry_after,
            });
        }
        if !self.is_json {
            return Err(GraphError::Unexpected);
        }
        serde_json::from_slice(&self.body).map_err(|_| GraphError::Unexpected)
    }

    /// The `code` of an error body. Its sentence is not for decisions, and may name people.
    pub fn code(&self) -> Option<String> {
        let body: ErrorBody = serde_json::from_slice(&self.body).ok()?;
        word(&body.error.code)
    }
}

impl From<Response> for GraphAnswer {
    fn from(response: Response) -> Self {
        Self {
            status: response.status,
            request_id: request_id(&response.headers),
            retry_after: response.retry_after(),
            is_json: response.is_json(),
            body: response.body,
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorCode,
}

#[derive(Deserialize)]
struct ErrorCode {
    code: String,
}

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const LONGEST_ADDRESS: usize = 8192;
const VERSIONS: [&str; 2] = ["/v1.0", "/beta"];

/// The base as it is meant, also where somebody has written the version behind it.
fn without_version(base: &Url) -> Url {
    let mut base = base.clone();
    let path = base.path().trim_end_matches('/').to_owned();
    let stripped = VERSIONS
        .iter()
        .find_map(|version| path.strip_suffix(version));
    base.set_path(stripped.unwrap_or(&path));
    base
}

fn address(base: &Url, path: &str) -> Result<Url, GraphError> {
    let plain = path.len() <= LONGEST_ADDRESS && !path.contains(|c: char| c.is_control());
    if !plain {
        return Err(GraphError::ForeignAddress);
    }
    let root = base.as_str().trim_end_matches('/');
    let versioned = || {
        VERSIONS.iter().any(|version| {
            path.strip_prefix(version)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    };
    let text = match path.starts_with('/') {
        true if versioned() => format!("{root}{path}"),
        true => format!("{root}{}{path}", VERSIONS[0]),
        false => path.to_owned(),
    };
    // They would lead out of the base's path, and are in no address that Graph gives.
    if has_dot_segments(&text) {
        return Err(GraphError::ForeignAddress);
    }
    let url = Url::parse(&text).map_err(|_| GraphError::ForeignAddress)?;
    // What shares the host with Graph, behind a gateway, is somebody else.
    let below = url.path().strip_prefix(base.path().trim_end_matches('/'));
    let ours = url.origin() == base.origin()
        && below.is_some_and(|rest| rest.starts_with('/'))
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    ours.then_some(url).ok_or(GraphError::ForeignAddress)
}

/// Also as browsers read them: encoded, and with backslashes.
fn has_dot_segments(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|segment| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(&*segment, "." | "..")
    })
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    word(headers.get("request-id")?.to_str().ok()?)
}

/// A short word from outside, fit for logs and pages.
fn word(text: &str) -> Option<String> {
    let fits = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    fits.then(|| text.to_owned())
}

/// A random GUID (RFC 9562 section 5.4), the form that Graph wants for `client-request-id`.
fn guid(random: &dyn Random) -> String {
    let bits = u128::from_be_bytes(random::bytes(random));
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

impl fmt::Debug for GraphClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphClient")
            .field("base", &self.base.as_ref().map(Url::as_str))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Guid, random::SystemRandom};

    fn base(text: &str) -> Url {
        without_version(&Url::parse(text).unwrap())
    }

    #[test]
    fn addresses_of_other_hosts_are_refused() {
        let graph = base("https://graph.microsoft.com");
        for path in [
            "",
            "me",
            "https://graph.microsoft.com.evil.test/v1.0/me",
            "https://graph.microsoft.com@evil.test/v1.0/me",
            "https://user:x@graph.microsoft.com/v1.0/me",
            "https://graph.microsoft.com:8443/v1.0/me",
            "http://graph.microsoft.com/v1.0/me",
            "//evil.test/v1.0/me@evil.test#x",
            "https://graph.microsoft.com/v1.0/me#x",
            "https:\\\\evil.test",
            "/me\r\nHost: evil.test",
            &format!("/{}", "x".repeat(LONGEST_ADDRESS)),
        ] {
            assert!(address(&graph, path).is_err(), "{path}");
        }
    }

    #[test]
    fn addresses_beside_the_bases_path_are_refused() {
        let proxied = base("https://api.example.com/graph");
        for path in [
            "https://api.example.com/other/v1.0/me",
            "https://api.example.com/graph",
            "https://api.example.com/graphs/v1.0/me",
            "https://api.example.com/graph/../other",
            "/../other",
            "/v1.0/../../other",
            "/v1.0/%2E%2e/%2e./other",
            "/v1.0\\..\\..\\other",
            "/./me",
        ] {
            assert!(address(&proxied, path).is_err(), "{path}");
        }
    }

    #[test]
    fn paths_get_a_version_and_stay_on_the_host() {
        for configured in [
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/v1.0/",
        ] {
            let graph = base(configured);
            for (path, expected) in [
                ("/me", "/v1.0/me"),
                ("/v1.0/me", "/v1.0/me"),
                ("/beta/me", "/beta/me"),
                ("/v1.0evil", "/v1.0/v1.0evil"),
                ("/@evil.test/", "/v1.0/@evil.test/"),
                ("//evil.test/x", "/v1.0//evil.test/x"),
                (
                    "/me?$filter=a eq '/../b'",
                    "/v1.0/me?$filter=a%20eq%20%27/../b%27",
                ),
                (
                    "https://graph.microsoft.com/v1.0/x?$skiptoken=1",
                    "/v1.0/x?$skiptoken=1",
                ),
            ] {
                let url = address(&graph, path).unwrap();
                assert_eq!(
                    url.as_str(),
                    format!("https://graph.microsoft.com{expected}")
                );
            }
        }
        let proxied = base("https://api.example.com/graph/");
        let url = address(&proxied, "/me").unwrap();
        assert_eq!(url.as_str(), "https://api.example.com/graph/v1.0/me");
        let next = "https://api.example.com/graph/v1.0/users?$skiptoken=1";
        assert_eq!(address(&proxied, next).unwrap().as_str(), next);
    }

    fn answer(status: u16, media_type: &'static str, body: &str) -> GraphAnswer {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert("request-id", HeaderValue::from_static("<script>"));
        GraphAnswer::from(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn what_is_no_json_of_the_expected_form_is_refused() {
        let deep = "[".repeat(100_000);
        for (media_type, body) in [
            ("text/html", "{}"),
            ("application/json", ""),
            ("application/json", "[1]"),
            ("application/json", "{\"a\":"),
            ("application/json", deep.as_str()),
        ] {
            let result =
                answer(200, media_type, body).json::<std::collections::HashMap<String, String>>();
            assert_eq!(result.err(), Some(GraphError::Unexpected));
        }
        assert!(
            answer(302, "application/json", "{}")
                .json::<serde_json::Value>()
                .is_err()
        );
    }

    #[test]
    fn of_an_error_body_only_a_plain_code_is_taken() {
        let body = r#"{"error":{"code":"Authorization_RequestDenied","message":"canary"}}"#;
        let refused = answer(403, "application/json", body);
        assert_eq!(
            refused.code().as_deref(),
            Some("Authorization_RequestDenied")
        );
        assert_eq!(refused.request_id, None);
        let error = refused.json::<serde_json::Value>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"));
        for body in [
            "",
            "{}",
            r#"{"error":"x"}"#,
            r#"{"error":{"code":"<b> x"}}"#,
        ] {
            assert_eq!(answer(500, "application/json", body).code(), None, "{body}");
        }
    }

    #[test]
    fn request_ids_are_guids() {
        let (one, two) = (guid(&SystemRandom), guid(&SystemRandom));
        assert_ne!(one, two);
        assert!(Guid::parse_exact(&one).is_some(), "{one}");
        assert_eq!(one.as_bytes()[14], b'4');
    }
}
