//! The provider's metadata document (OpenID Connect Discovery 1.0), read strictly where security
//! depends on it and tolerantly elsewhere.

use url::Url;

use super::{
    Capabilities, Endpoint, Issuer, MetadataError,
    endpoint_checker::EndpointChecker,
    metadata_document::{MetadataDocument, required},
};
use crate::config::{Authority, AuthorityKind, EndpointHosts, Guid, Tenant};

/// What the provider says about itself: checked, so that every address in it may be used.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The issuer that tokens must name.
    pub issuer: Issuer,
    /// The tenant in the issuer, where it names one.
    pub tenant: Option<Guid>,
    /// Where the browser is sent to sign in.
    pub authorization_endpoint: Url,
    /// Where codes and refresh tokens are redeemed.
    pub token_endpoint: Url,
    /// Where the keys are.
    pub jwks_uri: Url,
    /// Where the browser is sent to sign out.
    pub end_session_endpoint: Option<Url>,
    /// The userinfo endpoint.
    pub userinfo_endpoint: Option<Url>,
    /// The revocation endpoint (RFC 7009).
    pub revocation_endpoint: Option<Url>,
    /// Optional endpoints whose address cannot be used: they count as absent.
    pub ignored_endpoints: Vec<Endpoint>,
    /// Optional endpoints at hosts that are not expected: they count as absent too.
    pub foreign_endpoints: Vec<Endpoint>,
    /// The hosts of [`Self::foreign_endpoints`], ready for `AAD_ENDPOINT_HOSTS`.
    pub foreign_hosts: String,
    /// How the application may prove itself at the token endpoint; only `client_secret_basic`
    /// when the document says nothing (OpenID Connect Discovery 1.0 section 3).
    pub client_auth_methods: Vec<ClientAuthMethod>,
    /// What says whether a sign-in can succeed.
    pub capabilities: Capabilities,
    /// `scopes_supported`; none when the document says nothing.
    pub scopes: Option<Vec<String>>,
    /// `prompt_values_supported` (Initiating User Registration 1.0 section 5); none when the document
    /// says nothing.
    pub prompts: Option<Vec<String>>,
    /// Whether authorization responses carry `iss` (RFC 9207).
    pub authorization_response_iss: bool,
    /// Whether front-channel logout is offered, and whether it carries `iss` and `sid`.
    #[cfg_attr(
        not(feature = "unstable-internals"),
        expect(dead_code, reason = "only tests read it")
    )]
    pub frontchannel_logout: (bool, bool),
    /// Whether back-channel logout is offered, and whether it carries `sid`.
    #[cfg_attr(
        not(feature = "unstable-internals"),
        expect(dead_code, reason = "only tests read it")
    )]
    pub backchannel_logout: (bool, bool),
    /// The host of Microsoft Graph, checked like an endpoint's.
    pub graph_host: Option<String>,
    /// The cloud, which a key's own must equal.
    pub cloud_instance_name: Option<String>,
}

/// A way to prove itself at the token endpoint that this crate knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClientAuthMethod {
    /// The secret in the form.
    ClientSecretPost,
    /// The secret in the `Authorization` header.
    ClientSecretBasic,
    /// A signed assertion.
    PrivateKeyJwt,
}

impl ClientAuthMethod {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "client_secret_post" => Some(Self::ClientSecretPost),
            "client_secret_basic" => Some(Self::ClientSecretBasic),
            "private_key_jwt" => Some(Self::PrivateKeyJwt),
            _ => None,
        }
    }
}

impl Metadata {
    /// Reads a metadata document of `authority`. The caller has capped its size.
    ///
    /// # Errors
    /// When it is malformed, its issuer is not one that the authority may announce (issuer-cases
    /// H), or an endpoint is not https at one of `hosts`.
    pub fn parse(
        document: &[u8],
        authority: &Authority,
        hosts: &EndpointHosts,
    ) -> Result<Self, MetadataError> {
        let document = MetadataDocument::parse(document)?;
        let announced = required("issuer", document.issuer.as_ref())?;
        let (issuer, tenant) = check_issuer(announced, authority, hosts)?;
        let mut checker = EndpointChecker::new(authority, hosts);
        let mut optional =
            |endpoint, address: Option<&String>| checker.check_optional(endpoint, address?);
        let end_session_endpoint =
            optional(Endpoint::EndSession, document.end_session_endpoint.as_ref());
        let userinfo_endpoint = optional(Endpoint::Userinfo, document.userinfo_endpoint.as_ref());
        let revocation_endpoint =
            optional(Endpoint::Revocation, document.revocation_endpoint.as_ref());
        let mut needed = |endpoint: Endpoint, address: Option<&String>| {
            checker.check(endpoint, required(endpoint.member(), address)?)
        };
        let mut metadata = Self {
            issuer,
            tenant,
            authorization_endpoint: needed(
                Endpoint::Authorization,
                document.authorization_endpoint.as_ref(),
            )?,
            token_endpoint: needed(Endpoint::Token, document.token_endpoint.as_ref())?,
            jwks_uri: needed(Endpoint::Keys, document.jwks_uri.as_ref())?,
            ignored_endpoints: Vec::new(),
            foreign_endpoints: Vec::new(),
            foreign_hosts: String::new(),
            capabilities: Capabilities::of(&document),
            end_session_endpoint,
            userinfo_endpoint,
            revocation_endpoint,
            client_auth_methods: client_auth_methods(
                document.token_endpoint_auth_methods_supported.as_deref(),
            ),
            scopes: document.scopes_supported,
            prompts: document.prompt_values_supported,
            authorization_response_iss: document
                .authorization_response_iss_parameter_supported
                .unwrap_or_default(),
            frontchannel_logout: (
                document.frontchannel_logout_supported.unwrap_or_default(),
                document
                    .frontchannel_logout_session_supported
                    .unwrap_or_default(),
            ),
            backchannel_logout: (
                document.backchannel_logout_supported.unwrap_or_default(),
                document
                    .backchannel_logout_session_supported
                    .unwrap_or_default(),
            ),
            graph_host: document
                .msgraph_host
                .and_then(|host| checker.graph_host(&host)),
            cloud_instance_name: document.cloud_instance_name,
        };
        let ignored = checker.finish()?;
        metadata.ignored_endpoints = ignored.unusable;
        metadata.foreign_endpoints = ignored.foreign;
        metadata.foreign_hosts = ignored.hosts;
        Ok(metadata)
    }

    /// Says once which optional endpoints count as absent, and what admits them.
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

fn client_auth_methods(supported: Option<&[String]>) -> Vec<ClientAuthMethod> {
    // An empty list says nothing (RFC 8414 section 3.2).
    match supported.unwrap_or_default() {
        [] => vec![ClientAuthMethod::ClientSecretBasic],
        methods => methods
            .iter()
            .filter_map(|method| ClientAuthMethod::parse(method))
            .collect(),
    }
}

/// The issuer and the tenant in it, when `authority` may announce it.
fn check_issuer(
    text: &str,
    authority: &Authority,
    hosts: &EndpointHosts,
) -> Result<(Issuer, Option<Guid>), MetadataError> {
    let issuer = Issuer::parse(text).ok_or(MetadataError::IssuerMalformed)?;
    let mismatch = |expected: String| MetadataError::IssuerMismatch {
        expected,
        found: text.to_owned(),
    };
    let (tenant, suffix) = match authority.kind() {
        AuthorityKind::Generic { issuer: expected } => {
            return if &**expected == text {
                Ok((Issuer::Concrete(text.into()), None))
            } else {
                Err(mismatch(expected.to_string()))
            };
        }
        AuthorityKind::Entra { tenant } => (tenant, "/v2.0"),
        AuthorityKind::UserFlow { tenant, .. } => (tenant, "/v2.0/"),
    };
    let expected = || {
        let origin = authority.origin().origin().ascii_serialization();
        let segment = match tenant {
            Tenant::Id(id) => id.as_str(),
            Tenant::Consumers => Tenant::CONSUMER_ID,
            Tenant::Common | Tenant::Organizations => "{tenantid}",
            Tenant::Domain(_) => "<tenant id>",
        };
        mismatch(format!("{origin}/{segment}{suffix}"))
    };
    let segment = tenant_segment(text, suffix).ok_or_else(expected)?;
    let named = Guid::parse_exact(segment);
    let right_tenant = match tenant {
        Tenant::Id(id) => named.as_ref() == Some(id),
        Tenant::Consumers => segment == Tenant::CONSUMER_ID,
        Tenant::Common | Tenant::Organizations => segment == "{tenantid}",
        // A user flow under a custom domain may keep the domain in its issuer.
        Tenant::Domain(domain) => {
            named.is_some() || (!authority.has_directory_claims() && segment == &**domain)
        }
    };
    // The address is only parsed to look at its host: the text itself is what tokens must equal.
    let address = Url::parse(&text.replace("{tenantid}", "tenant")).map_err(|_| expected())?;
    let right_host = authority.may_issue_from(&address, named.as_ref())
        || (address.scheme() == "https" && hosts.lists(&address));
    if right_tenant && right_host {
        Ok((issuer, named))
    } else {
        Err(expected())
    }
}

/// `T` of `{scheme}://{host}/T{suffix}`.
fn tenant_segment<'a>(issuer: &'a str, suffix: &str) -> Option<&'a str> {
    let (_, rest) = issuer.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    path.strip_suffix(suffix)
        .filter(|segment| !segment.is_empty() && !segment.contains(['/', '?', '#', '@']))
}
