//! A tenant and its kind of authority.

use serde::{Deserialize, Serialize};

/// A tenant of the directory.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Tenant {
    /// The tenant id, a GUID.
    pub id: String,
    /// The name that the pages show.
    pub display_name: String,
    /// The verified domains; an authority may name the tenant by any of them.
    pub domains: Vec<String>,
    /// The kind of authority; default: a work tenant.
    pub kind: TenantKind,
    /// External ID only: the first label of the tenant's host, `{subdomain}.localhost`.
    pub subdomain: String,
    /// B2C only: the user flows for sign-in, for editing a profile and for a forgotten password, in this order.
    pub policies: Vec<String>,
    /// B2C only: the "Subject (sub) claim" of the user flows is "Not supported"; `sub` is the same text for all users.
    pub subject_not_supported: bool,
}

/// The kind of authority that a tenant is.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TenantKind {
    /// A work or school tenant.
    #[default]
    Workforce,
    /// The tenant of all personal accounts.
    Consumers,
    /// An External ID tenant: its issuer is below `{tenant id}.localhost`.
    ExternalId,
    /// An Azure AD B2C tenant, with the user flow in the path.
    B2c,
}
