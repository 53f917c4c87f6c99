//! Host, tenant and user flow, and the authority that they make together.

use url::Url;

use super::{
    Authority, AuthorityKind, Cloud, Tenant,
    cloud::{EXTERNAL_ID_SUFFIX, USER_FLOW_SUFFIX},
    secure_url::parse_secure_url,
    user_flow::USER_FLOW_EXAMPLE,
};
use crate::config_room::{Guid, Problem};

pub(super) const TENANT_ID: &str = "AAD_TENANT_ID";
pub(super) const USER_FLOW: &str = "AAD_USER_FLOW";
const HOST: &str = "AAD_AUTHORITY_HOST";
const HOST_EXAMPLE: &str = "https://login.microsoftonline.us";
const TENANT_EXAMPLE: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";

/// Parses `AAD_AUTHORITY_HOST`: scheme, host and, if it is not the usual one, port.
pub(super) fn parse_host(text: &str) -> Result<Url, Problem> {
    let url = parse_secure_url(HOST, HOST_EXAMPLE, text)?;
    if url.path() != "/" || url.query().is_some() || text.ends_with('?') {
        return Err(Problem::new(
            HOST,
            "must be a scheme and host only; the tenant goes into AAD_TENANT_ID, a user flow into \
             AAD_USER_FLOW",
            HOST_EXAMPLE,
        ));
    }
    Ok(url)
}

/// Parses the tenant. Where `text` is `None`, it is the initial domain of an External ID or B2C host.
pub(super) fn parse_tenant(text: Option<&str>, host: Option<&str>) -> Result<Tenant, Problem> {
    let inferred = host
        .and_then(|host| {
            host.strip_suffix(EXTERNAL_ID_SUFFIX)
                .or_else(|| host.strip_suffix(USER_FLOW_SUFFIX))
        })
        .map(|name| {
            // External ID also answers under the tenant's id as its label.
            if Guid::is_canonical(name) {
                name.to_owned()
            } else {
                format!("{name}.onmicrosoft.com")
            }
        });
    text.or(inferred.as_deref())
        .ok_or("is not set: it says whose users sign in")
        .and_then(|text| Tenant::parse(text).ok_or("is not a tenant"))
        .map_err(|fault| {
            let rule = format!(
                "{fault}; it must be the directory (tenant) id or a verified domain, or one of \
                 common, organizations, consumers"
            );
            Problem::new(TENANT_ID, rule, TENANT_EXAMPLE)
        })
}

/// Makes an authority of its parts.
///
/// # Errors
/// The parts contradict each other, or a user flow is missing.
pub(super) fn assemble(
    origin: Url,
    tenant: Tenant,
    flow: Option<Box<str>>,
) -> Result<Authority, Problem> {
    check_parts(
        origin.host_str().unwrap_or_default(),
        &tenant,
        flow.is_some(),
    )?;
    let kind = match flow {
        Some(policy) => AuthorityKind::UserFlow { tenant, policy },
        None => AuthorityKind::Entra { tenant },
    };
    Ok(Authority::new(kind, origin))
}

fn check_parts(host: &str, tenant: &Tenant, has_flow: bool) -> Result<(), Problem> {
    let is_single = matches!(tenant, Tenant::Id(_) | Tenant::Domain(_));
    if !is_single && host.ends_with(EXTERNAL_ID_SUFFIX) {
        return Err(Problem::new(
            TENANT_ID,
            "must be the tenant's id or domain: External ID has no common endpoint",
            TENANT_EXAMPLE,
        ));
    }
    if has_flow && !is_single {
        return Err(Problem::new(
            TENANT_ID,
            "must be the tenant's id or domain when AAD_USER_FLOW is set",
            "contoso.onmicrosoft.com",
        ));
    }
    if has_flow && Cloud::of_login_host(host).is_some() {
        return Err(Problem::new(
            USER_FLOW,
            "needs AAD_AUTHORITY_HOST to be the host of the user flows: \
             https://<name>.b2clogin.com or your custom domain",
            USER_FLOW_EXAMPLE,
        ));
    }
    if !has_flow && host.ends_with(USER_FLOW_SUFFIX) {
        return Err(Problem::new(
            USER_FLOW,
            "must name the user flow for sign-up and sign-in when AAD_AUTHORITY_HOST is a \
             b2clogin.com host",
            USER_FLOW_EXAMPLE,
        ));
    }
    Ok(())
}
