//! The authority: the provider that users sign in with, its tenant, its cloud and its hosts.

#[expect(clippy::module_inception, reason = "the file of the type `Authority`")]
mod authority;
mod authority_parts;
mod authority_settings;
mod authority_url;
mod cloud;
mod endpoint_hosts;
mod secure_url;
mod tenant;
mod user_flow;

pub(crate) use authority::TENANT_PLACEHOLDER;
pub use authority::{Authority, AuthorityKind};
pub use authority_settings::AuthoritySettings;
pub(crate) use cloud::Cloud;
pub use endpoint_hosts::EndpointHosts;
pub use tenant::Tenant;
