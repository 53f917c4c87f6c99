use crate::authority::{Authority, issuer_v1};
use crate::http::Origin;
use crate::keys::CLOUD_INSTANCE_NAME;
use crate::members::Members;
use crate::switches::Switches;

/// The v2 discovery document: the platform's members in the platform's order (`entra.md` 1.3), and no others but those of a switch. Above all
/// there is no `code_challenge_methods_supported`.
pub(super) fn metadata(
    authority: &Authority,
    origin: &Origin,
    app_id: Option<&str>,
    switches: &Switches,
) -> Members {
    let base = authority.base(origin);
    let mut document = Members::default();
    document.set("token_endpoint", format!("{base}/oauth2/v2.0/token"));
    document.set(
        "token_endpoint_auth_methods_supported",
        [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
    );
    document.set(
        "jwks_uri",
        with_app_id(format!("{base}/discovery/v2.0/keys"), app_id),
    );
    document.set(
        "response_modes_supported",
        ["query", "fragment", "form_post"],
    );
    document.set("subject_types_supported", ["pairwise"]);
    document.set("id_token_signing_alg_values_supported", ["RS256"]);
    document.set(
        "response_types_supported",
        ["code", "id_token", "code id_token", "id_token token"],
    );
    let scopes = ["openid", "profile", "email", "offline_access"];
    // B2C takes all of them, and lists one.
    let listed = if authority.policy.is_some() {
        &scopes[..1]
    } else {
        &scopes[..]
    };
    document.set("scopes_supported", listed);
    document.set("issuer", authority.issuer(origin));
    document.set("request_uri_parameter_supported", false);
    document.set(
        "userinfo_endpoint",
        format!("{}/oidc/userinfo", origin.url()),
    );
    document.set(
        "authorization_endpoint",
        format!("{base}/oauth2/v2.0/authorize"),
    );
    document.set(
        "device_authorization_endpoint",
        format!("{base}/oauth2/v2.0/devicecode"),
    );
    document.set("http_logout_supported", true);
    document.set("frontchannel_logout_supported", true);
    document.set("end_session_endpoint", format!("{base}/oauth2/v2.0/logout"));
    if switches.revocation_endpoint {
        document.set("revocation_endpoint", format!("{base}/oauth2/v2.0/revoke"));
    }
    if switches.back_channel_logout {
        document.set("backchannel_logout_supported", true);
        document.set("backchannel_logout_session_supported", true);
    }
    document.set("claims_supported", CLAIMS);
    document.set("kerberos_endpoint", format!("{base}/kerberos"));
    document.set("tenant_region_scope", authority.tenant().map(|_| "WW"));
    cloud(&mut document, origin);
    document
}

/// The v1 discovery document: what older applications, and validators of v1 access tokens, read.
pub(super) fn metadata_v1(
    authority: &Authority,
    origin: &Origin,
    app_id: Option<&str>,
    _: &Switches,
) -> Members {
    let base = authority.base(origin);
    let issuer = authority
        .tenant()
        .map_or_else(|| "{tenantid}".to_owned(), |tenant| tenant.id.clone());
    let mut document = Members::default();
    document.set("token_endpoint", format!("{base}/oauth2/token"));
    document.set(
        "token_endpoint_auth_methods_supported",
        [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
    );
    document.set(
        "jwks_uri",
        with_app_id(format!("{base}/discovery/keys"), app_id),
    );
    document.set(
        "response_modes_supported",
        ["query", "fragment", "form_post"],
    );
    document.set("subject_types_supported", ["pairwise"]);
    document.set("id_token_signing_alg_values_supported", ["RS256"]);
    document.set(
        "response_types_supported",
        [
            "code",
            "id_token",
            "code id_token",
            "token id_token",
            "token",
        ],
    );
    document.set("scopes_supported", ["openid"]);
    document.set("issuer", issuer_v1(origin, &issuer));
    document.set("microsoft_multi_refresh_token", true);
    document.set("authorization_endpoint", format!("{base}/oauth2/authorize"));
    document.set(
        "device_authorization_endpoint",
        format!("{base}/oauth2/devicecode"),
    );
    document.set("http_logout_supported", true);
    document.set("frontchannel_logout_supported", true);
    document.set("end_session_endpoint", format!("{base}/oauth2/logout"));
    document.set("claims_supported", CLAIMS);
    document.set(
        "check_session_iframe",
        format!("{base}/oauth2/checksession"),
    );
    document.set(
        "userinfo_endpoint",
        format!("{}/oidc/userinfo", origin.url()),
    );
    document.set("kerberos_endpoint", format!("{base}/kerberos"));
    document.set("tenant_region_scope", authority.tenant().map(|_| "WW"));
    cloud(&mut document, origin);
    document
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

fn cloud(document: &mut Members, origin: &Origin) {
    document.set("cloud_instance_name", CLOUD_INSTANCE_NAME);
    document.set("cloud_graph_host_name", "legacy-graph.emulator.invalid");
    document.set("msgraph_host", origin.authority());
    document.set("rbac_url", "https://rbac.emulator.invalid");
}

fn with_app_id(url: String, app_id: Option<&str>) -> String {
    match app_id {
        Some(app_id) => format!(
            "{url}?appid={}",
            url::form_urlencoded::byte_serialize(app_id.as_bytes()).collect::<String>()
        ),
        None => url,
    }
}
