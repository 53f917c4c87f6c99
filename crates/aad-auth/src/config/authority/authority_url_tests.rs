//! `AAD_AUTHORITY` and `AAD_AUTHORITY_HOST`, by what they refuse.

use super::{super::authority_parts::parse_host, *};

#[test]
fn a_generic_issuer_keeps_every_character() {
    for text in ["https://accounts.example.com", "https://id.example.com/a/"] {
        let authority = parse_authority(text, None).unwrap();
        assert_eq!(authority.id(), text);
        let expected = format!(
            "{}/.well-known/openid-configuration",
            text.trim_end_matches('/')
        );
        assert_eq!(authority.metadata_url(None).unwrap().as_str(), expected);
    }
}

#[test]
fn refuses_what_is_no_plain_issuer_address() {
    for text in [
        "",
        "id.example.com",
        "ftp://id.example.com",
        "http://id.example.com",
        "https://user:pass@id.example.com",
        "https://id.example.com/#x",
        "https://id.example.com/?x=1",
        "https://id.example.com\\@evil.test",
        "https://id.example.com/ x",
        "https://id.example.com/.well-known/openid-configuration",
        "https://login.microsoftonline.com//common",
        "https://login.microsoftonline.com/common//v2.0",
        "https://login.microsoftonline.com/{tenantid}/v2.0",
        "https://login.microsoftonline.com",
        "https://login.microsoftonline.com/a.b/c/d/v2.0",
    ] {
        assert!(parse_authority(text, None).is_err(), "{text}");
    }
}

#[test]
fn plain_http_is_for_loopback() {
    for text in [
        "http://127.0.0.1:5001",
        "http://localhost:1/",
        "http://[::1]:9",
    ] {
        assert!(parse_host(text).is_ok(), "{text}");
    }
    for text in [
        "http://10.0.0.1",
        "http://localhost.evil.test",
        "https://a/b",
        "https://a?",
    ] {
        assert!(parse_host(text).is_err(), "{text}");
    }
}
