//! The tenants whose users a multi-tenant application accepts.

use std::{collections::HashSet, fmt, future::Future, pin::Pin, sync::Arc};

use super::{Guid, Problem, authority::Tenant};

/// The tenants whose users may sign in or call (`AAD_ALLOWED_TENANTS`).
///
/// With an authority of a single tenant, the check of the issuer already decides.
///
/// ```
/// use aad_auth::config::AllowedTenants;
///
/// let allowed = AllowedTenants::parse("f645ad92-e38d-4d1a-b510-d1b09a74a8ca, consumers")?;
/// assert!(matches!(allowed, AllowedTenants::Set(tenants) if tenants.len() == 2));
/// # Ok::<_, aad_auth::config::Problem>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum AllowedTenants {
    /// Every tenant that the authority accepts. The application authorises users itself.
    Any,
    /// These tenants only.
    Set(Arc<HashSet<Guid>>),
    /// The application decides, for example by its table of customers.
    Resolver(Arc<dyn TenantResolver>),
}

/// Decides whether users of a tenant may sign in or call.
///
/// The verifier asks it after it has verified a token's signature. An error refuses the token as
/// "unavailable", never as "allowed".
///
/// ```
/// use aad_auth::{Auth, Config, StartError, config::{Guid, ResolverError}};
///
/// async fn is_customer(tenant: Guid) -> Result<bool, ResolverError> {
///     // Query the table of customers. Return `ResolverError` if the query fails.
///     # drop(tenant);
///     # Ok(true)
/// }
///
/// fn build(config: Config) -> Result<Auth, StartError> {
///     let resolver = |tenant: &Guid| is_customer(tenant.clone());
///     Auth::builder(config).resolve_tenants(resolver).build()
/// }
/// ```
pub trait TenantResolver: Send + Sync + 'static {
    /// Whether users of `tenant` are accepted.
    fn is_allowed<'a>(
        &'a self,
        tenant: &'a Guid,
    ) -> Pin<Box<dyn Future<Output = Result<bool, ResolverError>> + Send + 'a>>;
}

/// A function is a resolver: `|tenant: &Guid| { …; async move { Ok(true) } }`.
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

/// The resolver could not decide.
///
/// See [`TenantResolver`] for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the application's tenant resolver could not answer")]
pub struct ResolverError;

const VARIABLE: &str = "AAD_ALLOWED_TENANTS";
const EXAMPLE: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca,775527ff-9a37-4307-8b3d-cc311f58d925";

impl AllowedTenants {
    /// Parses `AAD_ALLOWED_TENANTS`: `*`, or tenant ids separated by commas. `consumers` stands for the
    /// tenant of personal accounts.
    ///
    /// # Errors
    /// An entry is no tenant id. The problem names the position of the first one.
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

    /// Whether the settings alone allow `tenant`. The verifier asks a resolver later.
    pub(crate) fn may_allow(&self, tenant: &str) -> bool {
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
