//! The clouds in which Entra ID runs, and their hosts.

/// One national cloud (Entra "authentication-national-cloud"; its aliases are those of instance
/// discovery). Tenants, registrations and tokens do not cross clouds.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Cloud {
    /// The name for people, such as `US Government`.
    pub(crate) name: &'static str,
    /// The host of authorities.
    pub(crate) login_host: &'static str,
    /// Other names of the login host. One of them is the host of v1 issuers.
    pub(crate) login_aliases: &'static [&'static str],
    /// The host of Microsoft Graph.
    pub(crate) graph_host: &'static str,
    /// Further hosts of Graph that metadata of this cloud may name.
    pub(crate) graph_aliases: &'static [&'static str],
    /// The host of the portal.
    pub(crate) portal_host: &'static str,
    /// The issuer of v1 access tokens, with the `{tenantid}` placeholder.
    pub(crate) v1_issuer: &'static str,
}

impl Cloud {
    /// The global cloud.
    pub(crate) const GLOBAL: &'static Self = &CLOUDS[0];

    /// The cloud of a login host, of an alias, or of a regional name (`westus2.login.microsoft.com`).
    pub(crate) fn of_login_host(host: &str) -> Option<&'static Self> {
        CLOUDS.iter().find(|cloud| cloud.has_login_host(host))
    }

    /// Whether `host` is a login host of this cloud.
    pub(crate) fn has_login_host(&self, host: &str) -> bool {
        host == self.login_host
            || self.login_aliases.contains(&host)
            || (self.login_aliases.contains(&REGIONAL_PARENT) && is_regional(host))
    }

    /// Whether metadata of this cloud may name an endpoint at `host`.
    pub(crate) fn has_host(&self, host: &str) -> bool {
        self.has_login_host(host) || host == self.graph_host || self.graph_aliases.contains(&host)
    }
}

/// The end of hosts of user flows (Azure AD B2C).
pub(crate) const USER_FLOW_SUFFIX: &str = ".b2clogin.com";
/// The end of hosts of External ID tenants.
pub(crate) const EXTERNAL_ID_SUFFIX: &str = ".ciamlogin.com";

const REGIONAL_PARENT: &str = "login.microsoft.com";

/// Whether `host` is one label before the parent, as in regional metadata.
fn is_regional(host: &str) -> bool {
    host.strip_suffix(REGIONAL_PARENT)
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|region| {
            (1..=32).contains(&region.len())
                && region.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

const CLOUDS: [Cloud; 3] = [
    Cloud {
        name: "global",
        login_host: "login.microsoftonline.com",
        login_aliases: &["login.windows.net", REGIONAL_PARENT, "sts.windows.net"],
        graph_host: "graph.microsoft.com",
        graph_aliases: &[],
        portal_host: "portal.azure.com",
        v1_issuer: "https://sts.windows.net/{tenantid}/",
    },
    Cloud {
        name: "US Government",
        login_host: "login.microsoftonline.us",
        login_aliases: &["login.usgovcloudapi.net"],
        graph_host: "graph.microsoft.us",
        graph_aliases: &["dod-graph.microsoft.us"],
        portal_host: "portal.azure.us",
        v1_issuer: "https://sts.windows.net/{tenantid}/",
    },
    Cloud {
        name: "China",
        login_host: "login.partner.microsoftonline.cn",
        login_aliases: &["login.chinacloudapi.cn"],
        graph_host: "microsoftgraph.chinacloudapi.cn",
        graph_aliases: &[],
        portal_host: "portal.azure.cn",
        v1_issuer: "https://sts.chinacloudapi.cn/{tenantid}/",
    },
];

#[cfg(test)]
#[path = "cloud_tests.rs"]
mod tests;
