//! Requests to the token endpoint, with the client credential.

use std::{future::Future, pin::Pin, time::Instant};

use openidconnect::{
    AuthType, Client, ClientId, ClientSecret, EmptyAdditionalClaims, EndpointNotSet, EndpointSet,
    IssuerUrl, JsonWebKeySet, RequestTokenError, StandardErrorResponse, TokenUrl,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse,
    },
};
use url::Url;

use crate::{
    client_auth::{CREDENTIAL_REFUSED, ClientCredential, CredentialError, Proof},
    config::ClientAuth,
    provider::{ClientAuthMethod, Metadata, ProviderClock},
    secret::ExposeSecret,
    transport::{CallPurpose, OidcClient, Transport},
};

use super::{
    BrokenAnswer, GrantError, TokenResponse,
    response::{MEMBERS, TokenBody},
    token_http::TokenHttp,
};

/// The token endpoint, by the metadata.
#[derive(Clone, Debug)]
pub struct TokenEndpoint {
    /// `token_endpoint`.
    pub url: Url,
    /// Its client authentication methods.
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

/// A client of the token endpoint, with the client credential. Cheap to clone.
#[derive(Clone)]
pub struct TokenClient {
    transport: Transport,
    pub(super) client_id: ClientId,
    pub(super) credential: ClientCredential,
    provider_clock: Option<ProviderClock>,
}

/// A grant, and its conversion into a request of openidconnect.
pub(super) trait Grant: Sync {
    /// The purpose of the call.
    const PURPOSE: CallPurpose;

    fn send<'c>(&'c self, client: &'c WireClient, http: &'c TokenHttp) -> GrantFuture<'c>;
}

pub(super) type GrantFuture<'c> = Pin<
    Box<
        dyn Future<Output = Result<TokenBody, RequestTokenError<GrantError, WireError>>>
            + Send
            + 'c,
    >,
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
    TokenBody,
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
    /// Creates a client for the application `client_id`.
    pub fn new(transport: Transport, client_id: &str, credential: ClientCredential) -> Self {
        Self {
            transport,
            client_id: ClientId::new(client_id.to_owned()),
            credential,
            provider_clock: None,
        }
    }

    /// This client, which measures the provider's clock by each answer.
    #[must_use]
    pub(crate) fn with_provider_clock(mut self, provider_clock: ProviderClock) -> Self {
        self.provider_clock = Some(provider_clock);
        self
    }

    /// Sends the grant with each credential and method in turn until the provider accepts one. A provider
    /// checks the credential before the grant (RFC 6749 sections 3.2.1 and 4.1.3; Ory Hydra and Authelia
    /// do), so that a refused credential does not use up the grant. Where a provider uses it up anyway, the
    /// error is [`GrantError::Spent`], and the next grant starts with the accepted credential.
    pub(super) async fn request<G: Grant>(
        &self,
        endpoint: &TokenEndpoint,
        grant: &G,
    ) -> Result<TokenResponse, GrantError> {
        let http = self.http(G::PURPOSE);
        let (mut refusal, begun) = (None, Instant::now());
        for choice in self.credential.choices(&endpoint.auth_methods)? {
            // Limits all attempts together to the duration of two calls.
            if begun.elapsed() >= self.transport.deadline() {
                break;
            }
            let proof = self.credential.proof(choice)?;
            let client = wire_client(endpoint, self.client_id.clone(), &proof);
            let answer = grant.send(&client, &http).await.map_err(grant_error);
            match answer {
                Err(GrantError::Refused(fault)) if fault.refuses_credential() => {
                    refusal.get_or_insert(fault);
                }
                Err(GrantError::Refused(fault)) => {
                    self.credential.accept(choice, &endpoint.auth_methods);
                    return Err(match refusal {
                        None => GrantError::Refused(fault),
                        Some(_) => GrantError::Spent(fault),
                    });
                }
                Err(error) => return Err(error),
                Ok(body) => {
                    self.credential.accept(choice, &endpoint.auth_methods);
                    return body.check().map_err(GrantError::Broken);
                }
            }
        }
        self.credential.refuse();
        let fault = refusal.ok_or(CredentialError::Missing)?;
        tracing::error!(%fault, "{CREDENTIAL_REFUSED}");
        Err(GrantError::Refused(fault))
    }

    pub(super) fn http(&self, purpose: CallPurpose) -> TokenHttp {
        let client = OidcClient::new(self.transport.clone(), purpose);
        TokenHttp::new(client, self.provider_clock.clone())
    }
}

fn wire_client(endpoint: &TokenEndpoint, client_id: ClientId, proof: &Proof<'_>) -> WireClient {
    // Only openidconnect's own verifier uses issuer and keys, and it is not used here.
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

/// Converts an error of openidconnect, without the body: `Parse` has all tokens in it.
fn grant_error(error: RequestTokenError<GrantError, WireError>) -> GrantError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(error, _body) => {
            GrantError::Broken(wrong_member(&error.path().to_string()))
        }
        RequestTokenError::ServerResponse(_) | RequestTokenError::Other(_) => {
            GrantError::Broken(BrokenAnswer::Json)
        }
    }
}

fn wrong_member(path: &str) -> BrokenAnswer {
    MEMBERS
        .into_iter()
        .find(|member| *member == path)
        .map_or(BrokenAnswer::Json, BrokenAnswer::Member)
}
