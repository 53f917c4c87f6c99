//! One HTTP exchange with awc, without redirects, decompression or unbounded bodies.

use std::io;

use actix_web::error::ParseError;
use awc::{
    ClientResponse,
    error::{ConnectError, PayloadError, SendRequestError},
    http as actix_http,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{
    Request, Response, TransportError, call_failure::CallFailure, connect::address_for_awc,
    pools::Pools,
};

const USER_AGENT: &str = concat!("aad-auth/", env!("CARGO_PKG_VERSION"));

/// The HTTP client. Each bulkhead has its own connections.
pub(super) struct HttpClient {
    pools: Pools,
    max_body: usize,
}

impl HttpClient {
    pub(super) const fn new(pools: Pools, max_body: usize) -> Self {
        Self { pools, max_body }
    }

    /// Sends the request once, and reads the complete answer.
    pub(super) async fn exchange(&self, request: &Request) -> Result<Response, CallFailure> {
        let outgoing = self.prepare(request).await.map_err(unsent)?;
        let mut incoming = if request.body.is_empty() {
            outgoing.send().await
        } else {
            outgoing.send_body(request.body.clone()).await
        }
        .map_err(|error| send_failure(&error, request))?;
        self.read(&mut incoming).await.map_err(|error| CallFailure {
            error,
            nothing_sent: false,
        })
    }

    async fn prepare(&self, request: &Request) -> Result<awc::ClientRequest, TransportError> {
        let uri = address_for_awc(&request.url)?;
        let method = actix_http::Method::from_bytes(request.method.as_str().as_bytes())
            .map_err(|_| TransportError::Broken)?;
        let client = self.pools.client(request.purpose, &request.url).await?;
        let mut outgoing = client.request(method, uri);
        for (name, value) in &request.headers {
            outgoing = outgoing.insert_header(legacy_header(name, value)?);
        }
        Ok(outgoing
            .insert_header((actix_http::header::ACCEPT_ENCODING, "identity"))
            .insert_header((actix_http::header::USER_AGENT, USER_AGENT)))
    }

    async fn read<S>(&self, incoming: &mut ClientResponse<S>) -> Result<Response, TransportError>
    where
        S: futures_util::Stream<Item = Result<actix_web::web::Bytes, PayloadError>>,
    {
        let status =
            StatusCode::from_u16(incoming.status().as_u16()).map_err(|_| TransportError::Broken)?;
        let headers = headers_of(incoming)?;
        if is_encoded(&headers) {
            return Err(TransportError::Broken);
        }
        let body = incoming.body().limit(self.max_body).await;
        let body = body.map_err(|error| payload_error(&error))?.to_vec();
        if is_cut(&headers, body.len()) {
            return Err(TransportError::Closed);
        }
        Ok(Response {
            status,
            headers,
            body,
        })
    }
}

/// Converts a header field to http 0.2, which awc uses. Marks `Authorization` as sensitive, so that no
/// `Debug` output shows it.
fn legacy_header(
    name: &HeaderName,
    value: &HeaderValue,
) -> Result<
    (
        actix_http::header::HeaderName,
        actix_http::header::HeaderValue,
    ),
    TransportError,
> {
    let legacy_name = actix_http::header::HeaderName::from_bytes(name.as_str().as_bytes())
        .map_err(|_| TransportError::Broken)?;
    let mut legacy_value = actix_http::header::HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| TransportError::Broken)?;
    legacy_value.set_sensitive(value.is_sensitive() || name == header::AUTHORIZATION);
    Ok((legacy_name, legacy_value))
}

fn headers_of<S>(incoming: &ClientResponse<S>) -> Result<HeaderMap, TransportError> {
    let mut headers = HeaderMap::new();
    for (name, value) in incoming.headers() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        headers.append(
            name.map_err(|_| TransportError::Broken)?,
            value.map_err(|_| TransportError::Broken)?,
        );
    }
    Ok(headers)
}

/// Whether the body is compressed. The request accepts `identity` only, so that no answer expands in memory.
fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Whether the body is shorter than `Content-Length`. awc reports no error when the connection closes early.
/// A truncated body without a length is invalid JSON, which the reader refuses.
fn is_cut(headers: &HeaderMap, length: usize) -> bool {
    headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
        .is_some_and(|announced| announced != length)
}

fn unsent(error: TransportError) -> CallFailure {
    CallFailure {
        error,
        nothing_sent: true,
    }
}

fn send_failure(error: &SendRequestError, request: &Request) -> CallFailure {
    let (error, nothing_sent) = match error {
        SendRequestError::Connect(ConnectError::Io(error)) => (connect_error(error, request), true),
        SendRequestError::Connect(ConnectError::Disconnected)
        | SendRequestError::Response(ParseError::Incomplete | ParseError::Io(_)) => {
            (TransportError::Closed, false)
        }
        SendRequestError::Connect(_) => (TransportError::Unreachable, true),
        SendRequestError::Send(_) => (TransportError::Unreachable, false),
        SendRequestError::Timeout => (TransportError::Timeout, false),
        _ => (TransportError::Broken, false),
    };
    CallFailure {
        error,
        nothing_sent,
    }
}

fn connect_error(error: &io::Error, request: &Request) -> TransportError {
    let Some(reason) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    else {
        return TransportError::Unreachable;
    };
    let host = request.url.host_str().unwrap_or_default();
    tracing::error!(host, purpose = request.purpose.label(), %reason, "TLS was refused");
    TransportError::Tls
}

fn payload_error(error: &PayloadError) -> TransportError {
    match error {
        PayloadError::Overflow => TransportError::TooLarge,
        PayloadError::Incomplete(_) | PayloadError::Io(_) => TransportError::Closed,
        _ => TransportError::Broken,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::transport::{
        Bounds, CallPurpose,
        test_server::{TestServer, answer},
    };

    #[actix_web::test]
    async fn a_plain_address_does_not_build_the_tls_configuration() {
        let server = TestServer::answering(answer("200 OK", "{}"));
        let pools = Pools::new(&Bounds::default(), Vec::new(), Duration::from_secs(5));
        let client = HttpClient::new(pools, 1 << 20);
        let plain = Request::get(CallPurpose::Keys, server.url("/"));
        assert!(client.exchange(&plain).await.is_ok());
        assert!(!client.pools.has_tls());
    }
}
