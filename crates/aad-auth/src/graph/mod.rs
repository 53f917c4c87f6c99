//! A thin client of Microsoft Graph: an access token goes to the configured host and nowhere else.

mod address;
mod answer;

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue, header};
use url::Url;

pub use answer::GraphAnswer;

use self::address::{address, without_version};
use crate::{
    config::is_loopback,
    provider::Provider,
    random::{self, Random},
    secret::{ExposeSecret, Secret},
    transport::{CallOwner, CallPurpose, Request, Transport, TransportError},
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
    /// address of a further page (`@odata.nextLink`), if it is on the same host. `caller` is whose
    /// token it is.
    ///
    /// # Errors
    /// A [`GraphError`], when there is no answer. A status is not an error here.
    pub async fn get(
        &self,
        caller: CallOwner,
        token: &Secret,
        path: &str,
    ) -> Result<GraphAnswer, GraphError> {
        let url = address(&self.base()?, path)?;
        let bearer = format!("Bearer {}", token.expose_secret());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| TransportError::Broken)?;
        bearer.set_sensitive(true);
        let id = HeaderValue::try_from(guid(&*self.random)).map_err(|_| TransportError::Broken)?;
        let request = Request::get(CallPurpose::Api, url)
            .on_behalf_of(caller)
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

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
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

    #[test]
    fn request_ids_are_guids() {
        let (one, two) = (guid(&SystemRandom), guid(&SystemRandom));
        assert_ne!(one, two);
        assert!(Guid::parse_exact(&one).is_some(), "{one}");
        assert_eq!(one.as_bytes()[14], b'4');
    }
}
