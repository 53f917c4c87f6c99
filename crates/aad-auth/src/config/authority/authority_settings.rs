//! From settings to an authority.

use url::Url;

use super::{
    Authority, Cloud,
    authority_parts::{TENANT_ID, USER_FLOW, assemble, parse_host, parse_tenant},
    authority_url::parse_authority,
    user_flow::parse_user_flow,
};
use crate::config::Problem;

/// The settings that choose an authority. `None` stands for a variable that is not set.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthoritySettings<'a> {
    /// `AAD_TENANT_ID`: a tenant's id or domain, or `common`, `organizations`, `consumers`.
    pub tenant_id: Option<&'a str>,
    /// `AAD_AUTHORITY_HOST`: scheme and host. `None` means the global cloud.
    pub authority_host: Option<&'a str>,
    /// `AAD_AUTHORITY`: an issuer, instead of the two above.
    pub authority: Option<&'a str>,
    /// `AAD_USER_FLOW`: the user flow of Azure AD B2C for sign-up and sign-in.
    pub user_flow: Option<&'a str>,
}

impl AuthoritySettings<'_> {
    /// Makes the authority that these settings describe.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub fn build(self) -> Result<Authority, Vec<Problem>> {
        match self.authority {
            Some(authority) => self.of_issuer(authority),
            None => self.of_parts(),
        }
    }

    fn of_issuer(self, text: &str) -> Result<Authority, Vec<Problem>> {
        let others = [
            (TENANT_ID, self.tenant_id),
            ("AAD_AUTHORITY_HOST", self.authority_host),
        ];
        let mut problems: Vec<Problem> = others
            .iter()
            .filter(|(_, value)| value.is_some())
            .map(|(name, _)| {
                let rule = format!(
                    "says the same as {name} in another way: set either AAD_AUTHORITY, or \
                     AAD_TENANT_ID with AAD_AUTHORITY_HOST"
                );
                Problem::new("AAD_AUTHORITY", rule, "https://id.example.com")
            })
            .collect();
        match parse_authority(text, self.user_flow) {
            Ok(authority) if problems.is_empty() => Ok(authority),
            Ok(_) => Err(problems),
            Err(problem) => {
                problems.push(problem);
                Err(problems)
            }
        }
    }

    fn of_parts(self) -> Result<Authority, Vec<Problem>> {
        let origin = self.authority_host.map_or_else(global_cloud, parse_host);
        let flow = self
            .user_flow
            .map(|flow| parse_user_flow(USER_FLOW, flow))
            .transpose();
        let host = origin.as_ref().ok().and_then(Url::host_str);
        let tenant = parse_tenant(self.tenant_id, host);
        match (origin, flow, tenant) {
            (Ok(origin), Ok(flow), Ok(tenant)) => {
                assemble(origin, tenant, flow).map_err(|problem| vec![problem])
            }
            (origin, flow, tenant) => Err([origin.err(), flow.err(), tenant.err()]
                .into_iter()
                .flatten()
                .collect()),
        }
    }
}

fn global_cloud() -> Result<Url, Problem> {
    parse_host(&format!("https://{}", Cloud::GLOBAL.login_host))
}

#[cfg(test)]
#[path = "authority_settings_tests.rs"]
mod tests;
