//! The clouds in which Entra ID runs, and their hosts.

/// One national cloud (Entra "authentication-national-cloud"; aliases as its instance discovery
/// lists them). Tenants, registrations and tokens do not cross clouds.
#[derive(Debug, Eq, PartialEq)]
pub struct Cloud {
    /// Its name for people.
    pub name: &'static str,
    /// The host of its authorities.
    pub login_host: &'static str,
    /// Other names of the login host, among them the host of v1 issuers.
    pub login_aliases: &'static [&'static str],
    /// The host of Microsoft Graph.
    pub graph_host: &'static str,
    /// Further Graph hosts that this cloud's metadata may name.
    pub graph_aliases: &'static [&'static str],
    /// The host of the portal.
    pub portal_host: &'static str,
    /// The issuer of v1 access tokens, with the `{tenantid}` placeholder.
    pub v1_issuer: &'static str,
}

impl Cloud {
    /// The global cloud.
    pub const GLOBAL: &'static Self = &CLOUDS[0];

    /// The cloud whose login host, alias or regional name (`westus2.login.microsoft.com`) `host`
    /// is.
    pub fn of_login_host(host: &str) -> Option<&'static Self> {
        CLOUDS.iter().find(|cloud| cloud.has_login_host(host))
    }

    /// Whether `host` is a login host of this cloud.
    pub fn has_login_host(&self, host: &str) -> bool {
        host == self.login_host
            || self.login_aliases.contains(&host)
            || (self.login_aliases.contains(&REGIONAL_PARENT) && is_regional(host))
    }

    /// Whether metadata of this cloud may name `host` as an endpoint's.
    pub fn has_host(&self, host: &str) -> bool {
        self.has_login_host(host) || host == self.graph_host || self.graph_aliases.contains(&host)
    }
}

/// Hosts of user flows (Azure AD B2C) end in this.
pub(crate) const USER_FLOW_SUFFIX: &str = ".b2clogin.com";
/// Hosts of External ID tenants end in this.
pub(crate) const EXTERNAL_ID_SUFFIX: &str = ".ciamlogin.com";

const REGIONAL_PARENT: &str = "login.microsoft.com";

/// One label before the parent, as regional metadata has it.
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
mod tests {
    use super::*;

    #[test]
    fn hosts_belong_to_one_cloud_only() {
        let us = Cloud::of_login_host("login.microsoftonline.us").unwrap();
        assert!(us.has_host("dod-graph.microsoft.us"));
        assert!(!us.has_host("graph.microsoft.com"));
        assert!(!Cloud::GLOBAL.has_login_host("login.microsoftonline.us"));
    }

    #[test]
    fn regional_names_have_one_plain_label() {
        assert!(Cloud::of_login_host("westus2.login.microsoft.com").is_some());
        for host in [
            ".login.microsoft.com",
            "a.b.login.microsoft.com",
            "evil-login.microsoft.com",
            "login.microsoft.com.evil.test",
            "xlogin.microsoft.com",
        ] {
            assert!(Cloud::of_login_host(host).is_none(), "{host}");
        }
    }
}
