//! One POST to the token endpoint, with the application's credential, and its typed answer.

use std::{future::Future, pin::Pin, time::Instant};

use http::StatusCode;
use openidconnect::{
    AsyncHttpClient, AuthType, Client, ClientId, ClientSecret, EmptyAdditionalClaims,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet,
    RequestTokenError, StandardErrorResponse, TokenUrl,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse,
    },
};
use url::Url;

use crate::{
    client_auth::{ClientCredential, CredentialError, Proof},
    config::ClientAuth,
    provider::{ClientAuthMethod, Fault, Metadata, ProviderClock},
    secret::ExposeSecret,
    transport::{CallPurpose, OidcClient, Transport, is_json, retry_after, without_bom},
};

use super::{
    BrokenAnswer, GrantError, TokenResponse, Unavailability,
    response::{Body, MEMBERS},
};

/// Where tokens are asked for, as the metadata says.
#[derive(Clone, Debug)]
pub struct TokenEndpoint {
    /// `token_endpoint`.
    pub url: Url,
    /// How the application may prove itself there.
    pub auth_methods: Vec<ClientAuthMethod>,
}

impl From<&Metadata> for TokenEndpoint {
    fn from(metadata: &Metadata) -> Self {
        Self {
            url: metadata.token_endpoint.clone(),
            auth_methods: metadata.client_auth_methods.clone(),
        }
    }
}

/// Asks for tokens in the application's name. Cheap to clone.
#[derive(Clone)]
pub struct TokenClient {
    transport: Transport,
    pub(super) client_id: ClientId,
    pub(super) credential: ClientCredential,
    provider_clock: Option<ProviderClock>,
}

/// A kind of grant: how it becomes a request of openidconnect.
pub(super) trait Grant: Sync {
    /// Which share of the calls the request belongs to.
    const PURPOSE: CallPurpose;

    fn send<'c>(&'c self, client: &'c WireClient, http: &'c TokenHttp) -> Answer<'c>;
}

pub(super) type Answer<'c> = Pin<
    Box<dyn Future<Output = Result<Body, RequestTokenError<GrantError, WireError>>> + Send + 'c>,
>;
type WireError = StandardErrorResponse<CoreErrorResponseType>;
pub(super) type WireClient = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    WireError,
    Body,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

impl TokenClient {
    /// A client for the application `client_id`.
    pub fn new(transport: Transport, client_id: &str, credential: ClientCredential) -> Self {
        Self {
            transport,
            client_id: ClientId::new(client_id.to_owned()),
            credential,
            provider_clock: None,
        }
    }

    /// Measures the provider's clock by each answer.
    #[must_use]
    pub fn with_provider_clock(mut self, provider_clock: ProviderClock) -> Self {
        self.provider_clock = Some(provider_clock);
        self
    }

    /// Sends the grant with the first proof; with the next one, or by the other method, when that
    /// is refused. A provider looks at the credential before the grant (RFC 6749 sections 3.2.1 and
    /// 4.1.3; Ory Hydra and Authelia do), so that the grant is not used up by that. Where one uses it
    /// up nevertheless, the error says so, and what is remembered makes the next grant work.
    pub(super) async fn request<G: Grant>(
        &self,
        endpoint: &TokenEndpoint,
        grant: &G,
    ) -> Result<TokenResponse, GrantError> {
        let http = self.http(G::PURPOSE);
        let (mut refusal, begun) = (None, Instant::now());
        for way in self.credential.ways(&endpoint.auth_methods)? {
            // So that all of them together take no longer than two calls.
            if begun.elapsed() >= self.transport.deadline() {
                break;
            }
            let proof = self.credential.proof(way)?;
            let client = wire_client(endpoint, self.client_id.clone(), &proof);
            let answer = grant.send(&client, &http).await.map_err(grant_error);
            match answer {
                Err(GrantError::Refused(fault)) if fault.refuses_credential() => {
                    refusal.get_or_insert(fault);
                }
                Err(GrantError::Refused(fault)) => {
                    self.credential.accept(way, &endpoint.auth_methods);
                    return Err(match refusal {
                        None => GrantError::Refused(fault),
                        Some(_) => GrantError::Spent(fault),
                    });
                }
                Err(error) => return Err(error),
                Ok(body) => {
                    self.credential.accept(way, &endpoint.auth_methods);
                    return body.check().map_err(GrantError::Broken);
                }
            }
        }
        self.credential.refuse();
        let fault = refusal.ok_or(CredentialError::Missing)?;
        tracing::error!(
            %fault,
            "the provider refused the client credential: renew AAD_CLIENT_SECRET, or set \
             AAD_CLIENT_AUTH to the method that the client is registered for"
        );
        Err(GrantError::Refused(fault))
    }

    pub(super) fn http(&self, purpose: CallPurpose) -> TokenHttp {
        TokenHttp {
            client: OidcClient::new(self.transport.clone(), purpose),
            provider_clock: self.provider_clock.clone(),
        }
    }
}

fn wire_client(endpoint: &TokenEndpoint, client_id: ClientId, proof: &Proof<'_>) -> WireClient {
    // Issuer and keys are for openidconnect's own verifier, which is not used here.
    let issuer = IssuerUrl::from_url(endpoint.url.clone());
    let client = Client::new(client_id, issuer, JsonWebKeySet::default())
        .set_token_uri(TokenUrl::from_url(endpoint.url.clone()));
    match proof {
        Proof::Secret(method, secret) => client
            .set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
            .set_auth_type(match method {
                ClientAuth::SecretPost => AuthType::RequestBody,
                ClientAuth::SecretBasic => AuthType::BasicAuth,
            }),
    }
}

/// The transport as openidconnect sees it at the token endpoint: it lets only a success answer
/// through, and turns every other one into our own error, which keeps what openidconnect's drops
/// (AADSTS numbers, claims challenge, `Retry-After`) and drops what its keeps (the body).
#[derive(Clone)]
pub(super) struct TokenHttp {
    client: OidcClient,
    provider_clock: Option<ProviderClock>,
}

impl TokenHttp {
    /// One request, whose answer the caller looks at.
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
        // Also with status 200: an answer that names an error is none that brings a token.
        Some(fault) if accepted || status.is_client_error() => Err(GrantError::Refused(fault)),
        _ if !accepted => Err(broken(BrokenAnswer::Status(status.as_u16()))),
        _ if response.body().is_empty() => Err(broken(BrokenAnswer::Empty)),
        _ if !is_json(response.headers()) => Err(broken(BrokenAnswer::MediaType)),
        _ if !is_object(without_bom(response.body())) => Err(broken(BrokenAnswer::Json)),
        _ => Ok(response.map(|mut body| {
            let mark = body.len() - without_bom(&body).len();
            body.drain(..mark);
            body
        })),
    }
}

/// serde would read a struct from a JSON array too, member by member.
fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

fn broken(answer: BrokenAnswer) -> GrantError {
    GrantError::Broken(answer)
}

/// openidconnect's `Parse` carries the whole body, tokens included: it ends here.
fn grant_error(error: RequestTokenError<GrantError, WireError>) -> GrantError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(error, _body) => broken(wrong_member(&error.path().to_string())),
        RequestTokenError::ServerResponse(_) | RequestTokenError::Other(_) => {
            broken(BrokenAnswer::Json)
        }
    }
}

fn wrong_member(path: &str) -> BrokenAnswer {
    MEMBERS
        .into_iter()
        .find(|member| *member == path)
        .map_or(BrokenAnswer::Json, BrokenAnswer::Member)
}
