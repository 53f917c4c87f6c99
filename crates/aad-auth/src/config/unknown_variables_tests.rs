//! Unknown variables, by what is refused.

use super::*;

fn problems(name: &str) -> Vec<Problem> {
    unknown_variables(&Source::new().with(name, "canary"))
}

#[test]
fn r14_a_misspelt_variable_is_refused_and_the_right_one_named() {
    for (misspelt, right) in [
        ("AAD_SESION_MAX", "AAD_SESSION_MAX"),
        ("AAD_TENANTID", "AAD_TENANT_ID"),
        ("AAD_TENANT", "AAD_TENANT_ID"),
        ("AAD_CLIENTID", "AAD_CLIENT_ID"),
        ("AAD_CLIENT_SECRETS", "AAD_CLIENT_SECRET"),
        ("AAD_ALLOWED_TENANT", "AAD_ALLOWED_TENANTS"),
        ("AAD_BASEURL", "AAD_BASE_URL"),
        ("AAD_REDIRECT_URI", "AAD_REDIRECT_PATH"),
        ("AAD_SCOPE", "AAD_SCOPES"),
        ("AAD_RESPONSEMODE", "AAD_RESPONSE_MODE"),
        ("AAD_SESSION_STORE_URL", "AAD_SESSION_STORE"),
        ("AAD_client_id", "AAD_CLIENT_ID"),
        ("AAD_TENANT_ID_FILE", "AAD_TENANT_ID"),
    ] {
        let problems = problems(misspelt);
        assert_eq!(problems.len(), 1, "{misspelt}");
        assert_eq!(problems[0].variable, right, "{misspelt}");
        let text = problems[0].to_string();
        assert!(
            text.contains(misspelt) && !text.contains("canary"),
            "{text}"
        );
    }
}

#[test]
fn accepts_variables_that_kubernetes_makes_for_a_service_of_a_similar_name() {
    for name in [
        "AAD_AUTH_SERVICE_HOST",
        "AAD_AUTH_SERVICE_PORT",
        "AAD_AUTH_SERVICE_PORT_HTTP",
        "AAD_AUTH_PORT",
        "AAD_AUTH_PORT_80_TCP",
        "AAD_AUTH_PORT_80_TCP_ADDR",
        "AAD_AUTH_PORT_53_UDP_PROTO",
    ] {
        assert!(problems(name).is_empty(), "{name}");
    }
    for name in [
        "AAD_AUTH_PORT_X_TCP",
        "AAD_AUTH_PORT_80_TCP_X",
        "AAD_SERVICE",
    ] {
        assert_eq!(problems(name).len(), 1, "{name}");
    }
    let taken = SETTINGS
        .iter()
        .find(|setting| is_service_link(setting.name));
    assert_eq!(taken, None);
}

#[test]
fn r14_a_variable_of_another_version_is_refused() {
    for name in ["AAD_CLIENT_CERTIFICATE", "AAD_TRUSTED_PROXIES"] {
        let text = problems(name)[0].to_string();
        assert!(text.contains("not read by this version"), "{text}");
    }
}

#[test]
fn known_variables_and_those_of_others_are_no_problem() {
    for setting in SETTINGS
        .iter()
        .filter(|setting| setting.group != Group::Reserved)
    {
        assert_eq!(problems(setting.name), [], "{}", setting.name);
        let file = format!("{}_FILE", setting.name);
        assert_eq!(problems(&file).is_empty(), setting.secret, "{file}");
    }
    for name in [
        "PORT",
        "HOME",
        "AZURE_AUTHORITY_HOST",
        "aad_tenant_id",
        "AAD_TEST_ALL",
    ] {
        assert_eq!(problems(name), [], "{name}");
    }
}
