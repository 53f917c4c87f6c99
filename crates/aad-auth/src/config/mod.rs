//! Parsed, validated, immutable configuration, and the only reader of the environment.

mod algorithms;
mod authority;
mod authority_settings;
mod authority_url;
mod cloud;
mod endpoint_hosts;
mod guid;
mod problem;
mod tenant;
mod tenants;

pub use algorithms::SigningAlgorithms;
pub(crate) use authority::TENANT_PLACEHOLDER;
pub use authority::{Authority, AuthorityKind};
pub use authority_settings::AuthoritySettings;
pub use cloud::Cloud;
pub(crate) use endpoint_hosts::host_and_port;
pub use endpoint_hosts::{EndpointHosts, is_loopback};
pub use guid::Guid;
pub use problem::Problem;
pub use tenant::Tenant;
pub use tenants::{AllowedTenants, ResolverError, TenantResolver};
