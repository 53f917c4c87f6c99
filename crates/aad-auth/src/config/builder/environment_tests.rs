//! The builder and the environment: what is read, and when.

use std::time::Duration;

use super::tests::{CLIENT, entra, problems, refused};
use crate::config_room::{Config, Source, env};

#[test]
fn refuses_a_setting_that_is_set_in_code_and_in_the_environment() {
    let environment = Source::new()
        .with("AAD_SESSION_IDLE", "2h")
        .with("AAD_RECHECK", "2h")
        .with("AAD_CLIENT_SECRET", "canary-other");
    let builder = entra().session_idle(Duration::from_secs(3600)).or_env();
    let mut problems = problems(builder.build_beside(Some(&environment)));
    problems.sort_unstable();
    assert_eq!(problems.len(), 2, "{problems:?}");
    for (problem, named) in problems.iter().zip([
        "client_secret (AAD_CLIENT_SECRET): is set in code and in the environment",
        "session_idle (AAD_SESSION_IDLE): is set in code and in the environment",
    ]) {
        assert!(problem.starts_with(named), "{problem}");
    }
}

#[test]
fn refuses_a_setting_that_is_off_in_code_and_set_in_the_environment() {
    const NONE: [&str; 0] = [];
    let off = [
        ("AAD_ENDPOINT_HOSTS", entra().endpoint_hosts(NONE)),
        ("AAD_TRUSTED_AUDIENCES", entra().trusted_audiences(NONE)),
        ("AAD_CORS_ORIGINS", entra().cors_origins(NONE)),
        ("AAD_DOMAIN_HINTS", entra().domain_hints(NONE)),
    ];
    for (variable, builder) in off {
        let environment = Source::new().with(variable, "https://other.example");
        let problems = problems(builder.or_env().build_beside(Some(&environment)));
        let named = format!("{variable}: is set in code and in the environment");
        assert!(
            problems.iter().any(|one| one.starts_with(&named)),
            "{problems:?}"
        );
    }
}

#[test]
fn refuses_a_misspelt_variable_and_names_no_method_for_a_bad_one() {
    let environment = Source::new()
        .with("AAD_SESION_MAX", "2h")
        .with("AAD_RECHECK", "soon");
    let problems = problems(entra().or_env().build_beside(Some(&environment)));
    assert!(problems[0].starts_with("AAD_RECHECK: "), "{problems:?}");
    assert!(problems[1].contains("AAD_SESION_MAX"), "{problems:?}");
}

#[test]
fn has_no_default_base_url_without_the_environment() {
    let builder = || Config::entra("contoso.com", CLIENT).client_secret("x");
    let problems = refused(builder());
    assert!(problems[0].starts_with("base_url (AAD_BASE_URL): "));
    let local = builder().build_beside(Some(&Source::new())).unwrap();
    assert_eq!(local.redirect_uri(), "http://localhost:5000/auth/redirect");
    let hosted = Source::new().with("WEBSITE_SITE_NAME", "site");
    assert!(builder().build_beside(Some(&hosted)).is_err());
}

/// Runs `the_child` in a process with an environment of its own.
#[test]
fn reads_no_variable_unless_asked() {
    let child = concat!(module_path!(), "::the_child").trim_start_matches("aad_auth::");
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--ignored"])
        .env_clear()
        .env("AAD_SESSION_IDLE", "2h")
        .env("AAD_SCOPES", "profile")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "`reads_no_variable_unless_asked` runs it in a process of its own"]
fn the_child() {
    if env::read().get("AAD_SCOPES").is_none() {
        return;
    }
    let config = entra().build().unwrap();
    assert_eq!(config.session_idle, Duration::from_secs(8 * 3600));
    let problems = refused(entra().or_env());
    assert!(problems[0].starts_with("AAD_SCOPES: "), "{problems:?}");
    let config = entra().scopes(["openid"]).or_env().build();
    assert!(config.is_err(), "set in code and in the environment");
}
