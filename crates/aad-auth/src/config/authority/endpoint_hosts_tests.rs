//! Hosts of endpoints, by what is refused.

use super::*;

fn hosts(authority: &str) -> EndpointHosts {
    let url = Url::parse(authority).unwrap();
    let cloud = Cloud::of_login_host(url.host_str().unwrap());
    EndpointHosts::new(&url, cloud, false)
}

fn allow(hosts: &EndpointHosts, url: &str) -> bool {
    hosts.allow(&Url::parse(url).unwrap())
}

#[test]
fn own_and_cloud_hosts_are_allowed() {
    let hosts = hosts("https://login.microsoftonline.com/x/v2.0");
    assert!(allow(&hosts, "https://login.microsoftonline.com/token"));
    assert!(allow(&hosts, "https://graph.microsoft.com/oidc/userinfo"));
    assert!(allow(&hosts, "https://login.windows.net/token"));
}

#[test]
fn foreign_hosts_other_clouds_and_other_ports_are_refused() {
    let hosts = hosts("https://login.microsoftonline.com/x/v2.0");
    for url in [
        "https://evil.test/token",
        "https://login.microsoftonline.com.evil.test/token",
        "https://login.microsoftonline.us/token",
        "https://login.microsoftonline.com:8443/token",
        "https://127.0.0.1/token",
    ] {
        assert!(!allow(&hosts, url), "{url}");
    }
}

#[test]
fn a_local_authority_may_only_name_its_own_port() {
    let hosts = hosts("http://127.0.0.1:5001/x");
    assert!(allow(&hosts, "http://x.localhost:5001/keys"));
    assert!(!allow(&hosts, "http://127.0.0.1:6379/keys"));
    assert!(!allow(&hosts, "https://graph.microsoft.com/"));
}

#[test]
fn further_hosts_are_plain_names() {
    let base = hosts("https://id.example.com/");
    let listed = base
        .clone()
        .with_further("keys.example.com:8443, B.example")
        .unwrap();
    assert!(allow(&listed, "https://keys.example.com:8443/k"));
    assert!(allow(&listed, "https://b.example/k"));
    assert!(!allow(&listed, "https://keys.example.com/k"));
    for list in ["", "https://a.b", "*.example.com", "a/b", "a@b", "a b"] {
        assert!(base.clone().with_further(list).is_err(), "{list}");
    }
}
