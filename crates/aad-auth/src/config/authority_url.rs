//! Parsing the addresses in `AAD_AUTHORITY_HOST` and `AAD_AUTHORITY`.

use url::Url;

use super::{
    Authority, AuthorityKind, Cloud, Problem,
    authority_settings::{assemble, parse_tenant, parse_user_flow},
    cloud::{EXTERNAL_ID_SUFFIX, USER_FLOW_SUFFIX},
    endpoint_hosts::is_loopback,
};

const HOST: &str = "AAD_AUTHORITY_HOST";
const HOST_EXAMPLE: &str = "https://login.microsoftonline.us";
const AUTHORITY: &str = "AAD_AUTHORITY";
const AUTHORITY_EXAMPLE: &str = "https://id.example.com/realms/staff";

/// `AAD_AUTHORITY_HOST`: scheme, host and perhaps port.
pub(crate) fn parse_host(text: &str) -> Result<Url, Problem> {
    let url = parse_secure(HOST, HOST_EXAMPLE, text)?;
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

/// `AAD_AUTHORITY`: the issuer of any OpenID provider. An authority on one of the platform's own
/// hosts is taken apart instead, since there issuer and authority differ.
pub(crate) fn parse_authority(text: &str, user_flow: Option<&str>) -> Result<Authority, Problem> {
    let url = parse_secure(AUTHORITY, AUTHORITY_EXAMPLE, text)?;
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

/// `https://{host}[/tfp][/{tenant}[/{policy}]][/v2.0]`; the query is ignored, but for the older
/// `?p={policy}`.
fn parse_known(url: &Url, user_flow: Option<&str>) -> Result<Authority, Problem> {
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

/// An issuer identifier has neither query nor fragment (OpenID Connect Discovery 1.0 section 3),
/// and is kept as it was written, since it will be compared character by character.
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
            AUTHORITY_EXAMPLE,
        ));
    }
    let mut origin = url.clone();
    origin.set_path("/");
    let issuer = text.into();
    Ok(Authority::new(AuthorityKind::Generic { issuer }, origin))
}

fn parse_secure(variable: &'static str, example: &'static str, text: &str) -> Result<Url, Problem> {
    let problem = |rule: &str| Err(Problem::new(variable, rule, example));
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.len() > 1024 {
        return problem("must be an address without spaces, at most 1,024 characters");
    }
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return problem("must start with https:// (or http:// on loopback)");
    }
    if text.contains(['\\', '{', '}']) {
        return problem("must not contain a backslash or braces");
    }
    let Ok(url) = Url::parse(text) else {
        return problem("is not a valid address");
    };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return problem("must have neither user information nor fragment");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return problem("must be https: plain http is accepted on loopback only");
    }
    Ok(url)
}

fn invalid(rule: &str) -> Problem {
    Problem::new(AUTHORITY, rule, AUTHORITY_EXAMPLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generic_issuer_keeps_every_character() {
        for text in ["https://accounts.example.com", "https://id.example.com/a/"] {
            let authority = parse_authority(text, None).unwrap();
            assert_eq!(authority.id(), text);
            let expected = format!(
                "{}/.well-known/openid-configuration",
                text.trim_end_matches('/')
            );
            assert_eq!(authority.metadata_url(None).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn addresses_that_hide_something_are_refused() {
        for text in [
            "",
            "id.example.com",
            "ftp://id.example.com",
            "http://id.example.com",
            "https://user:pass@id.example.com",
            "https://id.example.com/#x",
            "https://id.example.com/?x=1",
            "https://id.example.com\\@evil.test",
            "https://id.example.com/ x",
            "https://id.example.com/.well-known/openid-configuration",
            "https://login.microsoftonline.com//common",
            "https://login.microsoftonline.com/common//v2.0",
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com",
            "https://login.microsoftonline.com/a.b/c/d/v2.0",
        ] {
            assert!(parse_authority(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback() {
        for text in [
            "http://127.0.0.1:5001",
            "http://localhost:1/",
            "http://[::1]:9",
        ] {
            assert!(parse_host(text).is_ok(), "{text}");
        }
        for text in [
            "http://10.0.0.1",
            "http://localhost.evil.test",
            "https://a/b",
            "https://a?",
        ] {
            assert!(parse_host(text).is_err(), "{text}");
        }
    }
}
