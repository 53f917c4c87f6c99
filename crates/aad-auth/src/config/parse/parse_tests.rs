//! Settings, by what they refuse.

use super::*;

fn minimal() -> Source {
    Source::new()
        .with("AAD_TENANT_ID", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca")
        .with("AAD_CLIENT_ID", "00001111-aaaa-2222-bbbb-3333cccc4444")
        .with("AAD_CLIENT_SECRET", "canary-secret")
}

fn problems(source: &Source) -> Vec<&'static str> {
    let error = Config::parse(source).err().expect("refused");
    assert!(!error.to_string().contains("canary"), "{error}");
    error
        .problems
        .iter()
        .map(|problem| problem.variable)
        .collect()
}

#[test]
fn three_settings_are_enough_on_a_developers_machine() {
    let config = Config::parse(&minimal()).unwrap();
    assert_eq!(config.redirect_uri(), "http://localhost:5000/auth/redirect");
    assert_eq!(config.cookies.session, "aad-session-5000");
    assert_eq!(
        config.api_audiences[1],
        "api://00001111-aaaa-2222-bbbb-3333cccc4444"
    );
}

#[test]
fn every_missing_setting_is_reported_at_once() {
    let source = Source::new().with("HOST", "0.0.0.0");
    assert_eq!(
        problems(&source),
        [
            "AAD_TENANT_ID",
            "AAD_CLIENT_ID",
            "AAD_CLIENT_SECRET",
            "AAD_BASE_URL"
        ]
    );
}

#[test]
fn refuses_each_bad_value_by_its_variable() {
    for (name, value) in [
        ("AAD_TENANT_ID", "not a tenant"),
        ("AAD_AUTHORITY_HOST", "http://login.example.com"),
        ("AAD_CLIENT_ID", "with space"),
        ("AAD_CLIENT_SECRET", "<client secret>"),
        ("AAD_CLIENT_AUTH", "none"),
        ("AAD_ALLOWED_TENANTS", "contoso.com"),
        ("AAD_SIGNING_ALGORITHMS", "HS256"),
        ("AAD_APP_SIGNING_KEYS", "yes"),
        ("AAD_TOKEN_CACHE", "1KiB"),
        ("AAD_TOKEN_CACHE", "-1"),
        ("AAD_TOKEN_CACHE", "99999999999999999999MiB"),
        ("AAD_TOKEN_CACHE", "2048MiB"),
        ("AAD_CLOCK_LEEWAY", "10m"),
        ("AAD_USERINFO", "1"),
        ("AAD_RESPONSE_MODE", "fragment"),
        ("AAD_SCOPES", "profile"),
        ("AAD_DOMAIN_HINTS", "contoso.com,everybody"),
        ("AAD_DOMAIN_HINTS", "contoso.com&prompt=none"),
        ("AAD_COOKIE_NAME", "my app"),
        ("AAD_COOKIE_NAME", "a;b"),
        ("AAD_COOKIE_NAME", "a=b"),
        ("AAD_COOKIE_NAME", "__Host-a"),
        (
            "AAD_COOKIE_NAME",
            "a-name-that-is-longer-than-32-characters",
        ),
        ("AAD_GRAPH_URL", "http://graph.example.com"),
        ("AAD_PROVIDER_TIMEOUT", "0"),
        ("AAD_BASE_URL", "http://app.example.com"),
        ("AAD_REDIRECT_PATH", "auth"),
        ("AAD_REDIRECT_PATH", "/auth/sign_in"),
        ("AAD_REDIRECT_PATH", "/auth/assets/0123456789abcdef.css"),
        ("AAD_ROUTE_PREFIX", "/auth/"),
        ("AAD_SESSION_STORE", "postgres://canary"),
        ("AAD_CA_FILE", "/missing"),
        ("AAD_CA_FILE", "/"),
        ("AAD_SESSION_SECRET", "canary-c2hvcnQ="),
        ("AAD_SESSION_IDLE", "2d"),
        ("AAD_SESSION_MAX", "1y"),
        ("AAD_MAX_SESSIONS_PER_USER", "0"),
        ("AAD_RECHECK", "1s"),
        ("AAD_CORS_ORIGINS", "*"),
        ("AAD_ENDPOINT_HOSTS", "https://x"),
    ] {
        assert!(
            problems(&minimal().with(name, value)).contains(&name),
            "{name}"
        );
    }
}

#[test]
fn refuses_further_user_flows_without_a_user_flow_authority() {
    for name in ["AAD_USER_FLOW_EDIT_PROFILE", "AAD_USER_FLOW_PASSWORD_RESET"] {
        assert_eq!(problems(&minimal().with(name, "B2C_1_x")), [name]);
        let flow = minimal()
            .with("AAD_AUTHORITY_HOST", "https://contoso.b2clogin.com")
            .with("AAD_USER_FLOW", "B2C_1_sign_in");
        assert_eq!(problems(&flow.clone().with(name, "no/policy")), [name]);
        assert!(Config::parse(&flow.with(name, "B2C_1_x")).is_ok());
    }
}

#[test]
fn refuses_several_tenants_without_allowed_tenants() {
    let source = minimal().with("AAD_TENANT_ID", "organizations");
    assert_eq!(problems(&source), ["AAD_ALLOWED_TENANTS"]);
    assert!(Config::parse(&source.with("AAD_ALLOWED_TENANTS", "*")).is_ok());
}

#[test]
fn a_public_base_url_needs_a_secret_of_its_own() {
    let public = minimal().with("AAD_BASE_URL", "https://app.example.com/portal");
    assert_eq!(problems(&public), ["AAD_SESSION_SECRET"]);
    let secret = "QUJD".repeat(22);
    let config = Config::parse(&public.with("AAD_SESSION_SECRET", secret)).unwrap();
    assert_eq!(config.cookies.session, "__Host-aad-session");
    assert_eq!(
        config.redirect_uri(),
        "https://app.example.com/portal/auth/redirect"
    );
}

#[test]
fn cookie_names_begin_with_the_setting_and_keep_the_host_prefix() {
    let named = minimal().with("AAD_COOKIE_NAME", "shop");
    let config = Config::parse(&named).unwrap();
    assert_eq!(config.cookies.browser, "shop-browser-5000");
    let public = named
        .with("AAD_BASE_URL", "https://app.example.com")
        .with("AAD_SESSION_SECRET", "QUJD".repeat(22))
        .with("AAD_ROUTE_PREFIX", "/partners/auth");
    let config = Config::parse(&public).unwrap();
    assert_eq!(config.cookies.session, "__Host-shop-partners-session");
}

#[test]
fn has_no_default_base_url_on_a_hosting_platform() {
    let hosted = minimal().with("WEBSITE_SITE_NAME", "site");
    assert_eq!(problems(&hosted), ["AAD_BASE_URL"]);
}

#[test]
fn an_injected_cloud_host_is_a_default_and_ignored_beside_an_authority() {
    let injected = minimal().with("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/");
    let host = |source: &Source| {
        let config = Config::parse(source).unwrap();
        config.authority.origin().host_str().unwrap().to_owned()
    };
    assert_eq!(host(&injected), "login.microsoftonline.us");
    let own = injected
        .clone()
        .with("AAD_AUTHORITY_HOST", "https://login.microsoftonline.com");
    assert_eq!(host(&own), "login.microsoftonline.com");
    let generic = injected
        .with("AAD_TENANT_ID", "")
        .with("AAD_AUTHORITY", "https://id.example.com");
    assert_eq!(host(&generic), "id.example.com");
}

#[test]
fn the_token_cache_can_be_sized_and_switched_off() {
    for (value, bytes) in [
        ("", 16 << 20),
        ("0", 0),
        ("4MiB", 4 << 20),
        ("2048KiB", 2 << 20),
    ] {
        let config = Config::parse(&minimal().with("AAD_TOKEN_CACHE", value)).unwrap();
        assert_eq!(config.token_cache, bytes, "{value}");
    }
}

#[test]
fn r111_a_file_that_only_looks_like_certificates_is_refused_with_all_other_problems() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    for text in [
        "",
        "canary",
        "-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----\n",
    ] {
        std::fs::write(file.path(), text).unwrap();
        let source = minimal()
            .with("AAD_CA_FILE", path.as_str())
            .with("AAD_SESSION_IDLE", "soon")
            .with("AAD_SESSION_STORE", "postgres://canary")
            .with("AAD_REDIRECT_PATH", "/auth/sign_out");
        assert_eq!(
            problems(&source),
            [
                "AAD_REDIRECT_PATH",
                "AAD_SESSION_IDLE",
                "AAD_SESSION_STORE",
                "AAD_CA_FILE"
            ],
            "{text}"
        );
    }
}

#[test]
fn r112_a_secret_that_is_a_guid_is_refused_at_microsoft_unless_a_setting_allows_it() {
    let id = "11112222-AAAA-4bbb-8ccc-333344445555";
    let by_id = minimal().with("AAD_CLIENT_SECRET", id);
    assert_eq!(problems(&by_id), ["AAD_CLIENT_SECRET"]);
    let one_of_two = minimal().with("AAD_CLIENT_SECRET", format!("canary-secret,{id}"));
    assert_eq!(problems(&one_of_two), ["AAD_CLIENT_SECRET"]);
    let meant = by_id.clone().with("AAD_CLIENT_SECRET_MAY_BE_GUID", "true");
    assert!(Config::parse(&meant).is_ok());
    let elsewhere = by_id
        .with("AAD_TENANT_ID", "")
        .with("AAD_AUTHORITY", "https://id.example.com");
    assert!(Config::parse(&elsewhere).is_ok());
}

#[test]
fn r112_ids_in_capitals_are_lowered_at_microsoft_and_nowhere_else() {
    let id = "00001111-AAAA-2222-BBBB-3333CCCC4444";
    let lower = id.to_ascii_lowercase();
    let entra = minimal()
        .with("AAD_CLIENT_ID", id)
        .with("AAD_API_AUDIENCE", format!("{id},api://{id}"));
    let config = Config::parse(&entra).unwrap();
    assert_eq!(config.client_id, lower);
    assert_eq!(
        config.api_audiences,
        [lower.clone(), format!("api://{lower}")]
    );
    let generic = entra
        .with("AAD_TENANT_ID", "")
        .with("AAD_AUTHORITY", "https://id.example.com");
    let config = Config::parse(&generic).unwrap();
    assert_eq!(config.client_id, id);
    assert_eq!(config.api_audiences[0], id);
}
