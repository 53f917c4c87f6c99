//! What the emulator knows: tenants, users, groups and application registrations.

mod addresses;
mod application;
mod file;
mod generated;
mod group;
mod lookup;
mod manifest;
mod tenant;
mod user;

pub use application::Application;
pub use file::{Directory, DirectoryError};
pub use group::Group;
pub(crate) use lookup::CONSUMER_TENANT;
pub use manifest::{
    ApiSettings, AppRole, ClaimList, ImplicitGrantSettings, KeyCredential, OptionalClaim,
    OptionalClaims, PasswordCredential, PermissionScope, PlatformUris, WebSettings,
};
pub use tenant::{Tenant, TenantKind};
pub use user::{AppRoleAssignment, User};
