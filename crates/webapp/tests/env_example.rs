//! `.env.example` is what people copy: its placeholders are refused, its examples accepted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use aad_auth::config::{Config, Group, Guid, SETTINGS, Source, setting};
use entra_emulator::Application;
use serde_json::Value;
use webapp::{handlers::ADMIN, settings::Settings};

const EXAMPLE: &str = include_str!("../../../.env.example");

const README: &str = include_str!("../../../README.md");

/// Variables of `webapp` itself.
const OWN: [&str; 9] = [
    "HOST",
    "MAX_CONNECTIONS",
    "METRICS_TOKEN",
    "PORT",
    "RUST_LOG",
    "SHUTDOWN_DELAY",
    "STATIC_DIR",
    "TLS_CERT_FILE",
    "TLS_KEY_FILE",
];

/// Every variable that this version reads.
fn variables() -> Vec<&'static str> {
    let crates = SETTINGS
        .iter()
        .filter(|setting| setting.group != Group::Reserved);
    let mut names: Vec<_> = crates.map(|setting| setting.name).chain(OWN).collect();
    names.sort_unstable();
    names
}

/// Name, value, and whether it is commented out.
fn lines() -> Vec<(&'static str, &'static str, bool)> {
    let mut lines = Vec::new();
    for line in EXAMPLE.lines() {
        let (line, commented) = match line.strip_prefix('#') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_uppercase()) => (rest, true),
            Some(_) => continue,
            None => (line, false),
        };
        if let Some((name, value)) = line.split_once('=')
            && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        {
            lines.push((name, value, commented));
        }
    }
    lines
}

#[test]
fn every_variable_is_there_once() {
    let mut names: Vec<_> = lines().into_iter().map(|(name, ..)| name).collect();
    names.sort_unstable();
    assert_eq!(names, variables());
}

#[test]
fn a_copy_that_is_not_filled_in_is_refused_by_name() {
    let read = dotenvy::from_read_iter(EXAMPLE.as_bytes()).map(Result::unwrap);
    let source: Source = read.collect();
    let error = Config::parse(&source).err().unwrap();
    let named: Vec<_> = error
        .problems
        .iter()
        .map(|problem| problem.variable)
        .collect();
    for name in ["AAD_TENANT_ID", "AAD_CLIENT_ID", "AAD_CLIENT_SECRET"] {
        assert!(named.contains(&name), "{named:?}");
    }
    assert!(error.to_string().contains("placeholder"), "{error}");
}

#[test]
fn every_example_is_accepted() {
    let minimal = Source::new()
        .with("AAD_TENANT_ID", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca")
        .with("AAD_CLIENT_ID", "00001111-aaaa-2222-bbbb-3333cccc4444")
        .with("AAD_CLIENT_SECRET", "a secret");
    for (name, value, _) in lines() {
        if value.contains('<') || value.starts_with('/') {
            continue;
        }
        let mut source = minimal.clone().with(name, value.trim_matches('\''));
        if name == "AAD_AUTHORITY" {
            source.set("AAD_TENANT_ID", "");
        }
        if name.starts_with("AAD_USER_FLOW") {
            source.set("AAD_AUTHORITY_HOST", "https://contoso.b2clogin.com");
            source.set("AAD_USER_FLOW", "B2C_1_sign_in");
        }
        let problems = Config::parse(&source)
            .err()
            .map_or_else(Vec::new, |error| error.problems);
        let own = Settings::parse(&source).err().unwrap_or_default();
        let wrong = problems
            .iter()
            .chain(&own)
            .find(|problem| problem.variable == name);
        assert!(wrong.is_none(), "{name}={value}: {}", wrong.unwrap());
    }
}

/// The commands are copied as they stand: their bodies are JSON, and register what the program sends.
#[test]
fn r116_the_command_line_of_the_readme_registers_what_the_portal_walk_does() {
    let (_, block) = README.split_once("APP_ID=$(az ad app create").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let mut bodies = bodies(block).into_iter();
    let mut manifest: Value = bodies.next().unwrap();
    assert_eq!(manifest["appRoles"][0]["isEnabled"], true);
    manifest["web"] = bodies.next().unwrap()["web"].take();
    let registered: Application = serde_json::from_value(manifest).unwrap();
    let role = &registered.app_roles[0];
    assert_eq!(role.value, ADMIN);
    assert!(Guid::parse_exact(&role.id).is_some());
    let claims = registered.optional_claims.id_token.0.iter();
    let claims: Vec<_> = claims.map(|claim| claim.name.as_str()).collect();
    assert_eq!(claims, ["sid", "login_hint"]);

    let assignment = bodies.next().unwrap();
    assert_eq!(assignment["appRoleId"], role.id.as_str());
    assert_eq!(assignment["principalId"], "$ME");
    assert!(bodies.next().is_none());

    let source = Source::new()
        .with("AAD_TENANT_ID", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca")
        .with("AAD_CLIENT_ID", "00001111-aaaa-2222-bbbb-3333cccc4444")
        .with("AAD_CLIENT_SECRET", "a secret");
    let config = Config::parse(&source).unwrap();
    let front_channel = config.route("/front_channel_sign_out");
    let front_channel = config.base_url.join(&front_channel);
    assert_eq!(registered.web.logout_url, Some(front_channel.clone()));
    for address in [
        config.redirect_uri(),
        config.post_logout_redirect_uri(),
        front_channel,
    ] {
        // In the walk through the portal and here.
        assert!(README.matches(&address).count() >= 2, "{address}");
    }
    // The command line has no switch for it; `--set` fails.
    assert!(!block.contains("--set"), "{block}");
}

/// What follows each `--body`, in single quotes or in double ones with `\"` inside.
fn bodies(block: &str) -> Vec<Value> {
    let after = block.split("--body ").skip(1);
    after
        .map(|text| match text.strip_prefix('\'') {
            Some(text) => text.split_once('\'').unwrap().0.to_owned(),
            None => {
                let text = text.strip_prefix('"').unwrap().replace("\\\"", "\u{0}");
                text.split_once('"').unwrap().0.replace('\u{0}', "\"")
            }
        })
        .map(|json| serde_json::from_str(&json).unwrap())
        .collect()
}

#[test]
fn the_readme_says_what_to_change_for_each_number_of_microsofts_page() {
    for number in [50011, 700016, 50105, 90094, 50194, 50020, 9_002_325] {
        let row = README
            .lines()
            .find(|line| line.starts_with(&format!("| {number} | ")));
        assert!(
            row.is_some_and(|row| row.split(" | ").count() == 3),
            "{number}"
        );
    }
    assert!(README.contains("AAD_SCOPES='openid profile email offline_access User.Read'"));
}

/// README's table names every variable once, with the default that the code's table has.
#[test]
fn the_readme_has_the_same_variables_and_defaults() {
    let rows = README
        .lines()
        .filter(|line| line.starts_with("| `") && line.ends_with('|'));
    let mut named = Vec::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [variables, _, default] = cells[..] else {
            continue;
        };
        let variables: Vec<_> = variables
            .split(", ")
            .map(|name| name.trim_matches('`'))
            .collect();
        if !variables.iter().all(|name| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        }) {
            continue;
        }
        let defaults: Vec<_> = variables.iter().filter_map(|name| setting(name)).collect();
        if !defaults.is_empty() {
            let expected: Vec<_> = defaults.iter().map(|setting| setting.default).collect();
            assert_eq!(default, expected.join(", "), "{variables:?}");
        }
        named.extend(variables);
    }
    named.sort_unstable();
    assert_eq!(named, variables());
}

#[test]
fn every_example_of_the_table_is_accepted() {
    for setting in SETTINGS
        .iter()
        .filter(|setting| setting.group != Group::Reserved)
    {
        let source = Source::new().with(setting.name, setting.example);
        let problems = Config::parse(&source)
            .err()
            .map_or_else(Vec::new, |error| error.problems);
        let wrong = problems
            .iter()
            .find(|problem| problem.variable == setting.name);
        let needs_more = ["AAD_USER_FLOW_EDIT_PROFILE", "AAD_USER_FLOW_PASSWORD_RESET"];
        let elsewhere = setting.example.starts_with("output of") || setting.name == "AAD_CA_FILE";
        if !elsewhere && !needs_more.contains(&setting.name) {
            assert!(wrong.is_none(), "{}", wrong.unwrap());
        }
    }
}
