use serde::{Deserialize, Serialize};

/// A tenant.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Tenant {
    /// The tenant id (a GUID).
    pub id: String,
    /// The name on the pages.
    pub display_name: String,
    /// Verified domains; each may stand in a path in the place of the id.
    pub domains: Vec<String>,
    /// What kind of authority it is; default: a work tenant.
    pub kind: TenantKind,
    /// External ID only: the label before the host under which the tenant is also reached (`{subdomain}.localhost`).
    pub subdomain: String,
    /// B2C only: the sign-up-or-in policy, then the ones for editing a profile and for a forgotten password.
    pub policies: Vec<String>,
    /// B2C only: the user flows' "Subject (sub) claim" is "Not supported", so that `sub` is one text for everybody.
    pub subject_not_supported: bool,
}

/// What kind of authority a tenant is.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TenantKind {
    /// A work or school tenant.
    #[default]
    Workforce,
    /// The tenant of all personal accounts.
    Consumers,
    /// An External ID tenant: the host of its issuer is the tenant id.
    ExternalId,
    /// An Azure AD B2C look-alike with user flows in the path.
    B2c,
}
