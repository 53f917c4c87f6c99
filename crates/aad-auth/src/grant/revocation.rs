//! Revocation of refresh tokens (RFC 7009).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, Method, StatusCode, header};
use openidconnect::HttpRequest;
use url::form_urlencoded;

use super::{
    BrokenAnswer, GrantError, Unavailability,
    token_request::{TokenClient, TokenEndpoint},
};
use crate::{
    client_auth::{CredentialError, Proof},
    config::ClientAuth,
    provider::Fault,
    secret::{ExposeSecret, Secret},
    transport::CallPurpose,
};

impl TokenClient {
    /// Revokes a refresh token and the tokens issued for it (RFC 7009 section 2.1). `endpoint` is the
    /// revocation endpoint, with the client authentication of the token endpoint. An unknown token is no
    /// error (section 2.2).
    ///
    /// # Errors
    /// A [`GrantError`]. The token may still be valid then.
    pub async fn revoke(
        &self,
        endpoint: &TokenEndpoint,
        refresh_token: &Secret,
    ) -> Result<(), GrantError> {
        let http = self.http(CallPurpose::Revocation);
        let mut refusal = GrantError::Credential(CredentialError::Missing);
        for choice in self.credential.choices(&endpoint.auth_methods)? {
            let proof = self.credential.proof(choice)?;
            let request = request(endpoint, &self.client_id, &proof, refresh_token)?;
            let answer = http.send(request).await?;
            let status = answer.status();
            if status == StatusCode::OK {
                return Ok(());
            }
            let fault = Fault::of_answer(status, answer.body());
            refusal = match fault.map(Box::new) {
                Some(fault) if fault.refuses_credential() => GrantError::Refused(fault),
                Some(fault) if status.is_client_error() => return Err(GrantError::Refused(fault)),
                _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                    return Err(GrantError::Unavailable {
                        cause: Unavailability::Status(status.as_u16()),
                        retry_after: None,
                    });
                }
                _ => return Err(GrantError::Broken(BrokenAnswer::Status(status.as_u16()))),
            };
        }
        Err(refusal)
    }
}

/// Builds the request without openidconnect, which revokes over https only: a provider on loopback may use
/// http. The address was checked with the metadata.
fn request(
    endpoint: &TokenEndpoint,
    client_id: &str,
    proof: &Proof<'_>,
    refresh_token: &Secret,
) -> Result<HttpRequest, GrantError> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", refresh_token.expose_secret())
        .append_pair("token_type_hint", "refresh_token");
    let mut request = http::Request::builder()
        .method(Method::POST)
        .uri(endpoint.url.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    match proof {
        Proof::Secret(ClientAuth::SecretPost, secret) => {
            form.append_pair("client_id", client_id)
                .append_pair("client_secret", secret.expose_secret());
        }
        Proof::Secret(ClientAuth::SecretBasic, secret) => {
            request = request.header(header::AUTHORIZATION, basic(client_id, secret)?);
        }
    }
    request
        .body(form.finish().into_bytes())
        .map_err(|_| GrantError::Broken(BrokenAnswer::Empty))
}

/// The `Authorization` header. Both parts are form-encoded first (RFC 6749 section 2.3.1).
fn basic(client_id: &str, secret: &Secret) -> Result<HeaderValue, GrantError> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(client_id), encode(secret.expose_secret()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
        .map_err(|_| GrantError::Credential(CredentialError::MalformedSecret))?;
    value.set_sensitive(true);
    Ok(value)
}
