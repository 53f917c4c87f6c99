//! What is refused in a metadata document (abuse C25, F1, F2).

use aad_auth::{
    config::Authority,
    internals::{
        config::AuthoritySettings,
        provider::{ClientAuthMethod, Endpoint, Metadata, MetadataError},
    },
};
use serde_json::{Value, json};

use crate::tokens::{T, V2, V2T, authority, metadata};

const BASE: &str = "https://login.microsoftonline.com/f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
/// Endpoints without which there is no sign-in.
const NEEDED: [&str; 3] = ["authorization_endpoint", "token_endpoint", "jwks_uri"];

fn tenant() -> Authority {
    authority(AuthoritySettings {
        tenant_id: Some(T),
        ..AuthoritySettings::default()
    })
}

fn local() -> Authority {
    authority(AuthoritySettings {
        tenant_id: Some(T),
        authority_host: Some("http://127.0.0.1:5001"),
        ..AuthoritySettings::default()
    })
}

fn parse(document: &Value) -> Result<Metadata, MetadataError> {
    parse_for(&tenant(), document)
}

fn parse_for(authority: &Authority, document: &Value) -> Result<Metadata, MetadataError> {
    Metadata::parse(
        document.to_string().as_bytes(),
        authority,
        &authority.endpoint_hosts(),
    )
}

#[test]
fn the_real_document_is_read() {
    let mut document = metadata(BASE, V2);
    document["userinfo_endpoint"] = "https://graph.microsoft.com/oidc/userinfo".into();
    document["msgraph_host"] = "graph.microsoft.com".into();
    document["tenant_region_scope"] = Value::Null;
    document["http_logout_supported"] = true.into();
    let metadata = parse(&document).unwrap();
    assert_eq!(metadata.tenant.unwrap().as_str(), T);
    assert_eq!(metadata.graph_host.as_deref(), Some("graph.microsoft.com"));
    assert_eq!(
        metadata.client_auth_methods[0],
        ClientAuthMethod::ClientSecretPost
    );
    assert!(!metadata.authorization_response_iss);
}

#[test]
fn a_local_look_alike_is_read() {
    let base = format!("http://127.0.0.1:5001/{T}");
    let mut document = metadata(&base, &format!("{base}/v2.0"));
    document["msgraph_host"] = "127.0.0.1:5001".into();
    let metadata = parse_for(&local(), &document).unwrap();
    assert_eq!(metadata.graph_host.as_deref(), Some("127.0.0.1:5001"));
    let external = format!("http://{T}.localhost:5001/{T}/v2.0");
    assert!(parse_for(&local(), &crate::tokens::metadata(&base, &external)).is_ok());
    let foreign = format!("http://127.0.0.1:6000/{T}/v2.0");
    assert!(parse_for(&local(), &crate::tokens::metadata(&base, &foreign)).is_err());
}

#[test]
fn absent_authentication_methods_mean_basic() {
    let mut document = metadata(BASE, V2);
    document
        .as_object_mut()
        .unwrap()
        .remove("token_endpoint_auth_methods_supported");
    let methods = parse(&document).unwrap().client_auth_methods;
    assert_eq!(methods, [ClientAuthMethod::ClientSecretBasic]);
}

#[test]
fn endpoints_that_are_not_plain_https_are_refused() {
    for endpoint in NEEDED {
        for address in [
            "http://login.microsoftonline.com/x",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "//login.microsoftonline.com/x",
            "/x",
            "https://user:pass@login.microsoftonline.com/x",
            "https://:pass@login.microsoftonline.com/x",
            "https://user@login.microsoftonline.com/x",
            "https://login.microsoftonline.com/x#f",
            "https://login.microsoftonline.com/\r\nX-Injected: yes",
            "java\tscript:alert(1)",
            " https://login.microsoftonline.com/x",
            "https://login.microsoftonline.com/é",
            "http://127.0.0.1/x",
            "ftp://login.microsoftonline.com/x",
            "https://",
        ] {
            let mut document = metadata(BASE, V2);
            document[endpoint] = address.into();
            let error = parse(&document).unwrap_err();
            assert_eq!(
                error.code(),
                "AAD-METADATA-INSECURE",
                "{endpoint} {address}"
            );
            assert!(error.to_string().contains(endpoint));
        }
    }
}

#[test]
fn endpoints_at_other_hosts_are_refused_and_all_of_them_named() {
    let mut document = metadata(BASE, V2);
    document["token_endpoint"] = "https://evil.test/token".into();
    document["jwks_uri"] = "https://login.microsoftonline.com:8443/keys".into();
    document["end_session_endpoint"] = "https://169.254.169.254/logout".into();
    let error = parse(&document).unwrap_err();
    assert_eq!(error.code(), "AAD-METADATA-HOST");
    let value = "AAD_ENDPOINT_HOSTS=169.254.169.254,evil.test,login.microsoftonline.com:8443";
    assert!(error.to_string().contains(value), "{error}");
    // The value that it prints is the one that helps.
    let authority = tenant();
    let hosts = authority.endpoint_hosts();
    let hosts = hosts
        .with_further(value.split_once('=').unwrap().1)
        .unwrap();
    assert!(Metadata::parse(document.to_string().as_bytes(), &authority, &hosts).is_ok());
}

#[test]
fn another_clouds_hosts_are_refused() {
    let mut document = metadata(BASE, V2);
    document["jwks_uri"] = "https://login.microsoftonline.us/keys".into();
    assert_eq!(parse(&document).unwrap_err().code(), "AAD-METADATA-HOST");
}

#[test]
fn r86_an_optional_endpoint_at_another_host_counts_as_absent_and_is_named() {
    let mut document = metadata(BASE, V2);
    document["userinfo_endpoint"] = "https://graph.microsoft.us/oidc/userinfo".into();
    document["end_session_endpoint"] = "https://169.254.169.254/logout".into();
    let metadata = parse(&document).unwrap();
    assert!(metadata.userinfo_endpoint.is_none() && metadata.end_session_endpoint.is_none());
    let foreign = [Endpoint::EndSession, Endpoint::Userinfo];
    assert_eq!(metadata.foreign_endpoints, foreign);
    assert_eq!(metadata.foreign_hosts, "169.254.169.254,graph.microsoft.us");
    // The value that is named is the one that helps.
    let authority = tenant();
    let hosts = authority
        .endpoint_hosts()
        .with_further(&metadata.foreign_hosts);
    let document = document.to_string();
    let metadata = Metadata::parse(document.as_bytes(), &authority, &hosts.unwrap()).unwrap();
    assert!(metadata.userinfo_endpoint.is_some() && metadata.end_session_endpoint.is_some());
}

#[test]
fn a_graph_host_that_is_not_expected_is_not_used() {
    for host in [
        "evil.test",
        "graph.microsoft.com.evil.test",
        "graph.microsoft.com/x",
        "a@b",
        "",
        "graph.microsoft.com@evil.test",
    ] {
        let mut document = metadata(BASE, V2);
        document["msgraph_host"] = host.into();
        assert_eq!(parse(&document).unwrap().graph_host, None, "{host}");
    }
}

#[test]
fn needed_members_that_are_missing_doubled_or_of_another_type_are_refused() {
    for member in [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
    ] {
        for value in [Value::Null, json!(5), json!([]), json!({}), json!("")] {
            let mut document = metadata(BASE, V2);
            document[member] = value;
            let error = parse(&document).unwrap_err();
            assert_eq!(error, MetadataError::Member(member));
            assert!(error.to_string().contains(member), "{error}");
        }
        let mut document = metadata(BASE, V2);
        document.as_object_mut().unwrap().remove(member);
        assert_eq!(parse(&document).unwrap_err(), MetadataError::Member(member));
        let mut doubled = metadata(BASE, V2).to_string();
        doubled.insert_str(
            1,
            &format!("\"{member}\":\"https://login.microsoftonline.com/x\","),
        );
        let authority = tenant();
        let result = Metadata::parse(doubled.as_bytes(), &authority, &authority.endpoint_hosts());
        assert_eq!(
            result.unwrap_err(),
            MetadataError::Doubled(member.to_owned())
        );
    }
}

#[test]
fn what_is_no_document_is_refused() {
    let authority = tenant();
    let hosts = authority.endpoint_hosts();
    let deep = "[".repeat(100_000);
    for body in ["", "<html>", "[]", "null", "{", &deep] {
        let result = Metadata::parse(body.as_bytes(), &authority, &hosts);
        assert_eq!(result.unwrap_err(), MetadataError::Malformed);
    }
    let result = Metadata::parse(b"{}", &authority, &hosts);
    assert_eq!(result.unwrap_err(), MetadataError::Member("issuer"));
}

#[test]
fn optional_members_of_another_type_are_ignored() {
    for member in [
        "scopes_supported",
        "response_modes_supported",
        "frontchannel_logout_supported",
        "msgraph_host",
        "cloud_instance_name",
    ] {
        for value in [Value::Null, json!({"a": 1}), json!(5), json!([5])] {
            let mut document = metadata(BASE, V2);
            document[member] = value;
            assert!(parse(&document).is_ok(), "{member}");
        }
    }
}

#[test]
fn issuers_with_hidden_parts_are_refused() {
    for issuer in [
        format!("https://login.microsoftonline.com@evil.test/{T}/v2.0"),
        format!("https://evil.test/login.microsoftonline.com/{T}/v2.0"),
        format!("https://login.microsoftonline.com/{T}/v2.0?x"),
        format!("https://login.microsoftonline.com/{T}/v2.0#x"),
        format!("https://login.microsoftonline.com/x/../{T}/v2.0"),
        format!(
            "https://login.microsoftonline.com/{}/v2.0",
            T.to_uppercase()
        ),
        format!("https://login.microsoftonline.com/{T}/v2.0/"),
        format!("https://login.microsoftonline.com:443/{T}/v2.0 "),
        V2T.to_owned(),
        format!("{V2T}{{tenantid}}"),
    ] {
        let error = parse(&metadata(BASE, &issuer)).unwrap_err();
        assert_eq!(error.code(), "AAD-METADATA-ISSUER", "{issuer}");
    }
}

#[test]
fn an_optional_endpoint_that_is_no_usable_address_counts_as_absent() {
    for (member, endpoint) in [
        ("end_session_endpoint", Endpoint::EndSession),
        ("userinfo_endpoint", Endpoint::Userinfo),
        ("revocation_endpoint", Endpoint::Revocation),
    ] {
        for address in [
            "/logout",
            "http://login.microsoftonline.com/x",
            "https://login.microsoftonline.com/x#f",
            "https://user@login.microsoftonline.com/x",
            "javascript:alert(1)",
        ] {
            let mut document = metadata(BASE, V2);
            document[member] = address.into();
            let metadata = parse(&document).unwrap();
            assert_eq!(metadata.ignored_endpoints, [endpoint], "{member} {address}");
        }
        let mut document = metadata(BASE, V2);
        document[member] = "".into();
        let metadata = parse(&document).unwrap();
        assert!(metadata.ignored_endpoints.is_empty(), "empty is absence");
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let authority = tenant();
    let document = format!("\u{feff}{}", metadata(BASE, V2));
    let metadata = Metadata::parse(document.as_bytes(), &authority, &authority.endpoint_hosts());
    assert!(metadata.is_ok());
}
