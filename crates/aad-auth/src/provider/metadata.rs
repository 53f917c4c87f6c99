//! The provider's metadata document (OpenID Connect Discovery 1.0), read strictly where security
//! depends on it and tolerantly elsewhere.

use url::Url;

use super::{
    Capabilities, ClientAuthMethod, Endpoint, Issuer, MetadataError,
    endpoint_checker::EndpointChecker,
    issuer_check::check_issuer,
    metadata_document::{MetadataDocument, required},
};
use crate::config::{Authority, EndpointHosts, Guid};

/// The provider's metadata. Every address in it is checked and may be called.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The issuer that tokens must have.
    pub issuer: Issuer,
    /// The tenant in the issuer. `None` where the issuer has none.
    pub tenant: Option<Guid>,
    /// The authorization endpoint.
    pub authorization_endpoint: Url,
    /// The token endpoint.
    pub token_endpoint: Url,
    /// The address of the key set.
    pub jwks_uri: Url,
    /// The end-session endpoint, to which the browser is sent at sign-out.
    pub end_session_endpoint: Option<Url>,
    /// The userinfo endpoint.
    pub userinfo_endpoint: Option<Url>,
    /// The revocation endpoint (RFC 7009).
    pub revocation_endpoint: Option<Url>,
    /// Optional endpoints with an unusable address. They count as absent.
    pub ignored_endpoints: Vec<Endpoint>,
    /// Optional endpoints at unexpected hosts. They count as absent.
    pub foreign_endpoints: Vec<Endpoint>,
    /// The hosts of [`Self::foreign_endpoints`], in the form of `AAD_ENDPOINT_HOSTS`.
    pub foreign_hosts: String,
    /// The client authentication methods of the token endpoint. Only `client_secret_basic` when the
    /// document names none (OpenID Connect Discovery 1.0 section 3).
    pub client_auth_methods: Vec<ClientAuthMethod>,
    /// The members that decide whether a sign-in can succeed.
    pub(crate) capabilities: Capabilities,
    /// `scopes_supported`. `None` when the document does not have it.
    pub scopes: Option<Vec<String>>,
    /// `prompt_values_supported` (Initiating User Registration 1.0 section 5). `None` when the
    /// document does not have it.
    pub prompts: Option<Vec<String>>,
    /// Whether authorization responses carry `iss` (RFC 9207).
    pub authorization_response_iss: bool,
    /// Whether front-channel logout is supported, and whether it carries `iss` and `sid`.
    #[cfg_attr(
        not(feature = "unstable-internals"),
        expect(dead_code, reason = "only tests read it")
    )]
    pub frontchannel_logout: (bool, bool),
    /// Whether back-channel logout is supported, and whether it carries `sid`.
    #[cfg_attr(
        not(feature = "unstable-internals"),
        expect(dead_code, reason = "only tests read it")
    )]
    pub backchannel_logout: (bool, bool),
    /// The host of Microsoft Graph, checked like the host of an endpoint.
    pub graph_host: Option<String>,
    /// The cloud. A key that names a cloud must name this one.
    pub cloud_instance_name: Option<String>,
}

/// The checked endpoints of a document.
struct Endpoints {
    authorization: Url,
    token: Url,
    keys: Url,
    end_session: Option<Url>,
    userinfo: Option<Url>,
    revocation: Option<Url>,
}

impl Metadata {
    /// Reads a metadata document of `authority`. The caller has limited its size.
    ///
    /// # Errors
    /// When the document is malformed, when the authority may not announce its issuer (issuer-cases
    /// H), or when a required endpoint is not https at one of `hosts`.
    pub fn parse(
        document: &[u8],
        authority: &Authority,
        hosts: &EndpointHosts,
    ) -> Result<Self, MetadataError> {
        let document = MetadataDocument::parse(document)?;
        let announced = required("issuer", document.issuer.as_ref())?;
        let (issuer, tenant) = check_issuer(announced, authority, hosts)?;
        let mut checker = EndpointChecker::new(authority, hosts);
        let endpoints = endpoints(&document, &mut checker)?;
        let capabilities = Capabilities::of(&document);
        let graph_host = document
            .msgraph_host
            .and_then(|host| checker.graph_host(&host));
        let ignored = checker.finish()?;
        let flag = |flag: Option<bool>| flag.unwrap_or_default();
        Ok(Self {
            issuer,
            tenant,
            authorization_endpoint: endpoints.authorization,
            token_endpoint: endpoints.token,
            jwks_uri: endpoints.keys,
            end_session_endpoint: endpoints.end_session,
            userinfo_endpoint: endpoints.userinfo,
            revocation_endpoint: endpoints.revocation,
            ignored_endpoints: ignored.unusable,
            foreign_endpoints: ignored.foreign,
            foreign_hosts: ignored.hosts,
            client_auth_methods: ClientAuthMethod::supported(
                document.token_endpoint_auth_methods_supported.as_deref(),
            ),
            capabilities,
            scopes: document.scopes_supported,
            prompts: document.prompt_values_supported,
            authorization_response_iss: flag(
                document.authorization_response_iss_parameter_supported,
            ),
            frontchannel_logout: (
                flag(document.frontchannel_logout_supported),
                flag(document.frontchannel_logout_session_supported),
            ),
            backchannel_logout: (
                flag(document.backchannel_logout_supported),
                flag(document.backchannel_logout_session_supported),
            ),
            graph_host,
            cloud_instance_name: document.cloud_instance_name,
        })
    }

    /// Logs the optional endpoints that count as absent, with the setting that admits them.
    pub(super) fn log_ignored_endpoints(&self) {
        for endpoint in &self.ignored_endpoints {
            tracing::warn!(
                %endpoint,
                "the provider's metadata names an address that cannot be used (it must be https, \
                 absolute and without fragment): the endpoint counts as absent"
            );
        }
        if !self.foreign_endpoints.is_empty() {
            let endpoints = self.foreign_endpoints.iter().map(|one| one.member());
            let endpoints = endpoints.collect::<Vec<_>>().join(", ");
            tracing::warn!(
                endpoints,
                "the provider's metadata names optional endpoints at other hosts: they count as \
                 absent; if the hosts are your provider's, set AAD_ENDPOINT_HOSTS={}",
                self.foreign_hosts
            );
        }
    }
}

/// Checks optional endpoints first, so that one message can name all unexpected hosts.
fn endpoints(
    document: &MetadataDocument,
    checker: &mut EndpointChecker<'_>,
) -> Result<Endpoints, MetadataError> {
    let mut optional =
        |endpoint, address: Option<&String>| checker.check_optional(endpoint, address?);
    let end_session = optional(Endpoint::EndSession, document.end_session_endpoint.as_ref());
    let userinfo = optional(Endpoint::Userinfo, document.userinfo_endpoint.as_ref());
    let revocation = optional(Endpoint::Revocation, document.revocation_endpoint.as_ref());
    let mut needed = |endpoint: Endpoint, address: Option<&String>| {
        checker.check(endpoint, required(endpoint.member(), address)?)
    };
    Ok(Endpoints {
        authorization: needed(
            Endpoint::Authorization,
            document.authorization_endpoint.as_ref(),
        )?,
        token: needed(Endpoint::Token, document.token_endpoint.as_ref())?,
        keys: needed(Endpoint::Keys, document.jwks_uri.as_ref())?,
        end_session,
        userinfo,
        revocation,
    })
}
