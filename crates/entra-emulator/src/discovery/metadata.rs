//! The discovery documents, v2 and v1: the platform's members in the platform's order.

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::authority::{Authority, issuer_v1};
use crate::http::Origin;
use crate::keys::CLOUD_INSTANCE_NAME;
use crate::members::Members;
use crate::switches::Switches;

/// The protocol version of a discovery document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// For older applications, and for APIs that accept v1 access tokens.
    V1,
    V2,
}

/// Builds a discovery document. `app_id` is the parameter `appid`, which the address of the keys repeats.
///
/// It has no `code_challenge_methods_supported`, because the platform's has none.
pub(super) fn metadata(
    version: Version,
    authority: &Authority,
    origin: &Origin,
    app_id: Option<&str>,
    switches: &Switches,
) -> Members {
    let base = authority.base(origin);
    let mut document = Members::default();
    set_token_endpoint_and_keys(&mut document, version, &base, app_id);
    set_capabilities(&mut document, version, authority);
    match version {
        Version::V2 => {
            document.set("issuer", authority.issuer(origin));
            document.set("request_uri_parameter_supported", false);
            set_user_info(&mut document, origin);
            set_sign_in_and_out(&mut document, version, &base);
            set_switched(&mut document, &base, switches);
            document.set("claims_supported", CLAIMS);
        }
        Version::V1 => {
            let tenant = authority.tenant().map(|tenant| tenant.id.as_str());
            let issuer = issuer_v1(origin, tenant.unwrap_or("{tenantid}"));
            document.set("issuer", issuer);
            document.set("microsoft_multi_refresh_token", true);
            set_sign_in_and_out(&mut document, version, &base);
            document.set("claims_supported", CLAIMS);
            let check_session = format!("{base}/oauth2/checksession");
            document.set("check_session_iframe", check_session);
            set_user_info(&mut document, origin);
        }
    }
    document.set("kerberos_endpoint", format!("{base}/kerberos"));
    document.set("tenant_region_scope", authority.tenant().map(|_| "WW"));
    set_cloud(&mut document, origin);
    document
}

impl Version {
    fn oauth_path(self) -> &'static str {
        match self {
            Self::V1 => "/oauth2",
            Self::V2 => "/oauth2/v2.0",
        }
    }

    fn keys_path(self) -> &'static str {
        match self {
            Self::V1 => "/discovery/keys",
            Self::V2 => "/discovery/v2.0/keys",
        }
    }

    fn response_types(self) -> Value {
        match self {
            Self::V1 => [
                "code",
                "id_token",
                "code id_token",
                "token id_token",
                "token",
            ]
            .into(),
            Self::V2 => ["code", "id_token", "code id_token", "id_token token"].into(),
        }
    }

    fn scopes(self, authority: &Authority) -> &'static [&'static str] {
        match self {
            // B2C accepts all four scopes and lists one.
            Self::V2 if authority.policy.is_none() => {
                &["openid", "profile", "email", "offline_access"]
            }
            Self::V1 | Self::V2 => &["openid"],
        }
    }
}

fn set_token_endpoint_and_keys(
    document: &mut Members,
    version: Version,
    base: &str,
    app_id: Option<&str>,
) {
    let endpoint = format!("{base}{}/token", version.oauth_path());
    document.set("token_endpoint", endpoint);
    let methods = [
        "client_secret_post",
        "private_key_jwt",
        "client_secret_basic",
    ];
    document.set("token_endpoint_auth_methods_supported", methods);
    let keys = format!("{base}{}", version.keys_path());
    document.set("jwks_uri", with_app_id(keys, app_id));
}

fn set_capabilities(document: &mut Members, version: Version, authority: &Authority) {
    document.set(
        "response_modes_supported",
        ["query", "fragment", "form_post"],
    );
    document.set("subject_types_supported", ["pairwise"]);
    document.set("id_token_signing_alg_values_supported", ["RS256"]);
    document.set("response_types_supported", version.response_types());
    document.set("scopes_supported", version.scopes(authority));
}

fn set_sign_in_and_out(document: &mut Members, version: Version, base: &str) {
    let endpoint = |name: &str| format!("{base}{}/{name}", version.oauth_path());
    document.set("authorization_endpoint", endpoint("authorize"));
    document.set("device_authorization_endpoint", endpoint("devicecode"));
    document.set("http_logout_supported", true);
    document.set("frontchannel_logout_supported", true);
    document.set("end_session_endpoint", endpoint("logout"));
}

fn set_user_info(document: &mut Members, origin: &Origin) {
    let endpoint = format!("{}/oidc/userinfo", origin.url());
    document.set("userinfo_endpoint", endpoint);
}

/// Sets the members that only a switch adds.
fn set_switched(document: &mut Members, base: &str, switches: &Switches) {
    if switches.revocation_endpoint {
        document.set("revocation_endpoint", format!("{base}/oauth2/v2.0/revoke"));
    }
    if switches.back_channel_logout {
        document.set("backchannel_logout_supported", true);
        document.set("backchannel_logout_session_supported", true);
    }
}

fn set_cloud(document: &mut Members, origin: &Origin) {
    document.set("cloud_instance_name", CLOUD_INSTANCE_NAME);
    document.set("cloud_graph_host_name", "legacy-graph.emulator.invalid");
    document.set("msgraph_host", origin.authority());
    document.set("rbac_url", "https://rbac.emulator.invalid");
}

fn with_app_id(url: String, app_id: Option<&str>) -> String {
    match app_id {
        Some(app_id) => {
            let encoded: String = byte_serialize(app_id.as_bytes()).collect();
            format!("{url}?appid={encoded}")
        }
        None => url,
    }
}

const CLAIMS: [&str; 19] = [
    "sub",
    "iss",
    "cloud_instance_name",
    "cloud_instance_host_name",
    "cloud_graph_host_name",
    "msgraph_host",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "acr",
    "nonce",
    "preferred_username",
    "name",
    "tid",
    "ver",
    "at_hash",
    "c_hash",
    "email",
];
