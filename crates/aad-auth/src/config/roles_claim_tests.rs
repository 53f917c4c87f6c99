use proptest::prelude::*;

use super::*;
use crate::config_room::claim_path::{MAX_PATH, MAX_STEPS, NOT_ROLES, escaped};

fn parsed(value: &str) -> RolesClaim {
    RolesClaim::parse(value).unwrap()
}

/// Name, steps and `*` of the only path.
fn path(value: &str) -> (String, Vec<String>, bool) {
    let claim = parsed(value);
    let [path] = claim.paths() else {
        panic!("{value}: {claim:?}")
    };
    let steps = path.steps().map(str::to_owned).collect();
    (path.name().to_owned(), steps, path.counts_members())
}

#[test]
fn r90_settings_that_name_no_usable_claim_are_refused() {
    let long = "x".repeat(MAX_PATH + 1);
    let deep = ["a"; MAX_STEPS + 1].join(".");
    let many: Vec<_> = (0..=MAX_PATHS).map(|at| format!("c{at}")).collect();
    for value in [
        ",",
        " , ",
        "a..b",
        ".a",
        "a.",
        ".",
        "*",
        "*.a",
        "a.*.b",
        "a.*.*",
        r"a\",
        r"a\b",
        r"a\ ,b",
        "a\u{0}b",
        "a\nb",
        &long,
        &deep,
        &many.join(","),
    ] {
        assert!(RolesClaim::parse(value).is_err(), "{value:?}");
    }
}

#[test]
fn r90_claims_of_the_protocol_and_those_that_users_choose_are_refused() {
    for value in [
        "name",
        "email",
        "preferred_username",
        "nickname",
        "address.roles",
        "sub",
        "scp",
        "scope",
        "aud",
        "acr",
        "roles,email",
        r"em\ail",
    ] {
        assert!(RolesClaim::parse(value).is_err(), "{value}");
    }
    for value in ["roles", "groups", "wids", "cognito:groups", "email_roles"] {
        assert!(RolesClaim::parse(value).is_ok(), "{value}");
    }
}

#[test]
fn documented_paths_are_read() {
    let steps = |steps: &[&str]| {
        steps
            .iter()
            .map(|&step| step.to_owned())
            .collect::<Vec<_>>()
    };
    for (value, name, inner, members) in [
        ("groups", "groups", &[][..], false),
        (
            "realm_access.roles",
            "realm_access.roles",
            &["realm_access", "roles"],
            false,
        ),
        (
            r"resource_access.my\.app.roles",
            "resource_access.my.app.roles",
            &["resource_access", "my.app", "roles"],
            false,
        ),
        (
            "https://example.com/roles",
            "https://example.com/roles",
            &["https://example", "com/roles"],
            false,
        ),
        (
            r"https://example\.com/meta.roles",
            "https://example.com/meta.roles",
            &["https://example.com/meta", "roles"],
            false,
        ),
        (
            "urn:zitadel:iam:org:project:roles.*",
            "urn:zitadel:iam:org:project:roles.*",
            &["urn:zitadel:iam:org:project:roles"],
            true,
        ),
        (r"a.\*", "a.*", &["a", "*"], false),
        (r"a\,b", "a,b", &[], false),
        (r"a\\b", r"a\b", &[], false),
    ] {
        assert_eq!(
            path(value),
            (name.to_owned(), steps(inner), members),
            "{value}"
        );
    }
    let several = parsed(" realm_access.roles, groups ,,groups");
    assert_eq!(several.to_string(), "realm_access.roles,groups");
    assert!(several.reads("realm_access") && several.reads("groups"));
    assert!(several.reads("realm_access.roles") && !several.reads("roles"));
}

#[test]
fn the_default_is_the_claim_roles() {
    assert_eq!(RolesClaim::standard(), &parsed("roles"));
    assert_eq!(RolesClaim::default(), parsed("roles"));
}

proptest! {
    /// Whatever names a provider has, a path to them can be written.
    #[test]
    fn every_list_of_names_can_be_written(
        names in proptest::collection::vec("[a-z*.,\\\\:/ ]{0,12}x", 1..MAX_STEPS),
    ) {
        let text: Vec<_> = names.iter().map(|name| escaped(name)).collect();
        let text = text.join(".");
        // A name must not be one of the standard claims.
        prop_assume!(text.trim() == text && !NOT_ROLES.contains(&&*names[0]));
        let claim = RolesClaim::parse(&text).unwrap();
        let [path] = claim.paths() else { panic!("{text}") };
        prop_assert_eq!(path.name(), names.join("."));
        if names.len() > 1 {
            prop_assert_eq!(path.steps().collect::<Vec<_>>(), names);
        }
        prop_assert!(!path.counts_members());
    }

    /// What is accepted is bounded, and written the same way again.
    #[test]
    fn no_text_panics_or_passes_the_bounds(value in "[a-c.,*\\\\:/ \\PC]{0,400}") {
        if let Ok(claim) = RolesClaim::parse(&value) {
            prop_assert!((1..=MAX_PATHS).contains(&claim.paths().len()));
            for path in claim.paths() {
                prop_assert!(path.steps().count() <= MAX_STEPS && path.name().len() <= MAX_PATH);
            }
            prop_assert_eq!(RolesClaim::parse(&claim.to_string()), Ok(claim));
        }
    }
}
