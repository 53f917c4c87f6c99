//! Every address in accepted metadata is one that may be used.
#![no_main]

use std::sync::OnceLock;

use aad_auth::{
    config::Authority,
    internals::{
        config::{AuthoritySettings, is_loopback},
        provider::Metadata,
    },
};
use libfuzzer_sys::fuzz_target;

static AUTHORITIES: OnceLock<Vec<Authority>> = OnceLock::new();

fn authorities() -> Vec<Authority> {
    let settings = AuthoritySettings::default();
    [
        AuthoritySettings {
            tenant_id: Some("common"),
            ..settings
        },
        AuthoritySettings {
            tenant_id: Some("f645ad92-e38d-4d1a-b510-d1b09a74a8ca"),
            ..settings
        },
        AuthoritySettings {
            tenant_id: Some("contoso.com"),
            ..settings
        },
        AuthoritySettings {
            authority: Some("https://id.example.test"),
            ..settings
        },
        AuthoritySettings {
            tenant_id: Some("common"),
            authority_host: Some("http://127.0.0.1:5001"),
            ..settings
        },
    ]
    .map(|settings| settings.build().unwrap())
    .into()
}

fuzz_target!(|data: &[u8]| {
    for authority in AUTHORITIES.get_or_init(authorities) {
        let hosts = authority.endpoint_hosts();
        let Ok(metadata) = Metadata::parse(data, authority, &hosts) else {
            continue;
        };
        let needed = [
            &metadata.authorization_endpoint,
            &metadata.token_endpoint,
            &metadata.jwks_uri,
        ];
        let optional = [
            &metadata.end_session_endpoint,
            &metadata.userinfo_endpoint,
            &metadata.revocation_endpoint,
        ];
        for url in needed.into_iter().chain(optional.into_iter().flatten()) {
            assert!(hosts.allow(url));
            assert!(url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url)));
            assert!(url.username().is_empty() && url.password().is_none());
        }
    }
});
