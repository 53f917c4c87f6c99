//! Whom we trust to say who a user is.

use url::Url;

use super::{
    Cloud, EndpointHosts, Guid, Problem, Tenant,
    authority_settings::parse_user_flow,
    cloud::EXTERNAL_ID_SUFFIX,
    endpoint_hosts::{host_and_port, is_loopback},
};

/// The authority: where metadata, and with it every endpoint and key, comes from, and which
/// issuers its tokens may name. Immutable, and never rewritten into another one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authority {
    kind: AuthorityKind,
    origin: Url,
}

/// The kinds of authority, which differ in the form of their issuer and in the claims that their
/// tokens must carry.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuthorityKind {
    /// Entra ID in one of its clouds, External ID (also under a custom domain), or a look-alike.
    /// Tokens carry `tid` and `oid`.
    Entra {
        /// Who may sign in.
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

/// The placeholder for the tenant in an issuer of a multi-tenant authority.
pub(crate) const TENANT_PLACEHOLDER: &str = "{tenantid}";

impl Authority {
    /// `origin` has been checked: https, or http on loopback, without path.
    pub(crate) fn new(kind: AuthorityKind, origin: Url) -> Self {
        Self { kind, origin }
    }

    /// Which kind it is.
    pub const fn kind(&self) -> &AuthorityKind {
        &self.kind
    }

    /// Its scheme, host and port.
    pub const fn origin(&self) -> &Url {
        &self.origin
    }

    /// The tenant segment; none for a generic provider.
    pub const fn tenant(&self) -> Option<&Tenant> {
        match &self.kind {
            AuthorityKind::Entra { tenant } | AuthorityKind::UserFlow { tenant, .. } => {
                Some(tenant)
            }
            AuthorityKind::Generic { .. } => None,
        }
    }

    /// Whether users of more than one tenant can arrive: then `AAD_ALLOWED_TENANTS` must be set.
    pub fn is_multi_tenant(&self) -> bool {
        self.tenant().is_some_and(Tenant::is_multi_tenant)
    }

    /// Whether tokens must carry `tid` and `oid`, which then are the user's key. Otherwise it is
    /// (`iss`, `sub`).
    pub const fn has_directory_claims(&self) -> bool {
        matches!(self.kind, AuthorityKind::Entra { .. })
    }

    /// The national cloud; none for External ID, user flows, look-alikes and generic providers.
    pub fn cloud(&self) -> Option<&'static Cloud> {
        match self.kind {
            AuthorityKind::Entra { .. } => Cloud::of_login_host(&host_and_port(&self.origin)),
            AuthorityKind::UserFlow { .. } | AuthorityKind::Generic { .. } => None,
        }
    }

    /// The normalised authority: the key of caches and part of the instance label.
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

    /// Where the metadata document is (OpenID Connect Discovery 1.0 section 4). With `app_id`
    /// the document names the application's own signing keys (`AAD_APP_SIGNING_KEYS`).
    ///
    /// # Errors
    /// When the parts do not make an address, which construction has excluded.
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
        // Under External ID, B2C and custom domains, userinfo and Graph are the global cloud's.
        let cloud = self
            .cloud()
            .or(beyond_known_clouds.then_some(Cloud::GLOBAL));
        let external_id =
            beyond_known_clouds && self.cloud().is_none() && self.has_directory_claims();
        EndpointHosts::new(&self.origin, cloud, external_id)
    }

    /// The issuer of v1 access tokens, with the tenant placeholder; none outside Entra ID.
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
    /// When this is no user-flow authority, or `policy` is not a policy's name.
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

    /// Whether the issuer that metadata announces for `tenant` may be at `url`'s host.
    pub(crate) fn may_issue_from(&self, url: &Url, tenant: Option<&Guid>) -> bool {
        let host = host_and_port(url);
        let same_origin = url.origin() == self.origin.origin();
        let same_cloud = url.scheme() == "https"
            && self
                .cloud()
                .is_some_and(|cloud| cloud.has_login_host(&host));
        same_origin || same_cloud || self.is_external_id_issuer(url, tenant)
    }

    /// External ID names the tenant in the issuer's host, whatever the authority's own host is;
    /// a local look-alike can do so below `localhost`.
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
