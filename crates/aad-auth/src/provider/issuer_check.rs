//! Whether an authority may announce an issuer.

use url::Url;

use super::{Issuer, MetadataError};
use crate::config::{Authority, AuthorityKind, EndpointHosts, Guid, TENANT_PLACEHOLDER, Tenant};

/// Parses the issuer and the tenant in it.
///
/// # Errors
/// When the issuer is malformed, or `authority` may not announce it.
pub(super) fn check_issuer(
    text: &str,
    authority: &Authority,
    hosts: &EndpointHosts,
) -> Result<(Issuer, Option<Guid>), MetadataError> {
    let issuer = Issuer::parse(text).ok_or(MetadataError::IssuerMalformed)?;
    let (tenant, suffix) = match authority.kind() {
        AuthorityKind::Generic { issuer: expected } => {
            return if &**expected == text {
                Ok((Issuer::Concrete(text.into()), None))
            } else {
                Err(mismatch(expected.to_string(), text))
            };
        }
        AuthorityKind::Entra { tenant } => (tenant, "/v2.0"),
        AuthorityKind::UserFlow { tenant, .. } => (tenant, "/v2.0/"),
    };
    let refused = || mismatch(expected_issuer(authority, tenant, suffix), text);
    let segment = tenant_segment(text, suffix).ok_or_else(refused)?;
    let named = Guid::parse_exact(segment);
    // The address is parsed for its host only. Tokens must equal the text itself.
    let address = Url::parse(&text.replace(TENANT_PLACEHOLDER, "tenant")).map_err(|_| refused())?;
    let right_host = authority.may_issue_from(&address, named.as_ref())
        || (address.scheme() == "https" && hosts.lists(&address));
    if is_right_tenant(authority, tenant, segment, named.as_ref()) && right_host {
        Ok((issuer, named))
    } else {
        Err(refused())
    }
}

fn is_right_tenant(
    authority: &Authority,
    tenant: &Tenant,
    segment: &str,
    named: Option<&Guid>,
) -> bool {
    match tenant {
        Tenant::Id(id) => named == Some(id),
        Tenant::Consumers => segment == Tenant::CONSUMER_ID,
        Tenant::Common | Tenant::Organizations => segment == TENANT_PLACEHOLDER,
        // A user flow at a custom domain may have the domain in its issuer.
        Tenant::Domain(domain) => {
            named.is_some() || (!authority.has_directory_claims() && segment == &**domain)
        }
    }
}

/// The issuer that would be accepted, for the message to the operator.
fn expected_issuer(authority: &Authority, tenant: &Tenant, suffix: &str) -> String {
    let origin = authority.origin().origin().ascii_serialization();
    let segment = match tenant {
        Tenant::Id(id) => id.as_str(),
        Tenant::Consumers => Tenant::CONSUMER_ID,
        Tenant::Common | Tenant::Organizations => TENANT_PLACEHOLDER,
        Tenant::Domain(_) => "<tenant id>",
    };
    format!("{origin}/{segment}{suffix}")
}

fn mismatch(expected: String, found: &str) -> MetadataError {
    MetadataError::IssuerMismatch {
        expected,
        found: found.to_owned(),
    }
}

/// `T` of `{scheme}://{host}/T{suffix}`.
fn tenant_segment<'a>(issuer: &'a str, suffix: &str) -> Option<&'a str> {
    let (_, rest) = issuer.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    path.strip_suffix(suffix)
        .filter(|segment| !segment.is_empty() && !segment.contains(['/', '?', '#', '@']))
}
