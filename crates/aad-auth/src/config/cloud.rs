//! The clouds in which Entra ID runs, and their hosts.

/// One national cloud (Entra "authentication-national-cloud"; aliases as its instance discovery
/// lists them). Tenants, registrations and tokens do not cross clouds.
#[derive(Debug, Eq, PartialEq)]
#[non_exhaustive]
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
    use url::Url;

    use super::*;
    use crate::config::{Authority, AuthoritySettings, Guid};

    /// One line of Entra's table "authentication-national-cloud", with the aliases of its instance
    /// discovery: name, login hosts (the first is its own), Graph hosts, portal, issuer of v1 tokens.
    type Line = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
        &'static str,
        &'static str,
    );

    const LINES: [Line; 3] = [
        (
            "global",
            &[
                "login.microsoftonline.com",
                "login.windows.net",
                "login.microsoft.com",
                "sts.windows.net",
            ],
            &["graph.microsoft.com"],
            "portal.azure.com",
            "https://sts.windows.net/{tenantid}/",
        ),
        (
            "US Government",
            &["login.microsoftonline.us", "login.usgovcloudapi.net"],
            // L4, and L5 of the Department of Defense.
            &["graph.microsoft.us", "dod-graph.microsoft.us"],
            "portal.azure.us",
            "https://sts.windows.net/{tenantid}/",
        ),
        (
            "China",
            &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
            &["microsoftgraph.chinacloudapi.cn"],
            "portal.azure.cn",
            "https://sts.chinacloudapi.cn/{tenantid}/",
        ),
    ];

    fn authority(host: &str) -> Authority {
        let host = format!("https://{host}");
        let settings = AuthoritySettings {
            authority_host: Some(&host),
            tenant_id: Some(TENANT),
            ..AuthoritySettings::default()
        };
        settings.build().unwrap()
    }

    const TENANT: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";

    #[test]
    fn a_closed_cloud_and_look_alikes_are_none() {
        for host in [
            "login.microsoftonline.de",
            "login-us.microsoftonline.com",
            "login.microsoftonline.com.evil.test",
            "xlogin.microsoftonline.us",
            "microsoftonline.com",
            "graph.microsoft.com",
            "",
        ] {
            assert!(Cloud::of_login_host(host).is_none(), "{host}");
        }
    }

    #[test]
    fn neither_issuers_nor_endpoints_cross_clouds() {
        let tenant = Guid::parse(TENANT);
        for (name, logins, ..) in LINES {
            for login in logins {
                let authority = authority(login);
                for (other, logins, graphs, ..) in LINES {
                    let own = name == other;
                    for host in logins {
                        let issuer = Url::parse(&format!("https://{host}/{TENANT}/v2.0")).unwrap();
                        let may = authority.may_issue_from(&issuer, tenant.as_ref());
                        assert_eq!(may, own, "{login} {issuer}");
                    }
                    for host in logins.iter().chain(graphs) {
                        let endpoint = Url::parse(&format!("https://{host}/x")).unwrap();
                        let allowed = authority.endpoint_hosts().allow(&endpoint);
                        assert_eq!(allowed, own, "{login} {endpoint}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_line_of_the_platforms_table_is_here() {
        for (name, logins, graphs, portal, v1_issuer) in LINES {
            for login in logins {
                let cloud = Cloud::of_login_host(login).unwrap();
                let mut known = vec![cloud.login_host];
                known.extend(cloud.login_aliases);
                assert_eq!((cloud.name, known.as_slice()), (name, logins));
                let mut known = vec![cloud.graph_host];
                known.extend(cloud.graph_aliases);
                assert_eq!((known.as_slice(), cloud.portal_host), (graphs, portal));
                let authority = authority(login);
                assert_eq!(authority.cloud(), Some(cloud));
                assert_eq!(authority.v1_issuer().as_deref(), Some(v1_issuer));
                assert_eq!(authority.id(), format!("https://{login}/{TENANT}/v2.0"));
            }
        }
        assert_eq!(LINES.len(), CLOUDS.len());
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
