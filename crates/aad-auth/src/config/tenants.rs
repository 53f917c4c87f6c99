//! Which tenants' users a multi-tenant application lets in.

use std::{collections::HashSet, fmt, future::Future, pin::Pin, sync::Arc};

use super::{Guid, Problem, Tenant};

/// Which tenants' users may sign in or call (`AAD_ALLOWED_TENANTS`). With an authority of a
/// single tenant the issuer already decides, and this narrows nothing.
#[derive(Clone)]
#[non_exhaustive]
pub enum AllowedTenants {
    /// Every tenant that the authority lets in: the application authorises by itself.
    Any,
    /// These tenants only.
    Set(Arc<HashSet<Guid>>),
    /// The application answers, for example from its table of customers.
    Resolver(Arc<dyn TenantResolver>),
}

/// Answers whether a tenant is a customer. Asked once for each verified token whose signature is
/// genuine; an error refuses the token as "unavailable", never as "allowed".
pub trait TenantResolver: Send + Sync + 'static {
    /// Whether users of `tenant` are let in.
    fn is_allowed<'a>(
        &'a self,
        tenant: &'a Guid,
    ) -> Pin<Box<dyn Future<Output = Result<bool, ResolverError>> + Send + 'a>>;
}

/// A function that answers: `|tenant: &Guid| { …; async move { Ok(true) } }`.
impl<F, A> TenantResolver for F
where
    F: Fn(&Guid) -> A + Send + Sync + 'static,
    A: Future<Output = Result<bool, ResolverError>> + Send + 'static,
{
    fn is_allowed<'a>(
        &'a self,
        tenant: &'a Guid,
    ) -> Pin<Box<dyn Future<Output = Result<bool, ResolverError>> + Send + 'a>> {
        Box::pin(self(tenant))
    }
}

/// The resolver could not find out.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the application's tenant resolver could not answer")]
pub struct ResolverError;

const VARIABLE: &str = "AAD_ALLOWED_TENANTS";
const EXAMPLE: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca,775527ff-9a37-4307-8b3d-cc311f58d925";

impl AllowedTenants {
    /// From `AAD_ALLOWED_TENANTS`: `*`, or tenant ids separated by commas; `consumers` stands for
    /// the tenant of personal accounts.
    ///
    /// # Errors
    /// Names the first entry's place that is not a tenant id.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let mut set = HashSet::new();
        for (at, entry) in text.split(',').map(str::trim).enumerate() {
            let id = if entry == "consumers" {
                Tenant::CONSUMER_ID
            } else {
                entry
            };
            set.insert(Guid::parse(id).ok_or_else(|| not_an_id(at + 1))?);
        }
        Ok(Self::Set(Arc::new(set)))
    }

    /// Whether `tenant` is allowed as far as configuration alone can tell; a resolver is asked
    /// later, by the verifier.
    pub fn may_allow(&self, tenant: &str) -> bool {
        match self {
            Self::Any | Self::Resolver(_) => true,
            Self::Set(set) => set.contains(tenant),
        }
    }
}

impl fmt::Debug for AllowedTenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("Any"),
            Self::Set(set) => f.debug_tuple("Set").field(set).finish(),
            Self::Resolver(_) => f.write_str("Resolver"),
        }
    }
}

fn not_an_id(place: usize) -> Problem {
    Problem::new(
        VARIABLE,
        format!(
            "entry {place} is not a tenant id: give tenant ids (GUIDs, not domains, since tokens \
             carry the id) separated by commas, or * for every tenant"
        ),
        EXAMPLE,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_allows_its_members_only() {
        let allowed =
            AllowedTenants::parse("F645AD92-e38d-4d1a-b510-d1b09a74a8ca, consumers").unwrap();
        assert!(allowed.may_allow("f645ad92-e38d-4d1a-b510-d1b09a74a8ca"));
        assert!(allowed.may_allow(Tenant::CONSUMER_ID));
        assert!(!allowed.may_allow("775527ff-9a37-4307-8b3d-cc311f58d925"));
    }

    #[test]
    fn domains_empty_entries_and_a_star_among_others_are_refused() {
        for text in ["", "contoso.com", "*,contoso.com", ",", "all"] {
            let problem = AllowedTenants::parse(text).unwrap_err();
            assert!(problem.to_string().starts_with("AAD_ALLOWED_TENANTS: "));
        }
    }
}
