//! The authority: the provider whose tokens the application accepts.

use url::Url;

use super::{Cloud, EndpointHosts, Tenant, cloud::EXTERNAL_ID_SUFFIX, user_flow::parse_user_flow};
use crate::config_room::{
    Guid, Problem,
    host::{host_and_port, is_loopback},
};

/// The authority: the provider that users sign in with.
///
/// Its metadata names every endpoint and key. It decides which issuers tokens may name. Immutable.
///
/// See [`AuthorityKind`] for an example.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authority {
    kind: AuthorityKind,
    origin: Url,
}

/// The kinds of authority. They differ in the form of the issuer, and in the claims that tokens must
/// carry.
///
/// ```
/// use aad_auth::config::{AuthorityKind, Config};
///
/// fn describe(config: &Config) -> String {
///     match config.authority.kind() {
///         AuthorityKind::Entra { tenant } => format!("Entra ID, tenant {tenant}"),
///         AuthorityKind::UserFlow { policy, .. } => format!("user flow {policy}"),
///         other => format!("{other:?}"),
///     }
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuthorityKind {
    /// Entra ID in one of its clouds, External ID (also under a custom domain), or an emulator of them.
    /// Tokens carry `tid` and `oid`.
    Entra {
        /// The tenant whose users sign in, or a group of tenants.
        tenant: Tenant,
    },
    /// A user flow of Azure AD B2C: tokens often carry no `tid`.
    UserFlow {
        /// The tenant: an id or a domain.
        tenant: Tenant,
        /// The policy, such as `B2C_1_sign_in`.
        policy: Box<str>,
    },
    /// Any OpenID provider: the issuer is compared character by character.
    Generic {
        /// The issuer identifier.
        issuer: Box<str>,
    },
}

/// The placeholder for the tenant id in an issuer of a multi-tenant authority.
pub(crate) const TENANT_PLACEHOLDER: &str = "{tenantid}";

impl Authority {
    /// `origin` is https, or http on loopback, without a path; the caller has checked it.
    pub(crate) fn new(kind: AuthorityKind, origin: Url) -> Self {
        Self { kind, origin }
    }

    /// The kind of the authority.
    pub const fn kind(&self) -> &AuthorityKind {
        &self.kind
    }

    /// The scheme, host and port of the authority, as an address without a path.
    pub const fn origin(&self) -> &Url {
        &self.origin
    }

    /// The tenant segment. `None` for a generic provider.
    pub const fn tenant(&self) -> Option<&Tenant> {
        match &self.kind {
            AuthorityKind::Entra { tenant } | AuthorityKind::UserFlow { tenant, .. } => {
                Some(tenant)
            }
            AuthorityKind::Generic { .. } => None,
        }
    }

    /// Whether users of more than one tenant can sign in. `AAD_ALLOWED_TENANTS` must be set then.
    pub fn is_multi_tenant(&self) -> bool {
        self.tenant().is_some_and(Tenant::is_multi_tenant)
    }

    /// Whether tokens must carry `tid` and `oid`, which are the user's key then. Otherwise the key is
    /// `iss` and `sub`.
    pub const fn has_directory_claims(&self) -> bool {
        matches!(self.kind, AuthorityKind::Entra { .. })
    }

    /// The national cloud. `None` for External ID, user flows, emulators and generic providers.
    pub(crate) fn cloud(&self) -> Option<&'static Cloud> {
        match self.kind {
            AuthorityKind::Entra { .. } => Cloud::of_login_host(&host_and_port(&self.origin)),
            AuthorityKind::UserFlow { .. } | AuthorityKind::Generic { .. } => None,
        }
    }

    /// The normalised authority, as an address: the key of caches, and part of the instance label.
    pub fn id(&self) -> String {
        let origin = self.origin.origin().ascii_serialization();
        match &self.kind {
            AuthorityKind::Entra { tenant } => format!("{origin}/{tenant}/v2.0"),
            AuthorityKind::UserFlow { tenant, policy } => {
                format!("{origin}/{tenant}/{policy}/v2.0")
            }
            AuthorityKind::Generic { issuer } => issuer.to_string(),
        }
    }

    /// The address of the metadata document (OpenID Connect Discovery 1.0 section 4).
    ///
    /// With `app_id` the document names the application's own signing keys (`AAD_APP_SIGNING_KEYS`).
    ///
    /// # Errors
    /// The parts do not make an address. The constructors exclude that.
    pub(crate) fn metadata_url(&self, app_id: Option<&str>) -> Result<Url, url::ParseError> {
        let id = self.id();
        let base = id.strip_suffix('/').unwrap_or(&id);
        let mut url = Url::parse(&format!("{base}/.well-known/openid-configuration"))?;
        if let Some(app_id) = app_id {
            url.query_pairs_mut().append_pair("appid", app_id);
        }
        Ok(url)
    }

    /// The hosts that the metadata may name, before `AAD_ENDPOINT_HOSTS` adds to them.
    pub fn endpoint_hosts(&self) -> EndpointHosts {
        let beyond_known_clouds = self.tenant().is_some() && !self.is_loopback();
        // External ID, B2C and custom domains use userinfo and Graph of the global cloud.
        let cloud = self
            .cloud()
            .or(beyond_known_clouds.then_some(Cloud::GLOBAL));
        let external_id =
            beyond_known_clouds && self.cloud().is_none() && self.has_directory_claims();
        EndpointHosts::new(&self.origin, cloud, external_id)
    }

    /// The issuer of v1 access tokens, with the placeholder of the tenant id. `None` outside Entra ID.
    pub(crate) fn v1_issuer(&self) -> Option<String> {
        self.has_directory_claims().then(|| {
            self.cloud().map_or_else(
                || {
                    let origin = self.origin.origin().ascii_serialization();
                    format!("{origin}/{TENANT_PLACEHOLDER}/")
                },
                |cloud| cloud.v1_issuer.to_owned(),
            )
        })
    }

    /// The same tenant with another user flow (`AAD_USER_FLOW_EDIT_PROFILE`,
    /// `AAD_USER_FLOW_PASSWORD_RESET`).
    ///
    /// # Errors
    /// A problem of `variable`: the authority has no user flow, or `policy` is not a policy's name.
    pub(crate) fn with_user_flow(
        &self,
        variable: &'static str,
        policy: &str,
    ) -> Result<Self, Problem> {
        let AuthorityKind::UserFlow { tenant, .. } = &self.kind else {
            return Err(Problem::new(
                variable,
                "needs AAD_USER_FLOW, the flow for sign-up and sign-in",
                "B2C_1_edit_profile",
            ));
        };
        let policy = parse_user_flow(variable, policy)?;
        let tenant = tenant.clone();
        Ok(Self::new(
            AuthorityKind::UserFlow { tenant, policy },
            self.origin.clone(),
        ))
    }

    /// Whether the issuer that metadata announces for `tenant` may be at the host of `url`.
    pub(crate) fn may_issue_from(&self, url: &Url, tenant: Option<&Guid>) -> bool {
        let host = host_and_port(url);
        let same_origin = url.origin() == self.origin.origin();
        let same_cloud = url.scheme() == "https"
            && self
                .cloud()
                .is_some_and(|cloud| cloud.has_login_host(&host));
        same_origin || same_cloud || self.is_external_id_issuer(url, tenant)
    }

    /// External ID names the tenant in the issuer's host, also under a custom domain. An emulator can
    /// do so below `localhost`.
    fn is_external_id_issuer(&self, url: &Url, tenant: Option<&Guid>) -> bool {
        let Some(tenant) = tenant else { return false };
        if !self.has_directory_claims() || self.cloud().is_some() {
            return false;
        }
        let host = url.host_str().unwrap_or_default();
        let suffix = host.strip_prefix(tenant.as_str()).unwrap_or_default();
        if self.is_loopback() {
            suffix == ".localhost" && url.port() == self.origin.port()
        } else {
            url.scheme() == "https" && url.port().is_none() && suffix == EXTERNAL_ID_SUFFIX
        }
    }

    fn is_loopback(&self) -> bool {
        is_loopback(&self.origin)
    }
}
