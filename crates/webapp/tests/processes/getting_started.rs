//! The first minutes with the program: what it says about settings, and the local emulator wherever and
//! however it is started.

use std::{path::Path, process::Command};

use crate::{
    browser::Browser,
    support::{ADA, PROGRAM, Settings, Webapp, free_port},
};

fn settings(pairs: &[(&str, &str)]) -> Settings {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// Runs `webapp --check-config`; whether the settings can be used, and what it said.
fn check(settings: &Settings) -> (bool, String) {
    let output = Command::new(PROGRAM)
        .arg("--check-config")
        .current_dir("/")
        .env_clear()
        .envs(settings)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

const OWN: [(&str, &str); 3] = [
    ("AAD_TENANT_ID", "11110000-aaaa-4bbb-8ccc-000000000001"),
    ("AAD_CLIENT_ID", "00001111-aaaa-4222-8333-000000000001"),
    ("AAD_CLIENT_SECRET", "canary-secret"),
];

#[test]
fn r110_check_config_names_the_right_one_for_any_of_ten_misspelt_variables() {
    for (misspelt, right) in [
        ("AAD_SESION_MAX", "AAD_SESSION_MAX"),
        ("AAD_TENANTID", "AAD_TENANT_ID"),
        ("AAD_CLIENTID", "AAD_CLIENT_ID"),
        ("AAD_CLIENT_SECERT", "AAD_CLIENT_SECRET"),
        ("AAD_BASEURL", "AAD_BASE_URL"),
        ("AAD_SCOPE", "AAD_SCOPES"),
        ("AAD_SESSION_STORES", "AAD_SESSION_STORE"),
        ("AAD_ALOWED_TENANTS", "AAD_ALLOWED_TENANTS"),
        ("AAD_RESPONSEMODE", "AAD_RESPONSE_MODE"),
        ("AAD_STATEDIR", "AAD_STATE_DIR"),
    ] {
        // With a provider, and where the local emulator would start.
        for others in [&OWN[..], &[]] {
            let mut settings = settings(others);
            settings.insert("HOME".into(), "/tmp".into());
            assert!(check(&settings).0, "{others:?}");
            settings.insert(misspelt.into(), "canary".into());
            let (usable, said) = check(&settings);
            assert!(!usable, "{misspelt}: {said}");
            let expected = format!("{right}: is the setting nearest to {misspelt}");
            assert!(said.contains(&expected), "{misspelt}: {said}");
            assert!(!said.contains("canary"), "{said}");
        }
    }
}

#[test]
fn r111_check_config_names_the_problems_of_every_stage_at_once() {
    let wrong = [
        ("HOME", ""),
        ("AAD_SESSION_STORE", "postgres://x"),
        ("AAD_CA_FILE", "/missing"),
        ("AAD_REDIRECT_PATH", "/auth/sign_in"),
        ("AAD_SESSION_IDLE", "soon"),
        ("METRICS_TOKEN_FILE", "/missing"),
        ("SHUTDOWN_DELAY", "soon"),
        ("TLS_KEY_FILE", "/missing"),
    ];
    for own in [&OWN[..2], &[]] {
        let (usable, said) = check(&settings(&[&wrong[..], own].concat()));
        assert!(!usable);
        for (name, _) in &wrong[1..] {
            let name = name.replace("TLS_KEY_FILE", "TLS_CERT_FILE");
            assert!(said.contains(&format!("\n  {name}: ")), "{name}: {said}");
        }
        // With a provider of one's own the folder and the secret are missing too.
        for name in ["AAD_STATE_DIR", "AAD_CLIENT_SECRET"] {
            let named = said.contains(&format!("\n  {name}: "));
            assert_eq!(named, !own.is_empty(), "{name}: {said}");
        }
    }
    let (usable, said) = check(&settings(&[("AAD_SESSION_STORE", "postgres://x")]));
    assert!(
        !usable && said.contains("AAD_SESSION_STORE: must be"),
        "{said}"
    );
}

#[test]
fn w57_no_part_of_a_private_key_is_told_when_its_file_is_broken_or_named_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let canary = "Q0FOQVJZQ0FOQVJZ";
    let lines = [
        "-----BEGIN PRIVATE KEY-----",
        canary,
        "-----END PRIVATE KEY-----",
    ];
    let key = file("key.pem", &(lines.join("\n") + "\n"));
    let generated = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let chain = file("chain.pem", &generated.cert.pem());
    for (at, text) in [
        lines.join("\\n"),
        lines.join(" "),
        lines.concat(),
        format!("-----BEGIN {canary}"),
        format!("-----BEGIN PRIVATE KEY-----\n{canary}"),
        format!("-----BEGIN {canary}-----\nAAAA\n"),
        format!("-----BEGIN PRIVATE KEY-----\n{canary}!\u{e9}\n-----END PRIVATE KEY-----\n"),
        lines.join("\n"),
    ]
    .iter()
    .enumerate()
    {
        let broken = file(&format!("broken-{at}.pem"), text);
        for (certificate, private) in [(&chain, &broken), (&broken, &key), (&key, &chain)] {
            let own = [
                ("TLS_CERT_FILE", certificate.as_str()),
                ("TLS_KEY_FILE", private),
                ("AAD_CA_FILE", &broken),
                ("HOME", "/tmp"),
            ];
            let (usable, said) = check(&settings(&[&OWN[..], &own].concat()));
            assert!(!usable && said.contains("\n  TLS_"), "{text}: {said}");
            assert!(said.contains("\n  AAD_CA_FILE: "), "{text}: {said}");
            let decimal = format!("{:?}", canary.as_bytes());
            let decimal = decimal.trim_matches(['[', ']']);
            assert!(!said.contains(canary), "{text}: {said}");
            assert!(!said.contains(decimal), "{text}: {said}");
        }
    }
}

#[test]
fn an_emulator_that_is_not_started_says_why_and_a_missing_provider_names_it() {
    for (pairs, reason) in [
        (
            &OWN[..1],
            "AAD_TENANT_ID is set, which belongs to a provider",
        ),
        (&[("HOST", "0.0.0.0")][..], "leave HOST unset"),
        (
            &[("AAD_BASE_URL", "https://app.example.test")],
            "AAD_BASE_URL is not on this machine",
        ),
        (&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")], "hosting"),
    ] {
        let (_, said) = check(&settings(pairs));
        let expected = "The local emulator (--emulator) is not started, since";
        assert!(said.contains(expected) && said.contains(reason), "{said}");
        assert!(said.contains("AAD_CLIENT_ID"), "{said}");
    }
    let mut guid = settings(&OWN[..2]);
    guid.insert("AAD_CLIENT_SECRET".into(), OWN[0].1.into());
    let (_, said) = check(&guid);
    assert!(
        said.contains("Secret ID") && !said.contains("--emulator"),
        "{said}"
    );
    // Settings that are complete are used, but what was asked for is not passed over in silence.
    let mut own = settings(&OWN);
    own.insert("AAD_STATE_DIR".into(), "/dev/null/x".into());
    let refused = Webapp::refused_with(&["--emulator"], Path::new("/"), &own);
    assert!(refused.contains("since AAD_TENANT_ID is set"), "{refused}");
}

/// Signs Ada in, and returns the browser.
async fn sign_in(webapp: &Webapp, site: &str) -> Browser {
    webapp.sign_in_without_a_page().await;
    let browser = Browser::new();
    let page = browser.open(&format!("{site}/token_details")).await;
    assert_eq!(page.status, 200, "{}", webapp.log());
    let me = browser.fetch(&format!("{site}/api/me")).await;
    assert!(me.body.contains(ADA), "{me:?}");
    browser
}

#[actix_web::test]
async fn r115_without_a_usable_home_folder_the_local_tenant_runs_in_memory_and_says_so() {
    for home in [None, Some("/dev/null/home")] {
        let port = free_port();
        let mut settings = settings(&[("PORT", &port.to_string())]);
        settings.extend(home.map(|home| ("HOME".to_owned(), home.to_owned())));
        let webapp = Webapp::start_ready(&settings);
        let log = webapp.log();
        assert!(
            log.contains("in memory") && log.contains("AAD_STATE_DIR"),
            "{log}"
        );
        sign_in(&webapp, &format!("http://localhost:{port}")).await;
    }
}

#[test]
fn r115_a_state_folder_that_was_asked_for_and_cannot_be_used_is_refused_by_name() {
    let asked = settings(&[("AAD_STATE_DIR", "/dev/null/x"), ("PORT", "0")]);
    let said = Webapp::refused(&asked);
    assert!(said.contains("webapp: AAD_STATE_DIR: "), "{said}");
    // With a provider of one's own nothing is kept in memory without being asked.
    let mut own = settings(&OWN);
    own.insert("PORT".into(), "0".into());
    let said = Webapp::refused(&own);
    assert!(said.contains("AAD_STATE_DIR: must name a folder"), "{said}");
}

#[actix_web::test]
async fn r113_the_local_tenant_registers_the_address_at_which_the_application_is() {
    let state = tempfile::tempdir().unwrap();
    let port = free_port().to_string();
    let webapp = Webapp::start_ready(&settings(&[
        ("PORT", &port),
        ("AAD_STATE_DIR", state.path().to_str().unwrap()),
        ("AAD_ROUTE_PREFIX", "/partners/auth"),
        ("AAD_REDIRECT_PATH", "/cb"),
    ]));
    let site = format!("http://localhost:{port}");
    assert!(
        webapp
            .log()
            .contains(&format!("redirect_uri=\"{site}/cb\""))
    );
    let browser = sign_in(&webapp, &site).await;
    assert!(state.path().join("emulator").is_dir());

    let page = browser
        .post(&format!("{site}/partners/auth/sign_out"), "")
        .await;
    let provider = page.location();
    let page = browser.get(provider.as_str()).await;
    let frame = format!("{site}/partners/auth/front_channel_sign_out?sid=");
    assert!(page.body.contains(&frame), "{page:?}");

    let dashboard = browser.get(provider.join("/").unwrap().as_str()).await;
    for expected in [
        format!("AAD_BASE_URL={site}"),
        "AAD_REDIRECT_PATH=/cb".to_owned(),
        format!("{site}/partners/auth/post_sign_out"),
    ] {
        assert!(dashboard.body.contains(&expected), "{expected}");
    }
    assert!(!dashboard.body.contains("localhost:5000"), "{dashboard:?}");
}

#[test]
fn a_read_only_folder_with_a_stray_env_file_is_said_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let stray = folder.path().join(".env");
    std::fs::write(&stray, "AAD_TENANT_ID=organizations\n").unwrap();
    let said = Webapp::refused_in(folder.path(), &settings(&[("HOME", "/tmp")]));
    for expected in [
        stray.to_str().unwrap(),
        "AAD_CLIENT_ID",
        "AAD_TENANT_ID is set, which belongs to a provider",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}
