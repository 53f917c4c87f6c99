//! The HTTP client of the token endpoint.

use std::{future::Future, pin::Pin, time::Instant};

use http::StatusCode;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::{BrokenAnswer, GrantError, Unavailability};
use crate::{
    provider::{Fault, ProviderClock},
    transport::{OidcClient, is_json, retry_after, without_bom},
};

/// The HTTP client for openidconnect at the token endpoint. It returns success answers only. Other answers
/// become a [`GrantError`], which keeps AADSTS numbers, claims challenge and `Retry-After`, and drops the
/// body. openidconnect's own error does the opposite.
#[derive(Clone)]
pub(super) struct TokenHttp {
    client: OidcClient,
    provider_clock: Option<ProviderClock>,
}

impl TokenHttp {
    pub(super) const fn new(client: OidcClient, provider_clock: Option<ProviderClock>) -> Self {
        Self {
            client,
            provider_clock,
        }
    }

    /// Sends one request, and returns its answer with any status.
    pub(super) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, GrantError> {
        let sent = Instant::now();
        let response = self.client.call(request).await?;
        if let Some(clock) = &self.provider_clock {
            clock.measure(response.status(), response.headers(), sent);
        }
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for TokenHttp {
    type Error = GrantError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, GrantError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { inspect(self.send(request).await?) })
    }
}

fn inspect(response: HttpResponse) -> Result<HttpResponse, GrantError> {
    let status = response.status();
    let fault = Fault::of_answer(status, response.body()).map(Box::new);
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(GrantError::Unavailable {
            cause: fault.map_or(
                Unavailability::Status(status.as_u16()),
                Unavailability::Fault,
            ),
            retry_after: retry_after(response.headers()),
        });
    }
    let accepted = status == StatusCode::OK;
    match fault {
        Some(fault) if fault.is_transient() => Err(GrantError::Unavailable {
            retry_after: retry_after(response.headers()).or(fault.usual_pause()),
            cause: Unavailability::Fault(fault),
        }),
        // Also with status 200: an answer with an error has no token.
        Some(fault) if accepted || status.is_client_error() => Err(GrantError::Refused(fault)),
        _ if !accepted => Err(GrantError::Broken(BrokenAnswer::Status(status.as_u16()))),
        _ if response.body().is_empty() => Err(GrantError::Broken(BrokenAnswer::Empty)),
        _ if !is_json(response.headers()) => Err(GrantError::Broken(BrokenAnswer::MediaType)),
        _ if !is_object(without_bom(response.body())) => {
            Err(GrantError::Broken(BrokenAnswer::Json))
        }
        _ => Ok(response.map(|mut body| {
            let mark = body.len() - without_bom(&body).len();
            body.drain(..mark);
            body
        })),
    }
}

/// serde accepts a JSON array for a struct.
fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}
