//! The builder, by what it refuses.

use std::time::Duration;

use crate::config_room::{Config, ConfigBuilder, ConfigError, Source};

pub(super) const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";

pub(super) fn entra() -> ConfigBuilder {
    Config::entra("contoso.onmicrosoft.com", CLIENT)
        .client_secret("canary-secret")
        .base_url("http://localhost:8080")
}

fn oidc(issuer: &str) -> ConfigBuilder {
    Config::oidc(issuer, "my-app")
        .client_secret("canary-secret")
        .base_url("http://localhost:8080")
}

/// The problems as text, without a canary.
pub(super) fn problems(result: Result<Config, ConfigError>) -> Vec<String> {
    let error = result.err().expect("refused");
    assert!(!error.to_string().contains("canary"), "{error}");
    error.problems.iter().map(ToString::to_string).collect()
}

pub(super) fn refused(builder: ConfigBuilder) -> Vec<String> {
    problems(builder.build())
}

#[test]
fn refuses_each_bad_value_by_method_and_variable() {
    let year = Duration::from_secs(365 * 24 * 3600);
    let at = |tenant: &str| {
        Config::entra(tenant, CLIENT)
            .client_secret("x")
            .base_url("http://localhost")
    };
    for (builder, named) in [
        (at("contoso"), "tenant (AAD_TENANT_ID): "),
        (at(""), "tenant (AAD_TENANT_ID): "),
        (
            at("organizations"),
            "allowed_tenants (AAD_ALLOWED_TENANTS): ",
        ),
        (oidc("http://id.example.com"), "issuer (AAD_AUTHORITY): "),
        (oidc("id.example.com"), "issuer (AAD_AUTHORITY): "),
        (
            entra().base_url("http://app.example.com"),
            "base_url (AAD_BASE_URL): ",
        ),
        (
            entra().base_url("https://app.example.com"),
            "session_secret (AAD_SESSION_SECRET): ",
        ),
        (
            entra().session_secret("canary"),
            "session_secret (AAD_SESSION_SECRET): ",
        ),
        (
            entra().session_store("postgres://canary"),
            "session_store (AAD_SESSION_STORE): ",
        ),
        (
            entra().session_idle(year),
            "session_idle (AAD_SESSION_IDLE): ",
        ),
        (
            entra().max_sessions_per_user(0),
            "max_sessions_per_user (AAD_MAX_SESSIONS_PER_USER): ",
        ),
        (
            entra().signing_algorithms(["HS256"]),
            "signing_algorithms (AAD_SIGNING_ALGORITHMS): ",
        ),
        (entra().scopes(["profile"]), "scopes (AAD_SCOPES): "),
        (
            entra().cors_origins(["*"]),
            "cors_origins (AAD_CORS_ORIGINS): ",
        ),
        (entra().ca_file("/missing"), "ca_file (AAD_CA_FILE): "),
        (
            entra().user_flow_edit_profile("x"),
            "user_flow_edit_profile (AAD_USER_FLOW_EDIT_PROFILE): ",
        ),
    ] {
        let problems = refused(builder);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(named), "{problems:?}");
        assert!(!problems[0].contains("(for example: AAD_"), "{problems:?}");
    }
}

#[test]
fn refuses_a_placeholder_for_a_secret() {
    let builder = Config::entra("contoso.com", CLIENT).base_url("http://localhost");
    let problems = refused(builder.client_secret("<canary>"));
    let expected = "client_secret (AAD_CLIENT_SECRET): still holds the placeholder";
    assert!(problems[0].starts_with(expected), "{problems:?}");
}

#[test]
fn refuses_two_ways_to_name_the_authority() {
    let host = "https://login.microsoftonline.us";
    let problems_in_code = refused(oidc("https://id.example.com").authority_host(host));
    assert!(
        problems_in_code[0].contains("AAD_AUTHORITY_HOST in another way"),
        "{problems_in_code:?}"
    );
    let environment = Source::new().with("AAD_AUTHORITY", "https://id.example.com");
    let beside = problems(entra().or_env().build_beside(Some(&environment)));
    assert_eq!(beside.len(), 1, "{beside:?}");
    // The value came from the variable, so the method is not named.
    assert!(beside[0].starts_with("AAD_AUTHORITY: says the same as AAD_TENANT_ID"));
    let flow = refused(entra().user_flow("B2C_1_x"));
    assert!(
        flow[0].starts_with("user_flow (AAD_USER_FLOW): "),
        "{flow:?}"
    );
}

#[test]
fn refuses_what_a_variable_cannot_express_instead_of_changing_it() {
    let half = Duration::from_millis(90_500);
    let zero = Duration::from_nanos(1);
    for (builder, named) in [
        (entra().session_idle(half), "session_idle"),
        (entra().clock_leeway(zero), "clock_leeway"),
        (
            entra().cors_origins(["https://a.test,https://b.test"]),
            "cors_origins",
        ),
        (entra().trusted_audiences(["a,b"]), "trusted_audiences"),
        (entra().trusted_audiences(["a", ""]), "trusted_audiences"),
        (entra().api_audience(["a,b"]), "api_audience"),
        (entra().scopes(["openid profile"]), "scopes"),
        (entra().scopes(["openid,profile"]), "scopes"),
        (entra().roles_claim(["a,b"]), "roles_claim"),
        (entra().endpoint_hosts(["a.test,b.test"]), "endpoint_hosts"),
        (entra().allowed_tenants(["*,x"]), "allowed_tenants"),
        (entra().client_secret("one\ntwo"), "client_secret"),
    ] {
        let problems = refused(builder);
        assert!(problems[0].starts_with(named), "{problems:?}");
    }
}

#[test]
fn refuses_an_empty_value_instead_of_taking_the_default() {
    let none: [&str; 0] = [];
    for (builder, named) in [
        (entra().client_secret(" "), "client_secret"),
        (entra().cookie_name(""), "cookie_name"),
        (entra().session_store(""), "session_store"),
        (entra().state_dir(""), "state_dir"),
        (entra().scopes(none), "scopes"),
        (entra().allowed_tenants(none), "allowed_tenants"),
        (entra().signing_algorithms(none), "signing_algorithms"),
        (entra().api_audience(none), "api_audience"),
        (entra().roles_claim(none), "roles_claim"),
    ] {
        let problems = refused(builder);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(named), "{problems:?}");
        assert!(problems[0].contains("is empty"), "{problems:?}");
    }
    // No member is what the default says too.
    let open = entra().cors_origins(none).domain_hints(none);
    assert!(
        open.trusted_audiences(none)
            .endpoint_hosts(none)
            .build()
            .is_ok()
    );
}

#[cfg(unix)]
#[test]
fn refuses_a_path_that_is_not_unicode() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let problems = refused(entra().state_dir(OsStr::from_bytes(b"/\xff")));
    assert!(problems[0].starts_with("state_dir"), "{problems:?}");
}

#[test]
fn reports_every_problem_at_once_and_each_once() {
    let problems = refused(
        Config::entra("contoso", "with space")
            .client_secret("")
            .session_max(Duration::from_secs(1))
            .scopes(["profile"])
            .graph_url("http://graph.example.com"),
    );
    let mut methods: Vec<_> = problems
        .iter()
        .map(|problem| problem.split(' ').next().unwrap())
        .collect();
    methods.sort_unstable();
    assert_eq!(
        methods,
        [
            "base_url",
            "client_id",
            "client_secret",
            "graph_url",
            "scopes",
            "session_max",
            "tenant"
        ]
    );
}

#[test]
fn a_further_secret_is_added_and_any_other_value_replaced() {
    let config = entra()
        .client_secret("second")
        .session_store("postgres://x")
        .session_store("memory")
        .build()
        .unwrap();
    assert_eq!(config.client_secrets.len(), 2);
}
