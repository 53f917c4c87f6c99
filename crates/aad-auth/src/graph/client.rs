//! The client of Microsoft Graph.

use std::{fmt, sync::Arc};

use http::{HeaderName, HeaderValue, header};
use url::Url;

use super::{
    GraphAnswer, GraphError,
    address::{address, without_version},
};
use crate::{
    config::is_loopback,
    provider::Provider,
    random::{self, Random},
    secret::{ExposeSecret, Secret},
    transport::{CallOwner, CallPurpose, Request, Transport, TransportError},
};

/// Calls Graph. Returns redirects as answers, limits the size of bodies, and repeats no call. One deadline
/// covers the whole call (`AAD_PROVIDER_TIMEOUT`).
#[derive(Clone)]
pub struct GraphClient {
    transport: Transport,
    provider: Provider,
    random: Arc<dyn Random>,
    base: Option<Url>,
}

impl GraphClient {
    /// Creates a client for the Graph at `base` (`AAD_GRAPH_URL`). `None`: the Graph of the provider's cloud.
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

    /// Sends a GET request for a path such as `/me`, in version 1.0 unless it begins with `/beta/`. `path`
    /// may also be the address of a further page (`@odata.nextLink`) on the same host. `caller` is the user
    /// of `token`.
    ///
    /// # Errors
    /// A [`GraphError`], when there is no answer. An answer with any status is no error.
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
        let metadata = self.provider.metadata_at_once();
        let named = metadata.as_ref().and_then(|m| m.graph_host.as_deref());
        let host = named.or_else(|| authority.cloud().map(|cloud| cloud.graph_host));
        let host = host.ok_or(GraphError::NotConfigured)?;
        // A Graph emulator on loopback may use plain http. The transport refuses it elsewhere.
        let scheme = if is_loopback(authority.origin()) {
            authority.origin().scheme()
        } else {
            "https"
        };
        Url::parse(&format!("{scheme}://{host}")).map_err(|_| GraphError::NotConfigured)
    }
}

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// A random GUID (RFC 9562 section 5.4), the form that Graph requires for `client-request-id`.
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
