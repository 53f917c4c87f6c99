//! The adapter between openidconnect's request builders and the transport.

use std::{future::Future, pin::Pin};

use http::{HeaderValue, header};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use url::Url;

use super::{CallPurpose, Request, Transport, TransportError};

/// An HTTP client for openidconnect, for requests of one purpose.
#[derive(Clone)]
pub struct OidcClient {
    transport: Transport,
    purpose: CallPurpose,
}

impl OidcClient {
    /// A client over `transport` for requests of `purpose`.
    pub const fn new(transport: Transport, purpose: CallPurpose) -> Self {
        Self { transport, purpose }
    }
}

impl<'c> AsyncHttpClient<'c> for OidcClient {
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let response = self.transport.send(convert(self.purpose, request)?).await?;
            let mut converted = HttpResponse::new(response.body);
            *converted.status_mut() = response.status;
            *converted.headers_mut() = response.headers;
            Ok(converted)
        })
    }
}

fn convert(purpose: CallPurpose, request: HttpRequest) -> Result<Request, TransportError> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string()).map_err(|_| TransportError::Insecure)?;
    let mut headers = parts.headers;
    if let Some(value) = headers.get_mut(header::AUTHORIZATION) {
        HeaderValue::set_sensitive(value, true);
    }
    Ok(Request {
        purpose,
        method: parts.method,
        url,
        headers,
        body,
        caller: None,
    })
}
