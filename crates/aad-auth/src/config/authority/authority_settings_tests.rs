//! Settings of the authority, by what they refuse.

use super::*;

fn build(settings: AuthoritySettings<'_>) -> Result<String, String> {
    settings
        .build()
        .map(|authority| authority.id())
        .map_err(|problems| {
            let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
            texts.join("\n")
        })
}

#[test]
fn a_tenant_alone_is_in_the_global_cloud() {
    let settings = AuthoritySettings {
        tenant_id: Some("F645AD92-e38d-4d1a-b510-d1b09a74a8ca"),
        ..AuthoritySettings::default()
    };
    let id = "https://login.microsoftonline.com/f645ad92-e38d-4d1a-b510-d1b09a74a8ca/v2.0";
    assert_eq!(build(settings).unwrap(), id);
    assert_eq!(
        settings
            .build()
            .unwrap()
            .metadata_url(Some("c"))
            .unwrap()
            .as_str(),
        format!("{id}/.well-known/openid-configuration?appid=c")
    );
}

#[test]
fn without_settings_the_tenant_is_named_as_missing() {
    let error = build(AuthoritySettings::default()).unwrap_err();
    assert!(error.starts_with("AAD_TENANT_ID: is not set"), "{error}");
}

#[test]
fn every_problem_is_reported_at_once() {
    let error = build(AuthoritySettings {
        tenant_id: Some("contoso"),
        authority_host: Some("http://login.example.com"),
        user_flow: Some("no/flow"),
        ..AuthoritySettings::default()
    })
    .unwrap_err();
    for variable in ["AAD_TENANT_ID: ", "AAD_AUTHORITY_HOST: ", "AAD_USER_FLOW: "] {
        assert!(error.contains(variable), "{error}");
    }
}

#[test]
fn external_id_and_user_flow_hosts_imply_the_domain() {
    let external = AuthoritySettings {
        authority_host: Some("https://cpimtestpartners.ciamlogin.com/"),
        ..AuthoritySettings::default()
    };
    assert_eq!(
        build(external).unwrap(),
        "https://cpimtestpartners.ciamlogin.com/cpimtestpartners.onmicrosoft.com/v2.0"
    );
    let flow = AuthoritySettings {
        authority_host: Some("https://fabrikamb2c.b2clogin.com"),
        user_flow: Some("b2c_1_susi"),
        ..AuthoritySettings::default()
    };
    assert_eq!(
        build(flow).unwrap(),
        "https://fabrikamb2c.b2clogin.com/fabrikamb2c.onmicrosoft.com/b2c_1_susi/v2.0"
    );
}

#[test]
fn refuses_parts_that_contradict_each_other() {
    for (settings, variable) in [
        (
            AuthoritySettings {
                tenant_id: Some("common"),
                authority_host: Some("https://x.ciamlogin.com"),
                ..AuthoritySettings::default()
            },
            "AAD_TENANT_ID",
        ),
        (
            AuthoritySettings {
                authority_host: Some("https://x.b2clogin.com"),
                ..AuthoritySettings::default()
            },
            "AAD_USER_FLOW",
        ),
        (
            AuthoritySettings {
                tenant_id: Some("contoso.com"),
                user_flow: Some("b2c_1_susi"),
                ..AuthoritySettings::default()
            },
            "AAD_USER_FLOW",
        ),
        (
            AuthoritySettings {
                tenant_id: Some("contoso.com"),
                authority: Some("https://id.example.com"),
                ..AuthoritySettings::default()
            },
            "AAD_AUTHORITY",
        ),
    ] {
        let error = build(settings).unwrap_err();
        assert!(error.starts_with(variable), "{error}");
    }
}

#[test]
fn further_user_flows_share_the_tenant_and_need_the_first() {
    let flow = AuthoritySettings {
        authority_host: Some("https://fabrikamb2c.b2clogin.com"),
        user_flow: Some("b2c_1_susi"),
        ..AuthoritySettings::default()
    };
    let edit = flow
        .build()
        .unwrap()
        .with_user_flow("AAD_USER_FLOW_EDIT_PROFILE", "b2c_1_edit");
    assert_eq!(
        edit.unwrap().id(),
        "https://fabrikamb2c.b2clogin.com/fabrikamb2c.onmicrosoft.com/b2c_1_edit/v2.0"
    );
    let entra = AuthoritySettings {
        tenant_id: Some("common"),
        ..AuthoritySettings::default()
    };
    let problem = entra
        .build()
        .unwrap()
        .with_user_flow("AAD_USER_FLOW_EDIT_PROFILE", "x");
    assert_eq!(problem.unwrap_err().variable, "AAD_USER_FLOW_EDIT_PROFILE");
}
