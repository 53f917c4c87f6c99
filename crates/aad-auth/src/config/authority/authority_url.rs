//! Parsing of `AAD_AUTHORITY`.

use url::Url;

use super::{
    Authority, AuthorityKind, Cloud,
    authority_parts::{assemble, parse_tenant},
    cloud::{EXTERNAL_ID_SUFFIX, USER_FLOW_SUFFIX},
    secure_url::parse_secure_url,
    user_flow::parse_user_flow,
};
use crate::config::Problem;

const AUTHORITY: &str = "AAD_AUTHORITY";
const EXAMPLE: &str = "https://id.example.com/realms/staff";

/// Parses `AAD_AUTHORITY`: the issuer of any OpenID provider.
///
/// On Microsoft's own hosts, where issuer and authority differ, the text is split into host, tenant
/// and user flow.
pub(super) fn parse_authority(text: &str, user_flow: Option<&str>) -> Result<Authority, Problem> {
    let url = parse_secure_url(AUTHORITY, EXAMPLE, text)?;
    let host = url.host_str().unwrap_or_default();
    let known = Cloud::of_login_host(host).is_some()
        || host.ends_with(EXTERNAL_ID_SUFFIX)
        || host.ends_with(USER_FLOW_SUFFIX);
    if known && url.port().is_none() {
        parse_known(&url, user_flow)
    } else {
        parse_generic(text, &url, user_flow)
    }
}

/// Parses `https://{host}[/tfp][/{tenant}[/{policy}]][/v2.0]`. Of the query only the older
/// `?p={policy}` is read.
fn parse_known(url: &Url, user_flow: Option<&str>) -> Result<Authority, Problem> {
    let segments = path_segments(url)?;
    let in_query = url.query_pairs().find(|(name, _)| name == "p");
    let in_query = in_query.as_ref().map(|(_, policy)| policy.as_ref());
    let (tenant, policy) = match segments.as_slice() {
        [] => (None, in_query),
        [tenant] => (Some(*tenant), in_query),
        [tenant, policy] if in_query.is_none() => (Some(*tenant), Some(*policy)),
        _ => return Err(invalid("has more path segments than tenant and user flow")),
    };
    let policy = match (policy, user_flow) {
        (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other) => {
            return Err(invalid("names another user flow than AAD_USER_FLOW"));
        }
        (one, other) => one.or(other),
    };
    let flow = policy
        .map(|policy| parse_user_flow(AUTHORITY, policy))
        .transpose()?;
    let tenant = parse_tenant(tenant, url.host_str()).map_err(|problem| Problem {
        variable: AUTHORITY,
        ..problem
    })?;
    let mut origin = url.clone();
    origin.set_path("/");
    origin.set_query(None);
    assemble(origin, tenant, flow)
}

/// The segments of the path between `/tfp` and the version, which say nothing.
fn path_segments(url: &Url) -> Result<Vec<&str>, Problem> {
    let path = url.path().trim_start_matches('/');
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments: Vec<&str> = path.split('/').collect();
    if path.is_empty() {
        segments.clear();
    }
    if segments.contains(&"") || url.path().starts_with("//") {
        return Err(invalid(
            "has an empty path segment: remove the doubled slash",
        ));
    }
    if segments.first() == Some(&"tfp") {
        segments.remove(0);
    }
    if matches!(segments.last(), Some(&("v2.0" | "v1.1" | "v1.0"))) {
        segments.pop();
    }
    Ok(segments)
}

/// Takes an issuer identifier, which has neither query nor fragment (OpenID Connect Discovery 1.0
/// section 3). It is kept as written, since issuers are compared character by character.
fn parse_generic(text: &str, url: &Url, user_flow: Option<&str>) -> Result<Authority, Problem> {
    if text.contains(['?', '#']) {
        return Err(invalid(
            "must have neither query nor fragment, as an issuer",
        ));
    }
    if text.ends_with("/.well-known/openid-configuration") {
        return Err(invalid(
            "must be the issuer, not its metadata address: remove \
             /.well-known/openid-configuration",
        ));
    }
    if user_flow.is_some() {
        return Err(Problem::new(
            AUTHORITY,
            "cannot go with AAD_USER_FLOW: set AAD_AUTHORITY_HOST and AAD_TENANT_ID instead",
            EXAMPLE,
        ));
    }
    let mut origin = url.clone();
    origin.set_path("/");
    let issuer = text.into();
    Ok(Authority::new(AuthorityKind::Generic { issuer }, origin))
}

fn invalid(rule: &str) -> Problem {
    Problem::new(AUTHORITY, rule, EXAMPLE)
}

#[cfg(test)]
#[path = "authority_url_tests.rs"]
mod tests;
