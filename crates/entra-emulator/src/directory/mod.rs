//! Tenants, users, groups and application registrations, and what requests look up in them.

mod addresses;
mod application;
mod file;
mod first_difference;
mod generated;
mod group;
mod lookup;
mod manifest;
mod ready_env;
mod redirect_uri;
mod tenant;
mod user;

pub use application::Application;
pub use file::{Directory, DirectoryError};
pub(crate) use first_difference::first_difference;
pub use group::Group;
pub(crate) use lookup::CONSUMER_TENANT;
pub use manifest::{
    ApiSettings, AppRole, ClaimList, ImplicitGrantSettings, KeyCredential, OptionalClaim,
    OptionalClaims, PasswordCredential, PermissionScope, PlatformUris, WebSettings,
};
pub(crate) use redirect_uri::{Platform, registered_platform};
pub use tenant::{Tenant, TenantKind};
pub use user::{AppRoleAssignment, User};
