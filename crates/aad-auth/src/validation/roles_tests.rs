use serde_json::json;

use super::*;

#[path = "roles_property_tests.rs"]
mod properties;

fn read_at(provider: ProviderKind, setting: &str, claims: &str) -> Roles {
    let claim = RolesClaim::parse(setting).unwrap();
    let raw = RawClaims::parse(claims.as_bytes(), &claim).ok().unwrap();
    Roles::read(&raw, &claim, provider, RolePaths::ALL).0
}

fn read(setting: &str, claims: &Value) -> Roles {
    read_at(ProviderKind::Generic, setting, &claims.to_string())
}

fn roles<const N: usize>(listed: [&str; N]) -> Roles {
    Roles {
        listed: listed.map(Box::from).to_vec(),
        incomplete: false,
    }
}

#[test]
fn roles_are_read_where_products_write_them() {
    let keycloak = json!({
        "realm_access": {"roles": ["offline_access", "Editor"]},
        "resource_access": {"my.app": {"roles": ["Writer"]}, "account": {"roles": ["view-profile"]}},
    });
    let namespaced = json!({"https://example.com/roles": ["Editor"], "roles": ["Other"]});
    let zitadel = json!({"urn:zitadel:iam:org:project:roles": {
        "Editor": {"2918": "acme.example.com"}, "Gone": {}, "Off": false, "On": true, "None": null,
    }});
    for (setting, claims, expected) in [
        (
            "realm_access.roles",
            &keycloak,
            roles(["offline_access", "Editor"]).listed,
        ),
        (
            r"resource_access.my\.app.roles",
            &keycloak,
            roles(["Writer"]).listed,
        ),
        (
            r"resource_access.my\.app.roles,realm_access.roles",
            &keycloak,
            roles(["Writer", "offline_access", "Editor"]).listed,
        ),
        (
            "https://example.com/roles",
            &namespaced,
            roles(["Editor"]).listed,
        ),
        (
            "urn:zitadel:iam:org:project:roles.*",
            &zitadel,
            roles(["Editor", "On"]).listed,
        ),
        (
            "cognito:groups",
            &json!({"cognito:groups": ["Editor"]}),
            roles(["Editor"]).listed,
        ),
        (
            "groups",
            &json!({"groups": "Editor"}),
            roles(["Editor"]).listed,
        ),
        (
            "a,b,c",
            &json!({"a": "x", "b": ["y", "x", ""], "c": {}, "d": "z"}),
            roles(["x", "y"]).listed,
        ),
    ] {
        assert_eq!(read(setting, claims).listed, expected, "{setting}");
    }
}

#[test]
fn r91_a_claim_of_the_whole_name_wins_over_the_way_into_objects() {
    let both = json!({"a.b": ["whole"], "a": {"b": ["inner"]}});
    assert_eq!(read("a.b", &both), roles(["whole"]));
    assert_eq!(
        read("a.b", &json!({"a.b": null, "a": {"b": ["inner"]}})),
        roles(["inner"])
    );
    // It also wins when it lists nothing.
    let unreadable = json!({"a.b": 5, "a": {"b": ["inner"]}});
    assert_eq!(read("a.b", &unreadable), Roles::unknown());
}

#[test]
fn r91_what_lists_no_roles_leaves_it_unknown_which_roles_there_are() {
    for (setting, claims) in [
        ("a", json!({"a": 5})),
        ("a", json!({"a": true})),
        ("a", json!({"a": {"Admin": true}})),
        ("a", json!({"a": ["Admin", 5]})),
        ("a", json!({"a": [["Admin"]]})),
        ("a", json!({"a": [null]})),
        // A way that does not lead through objects.
        ("a.b", json!({"a": "Admin"})),
        ("a.b", json!({"a": ["Admin"]})),
        ("a.b.c", json!({"a": {"b": "Admin"}})),
        ("a.b.c", json!({"a": {"b": ["Admin"]}})),
        ("a.b", json!({"a": {"b": {"Admin": {}}}})),
        // Names of members where there are none.
        ("a.*", json!({"a": "Admin"})),
        ("a.*", json!({"a": ["Admin"]})),
        ("a.*", json!({"a": {"Admin": 1}})),
        ("a.*", json!({"a": {"Admin": "no"}})),
        // Left out by the provider.
        ("a", json!({"_claim_names": {"a": "src1"}})),
        (
            "a.b",
            json!({"_claim_names": {"a": "src1"}, "a": {"b": ["Admin"]}}),
        ),
        ("groups", json!({"_claim_names": {"groups": "src1"}})),
        ("groups", json!({"hasgroups": true})),
        ("groups", json!({"hasgroups": "true", "groups": ["Admin"]})),
    ] {
        assert_eq!(
            read(setting, &claims),
            Roles::unknown(),
            "{setting} {claims}"
        );
        // What another claim lists counts nevertheless.
        let mut claims = claims;
        claims["other"] = json!(["Reader"]);
        let both = read(&format!("{setting},other"), &claims);
        assert_eq!(
            both.listed(),
            roles(["Reader"]).listed(),
            "{setting} {claims}"
        );
        assert!(both.is_incomplete(), "{setting} {claims}");
    }
}

#[test]
fn what_is_not_there_is_no_role() {
    for (setting, claims) in [
        ("a", json!({})),
        ("a", json!({"A": ["Admin"]})),
        ("a", json!({"a": []})),
        ("a", json!({"a": ""})),
        ("a.b", json!({"a": {}, "b": ["Admin"]})),
        ("a.b", json!({"a": null})),
        ("a.b", json!({"a": {"b": null}})),
        ("a.*", json!({"a": {}})),
        ("a.*", json!({"a": {"Admin": null, "B": false, "C": {}}})),
        (
            "a",
            json!({"_claim_names": {"groups": "src1"}, "hasgroups": true}),
        ),
        ("groups", json!({"hasgroups": false})),
        ("roles", json!({"realm_access": {"roles": ["Admin"]}})),
    ] {
        assert_eq!(
            read(setting, &claims),
            Roles::default(),
            "{setting} {claims}"
        );
    }
}

#[test]
fn b20_entras_roles_are_an_array() {
    let text = r#"{"roles":"Admin"}"#;
    for provider in [ProviderKind::Entra, ProviderKind::UserFlow] {
        assert_eq!(read_at(provider, "roles", text), Roles::unknown());
        assert_eq!(
            read_at(provider, "roles", r#"{"roles":["Admin"]}"#),
            roles(["Admin"])
        );
    }
    assert_eq!(
        read_at(ProviderKind::Generic, "roles", text),
        roles(["Admin"])
    );
}

#[test]
fn r91_roles_beyond_the_bounds_are_not_listed_and_leave_it_unknown() {
    let many: Vec<_> = (0..=MAX_ROLES).map(|at| format!("r{at}")).collect();
    let found = read("a", &json!({"a": many}));
    assert!(found.is_incomplete() && found.listed().len() == MAX_ROLES);
    let found = read("a", &json!({"a": ["x".repeat(MAX_ROLE + 1), "y"]}));
    assert!(found.is_incomplete() && found.listed() == roles(["y"]).listed());
    let long: Vec<_> = (0..80).map(|at| format!("{at:01000}")).collect();
    let found = read("a", &json!({"a": long}));
    let bytes: usize = found.listed().iter().map(|role| role.len()).sum();
    assert!(found.is_incomplete() && bytes <= MAX_BYTES);
}

#[test]
fn b20_entras_roles_are_an_array_and_nothing_else() {
    let read = |claims| read_at(ProviderKind::Entra, "roles", claims);
    assert_eq!(read(r#"{"roles":"Admin"}"#), Roles::unknown());
    assert_eq!(read(r#"{"roles":["Admin"]}"#), roles(["Admin"]));
}

/// Claims that the ID token has are not read in userinfo.
#[test]
fn only_the_paths_that_are_asked_for_are_read() {
    let claim = RolesClaim::parse("a.b,groups,c").unwrap();
    let claims = br#"{"a":{"b":["one"]},"groups":[],"c":null}"#;
    let raw = RawClaims::parse(claims, &claim).ok().unwrap();
    let read = |paths| Roles::read(&raw, &claim, ProviderKind::Generic, paths);
    let (all, silent) = read(RolePaths::ALL);
    assert_eq!(all, roles(["one"]));
    assert_eq!(
        silent,
        RolePaths(0b100),
        "an empty list says that there is none"
    );
    assert_eq!(read(silent).0, roles([]));
    assert_eq!(read(RolePaths(0b110)).0, roles([]));
    assert_eq!(read(RolePaths(0b001)).0, roles(["one"]));
}

#[test]
fn merged_roles_come_once_and_stay_unknown() {
    let both = roles(["a", "b"]).merged(&roles(["b", "c"]));
    assert_eq!(both, roles(["a", "b", "c"]));
    assert!(roles(["a"]).merged(&Roles::unknown()).is_incomplete());
}
