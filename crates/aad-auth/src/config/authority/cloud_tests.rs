//! Clouds against the platform's table, and that nothing crosses them.

use url::Url;

use super::*;
use crate::config_room::{Authority, AuthoritySettings, Guid};

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
fn a_closed_cloud_and_similar_hosts_are_no_cloud() {
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
fn knows_every_line_of_the_platforms_table() {
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
