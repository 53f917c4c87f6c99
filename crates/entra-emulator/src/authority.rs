//! The authority that a path names, and its issuer.

use actix_web::HttpRequest;

use crate::aadsts::Refusal;
use crate::directory::{Application, CONSUMER_TENANT, Directory, Tenant, TenantKind, User};
use crate::http::{Origin, Params};

/// The authority of a request: a tenant, a B2C user flow, `common` or `organizations`.
#[derive(Clone, Debug)]
pub(crate) struct Authority {
    pub(crate) audience: Audience,
    /// The path before `/oauth2/…`; the id of a tenant replaces its domain, except at B2C.
    pub(crate) segment: String,
    /// The user flow; `None` unless the authority is a B2C tenant.
    pub(crate) policy: Option<String>,
}

/// The accounts that an authority accepts.
#[derive(Clone, Debug)]
pub(crate) enum Audience {
    /// Accounts of one tenant.
    Tenant(Tenant),
    /// All work tenants and personal accounts.
    Common,
    /// All work tenants.
    Organizations,
}

impl Authority {
    /// Reads the authority from the request's path (`tenant`, and `policy` where the route has one).
    pub(crate) fn of(request: &HttpRequest, directory: &Directory) -> Result<Self, Refusal> {
        let name = request.match_info().get("tenant").unwrap_or_default();
        let policy = request
            .match_info()
            .get("policy")
            .or_else(|| policy_parameter(request));
        Self::named(name, policy, directory)
    }

    /// Finds the authority of a tenant name and a user flow.
    pub(crate) fn named(
        name: &str,
        policy: Option<&str>,
        directory: &Directory,
    ) -> Result<Self, Refusal> {
        let without_flow = |audience, segment: &str| Self {
            audience,
            segment: segment.to_owned(),
            policy: None,
        };
        match name.to_ascii_lowercase().as_str() {
            "common" => return Ok(without_flow(Audience::Common, "common")),
            "organizations" => return Ok(without_flow(Audience::Organizations, "organizations")),
            _ => {}
        }
        let id = if name.eq_ignore_ascii_case("consumers") {
            CONSUMER_TENANT
        } else {
            name
        };
        let tenant = directory
            .tenant(id)
            .ok_or_else(|| unknown_tenant(name))?
            .clone();
        if tenant.kind == TenantKind::B2c {
            return Self::user_flow(tenant, name, policy);
        }
        let segment = if id == name {
            tenant.id.clone()
        } else {
            "consumers".to_owned()
        };
        policy
            .is_none()
            .then(|| without_flow(Audience::Tenant(tenant), &segment))
            .ok_or_else(|| unknown_tenant(name))
    }

    fn user_flow(tenant: Tenant, name: &str, policy: Option<&str>) -> Result<Self, Refusal> {
        let known = policy.and_then(|policy| {
            tenant
                .policies
                .iter()
                .find(|known| known.eq_ignore_ascii_case(policy))
        });
        let policy = known.cloned().ok_or_else(|| {
            Refusal::invalid_request(
                90_100,
                "The user flow in the path does not exist in this directory.",
            )
            .advise(format!(
                "Name one of the user flows of the tenant: {}.",
                tenant.policies.join(", ")
            ))
        })?;
        let segment = format!("{name}/{policy}");
        Ok(Self {
            audience: Audience::Tenant(tenant),
            segment,
            policy: Some(policy),
        })
    }

    pub(crate) fn tenant(&self) -> Option<&Tenant> {
        match &self.audience {
            Audience::Tenant(tenant) => Some(tenant),
            Audience::Common | Audience::Organizations => None,
        }
    }

    pub(crate) fn is_consumers(&self) -> bool {
        self.tenant()
            .is_some_and(|tenant| tenant.kind == TenantKind::Consumers)
    }

    /// Finds a user by object id, sign-in name or e-mail address, first in the tenant of the authority.
    pub(crate) fn find_user<'a>(&self, name: &str, directory: &'a Directory) -> Option<&'a User> {
        let tenant = self.tenant().map(|tenant| tenant.id.as_str());
        directory
            .find_user(name, tenant)
            .or_else(|| directory.find_user(name, None))
    }

    /// Tells whether the authority accepts the account, for any application.
    pub(crate) fn admits(&self, user: &User, directory: &Directory) -> bool {
        let kind = directory.tenant(&user.tenant).map(|tenant| tenant.kind);
        match &self.audience {
            Audience::Tenant(tenant) => tenant.id == user.tenant,
            Audience::Common => matches!(kind, Some(TenantKind::Workforce | TenantKind::Consumers)),
            Audience::Organizations => kind == Some(TenantKind::Workforce),
        }
    }

    /// Returns the issuer of the discovery document; authorities for many tenants have a template.
    pub(crate) fn issuer(&self, origin: &Origin) -> String {
        match self.tenant() {
            Some(tenant) => issuer(origin, tenant),
            None => issuer_template(origin),
        }
    }

    /// Returns the base of the endpoints: `{origin}/{segment}`.
    pub(crate) fn base(&self, origin: &Origin) -> String {
        format!("{}/{}", origin.url(), self.segment)
    }

    /// Finds the client that a request names, and checks that it may use this authority.
    pub(crate) fn client(
        &self,
        params: &Params,
        directory: &Directory,
    ) -> Result<Application, Refusal> {
        let client_id = params.require("client_id")?;
        let application = directory
            .application(client_id)
            .ok_or_else(|| unknown_application(client_id, &self.segment))?;
        self.check_application(application)?;
        Ok(application.clone())
    }

    fn check_application(&self, application: &Application) -> Result<(), Refusal> {
        let name = &application.display_name;
        match &self.audience {
            Audience::Common | Audience::Organizations if !application.is_multi_tenant() => Err(Refusal::new(
                "invalid_request",
                50_194,
                format!("Application '{}' ({name}) is not configured as a multi-tenant application. Usage of the /{} endpoint is not supported for such applications.", application.app_id, self.segment),
            )
            .advise(format!("Use the authority of the tenant ({}), or change signInAudience to AzureADMultipleOrgs.", application.tenant))),
            Audience::Tenant(_) if self.is_consumers() && !application.allows_personal_accounts() => Err(Refusal::new(
                "invalid_request",
                9_002_332,
                format!("Application '{}' ({name}) is configured for use by work and school accounts only.", application.app_id),
            )
            .advise("Change signInAudience to AzureADandPersonalMicrosoftAccount, or do not use /consumers.")),
            Audience::Tenant(_) if !self.is_consumers() && !application.allows_work_accounts() => Err(Refusal::new(
                "invalid_request",
                9_002_331,
                format!("Application '{}' ({name}) is configured for use by personal accounts only.", application.app_id),
            )
            .advise("Use the /consumers authority.")),
            Audience::Tenant(tenant) if tenant.id != application.tenant && !application.is_multi_tenant() && !self.is_consumers() => {
                Err(unknown_application(&application.app_id, &tenant.id))
            }
            _ => Ok(()),
        }
    }
}

/// Returns the issuer of a tenant's v2 tokens.
pub(crate) fn issuer(origin: &Origin, tenant: &Tenant) -> String {
    let (url, id) = (origin.url(), &tenant.id);
    match tenant.kind {
        TenantKind::Workforce | TenantKind::Consumers => format!("{url}/{id}/v2.0"),
        // As on the platform, the host is not the one that clients configure. No client connects to it.
        TenantKind::ExternalId => {
            let scheme = if origin.is_tls() { "https" } else { "http" };
            format!(
                "{scheme}://{id}.localhost{}/{id}/v2.0",
                origin.port_suffix()
            )
        }
        TenantKind::B2c => format!("{url}/{id}/v2.0/"),
    }
}

/// Returns the literal issuer of authorities for many tenants.
pub(crate) fn issuer_template(origin: &Origin) -> String {
    format!("{}/{{tenantid}}/v2.0", origin.url())
}

/// Returns the issuer of v1 tokens, at the emulator's own host; on the platform they have a host of their own.
pub(crate) fn issuer_v1(origin: &Origin, tid: &str) -> String {
    format!("{}/{tid}/", origin.url())
}

fn unknown_application(app_id: &str, tenant: &str) -> Refusal {
    Refusal::new(
        "unauthorized_client",
        700_016,
        format!(
            "Application with identifier '{app_id}' was not found in the directory '{tenant}'."
        ),
    )
    .advise("Compare client id and tenant with the applications on the emulator's start page.")
}

fn unknown_tenant(name: &str) -> Refusal {
    Refusal::new(
        "invalid_tenant",
        90_002,
        format!("Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."),
    )
    .advise("Compare the tenant with the ones on the emulator's start page.")
}

/// Reads the older form of a B2C authority: `?p={policy}`.
fn policy_parameter(request: &HttpRequest) -> Option<&str> {
    request
        .query_string()
        .split('&')
        .find_map(|pair| pair.strip_prefix("p="))
}
