//! Policies over bearer tokens: each test names the caller that is refused.

use super::{
    policy_tests::{decide, user_with},
    *,
};
use crate::{
    config::RolesClaim,
    validation::{AccessToken, CallerKind, ProviderKind},
};

/// A bearer token with these claims; `app` is one of an application that calls for itself.
fn token(claims: &str) -> AccessToken {
    AccessToken::with_claims(format!("{{\"iss\":\"i\",\"sub\":\"s\",{claims}}}").as_bytes())
}

const APP: &str = r#""idtyp":"app","roles":["Admin","Tickets.Read.All"]"#;
const USER: &str = r#""scp":"Tickets.Read","roles":["Admin","Tickets.Read.All"]"#;

pub(super) fn admits(policy: impl Into<Policy>, claims: &str) -> bool {
    let token = token(claims);
    policy.into().decide(Principal::Bearer(&token)) == Decision::Allowed
}

#[test]
fn an_application_is_not_a_user_who_has_the_role() {
    assert!(!admits(bearer() & role("Admin"), APP));
    assert!(!admits((user() | bearer()) & role("Admin"), APP));
    assert!(admits((user() | bearer()) & role("Admin"), USER));
    // Nor does its role count as absent, where the role is ruled out.
    assert!(!admits(bearer() & !role("Admin"), APP));
    assert!(admits(bearer() & !role("Banned"), APP));
}

#[test]
fn a_user_is_not_an_application_with_the_permission() {
    assert!(!admits(bearer().role("Tickets.Read.All"), USER));
    assert!(admits(bearer().role("Tickets.Read.All"), APP));
    assert!(!admits(bearer().role("tickets.read.all"), APP));
    assert!(!admits(bearer() & !bearer().role("Admin"), USER));
}

#[test]
fn a_scope_in_an_applications_token_is_no_delegated_permission() {
    let confused = r#""idtyp":"app","scp":"Tickets.Read","roles":["x"]"#;
    assert!(!admits(bearer().scope("Tickets.Read"), confused));
    assert!(admits(bearer().scope("Tickets.Read"), USER));
}

#[test]
fn a_scope_or_a_permission_lets_either_in() {
    let either = bearer().scope("Tickets.Read") | bearer().role("Tickets.Read.All");
    assert!(admits(either.clone(), USER) && admits(either.clone(), APP));
    assert!(!admits(either, r#""scp":"Tickets.Write""#));
}

#[test]
fn a_token_that_grants_nothing_is_refused() {
    for claims in [
        r#""idtyp":"user""#,
        r#""scp":"""#,
        r#""scp":" ","roles":["Admin"]"#,
        r#""idtyp":"app""#,
        r#""idtyp":"app","roles":[]"#,
    ] {
        assert!(!admits(bearer(), claims), "{claims}");
    }
}

/// What an application of any tenant has without an assignment to this API.
#[test]
fn r94_groups_and_other_claims_are_no_assignment_of_an_application() {
    use ProviderKind::{Entra, Generic, UserFlow};
    let everywhere: &[_] = &[Entra, UserFlow, Generic];
    let (directory, generic): (&[_], &[_]) = (&[Entra, UserFlow], &[Generic]);
    for (setting, claims, admitted) in [
        ("roles", r#""groups":["g"]"#, &[][..]),
        ("roles", r#""roles":["x"]"#, everywhere),
        ("roles,groups", r#""groups":["g"]"#, generic),
        ("roles,groups", r#""groups":["g"],"roles":[]"#, generic),
        ("roles,groups", r#""groups":["g"],"roles":null"#, generic),
        ("roles,groups", r#""groups":["g"],"roles":"x""#, generic),
        ("roles,groups", r#""groups":["g"],"roles":["x",5]"#, generic),
        (
            "roles,groups",
            r#""groups":["g"],"roles":{"x":true}"#,
            generic,
        ),
        (
            "roles,groups",
            r#""groups":["g"],"_claim_names":{"roles":"a"}"#,
            generic,
        ),
        (
            "roles,groups",
            r#""groups":["g"],"roles":["x"]"#,
            everywhere,
        ),
        (
            "roles,groups",
            r#""hasgroups":true,"roles":["x"]"#,
            everywhere,
        ),
        ("roles,groups", r#""hasgroups":true"#, &[]),
        ("groups", r#""groups":["g"]"#, generic),
        ("groups", r#""roles":["x"]"#, directory),
        ("wids", r#""wids":["w"]"#, generic),
        ("roles.*", r#""roles":{"x":true}"#, generic),
        (
            "realm_access.roles",
            r#""realm_access":{"roles":["r"]}"#,
            generic,
        ),
        ("permissions", r#""permissions":["p"]"#, generic),
        (
            "permissions",
            r#""permissions":"p","roles":["x"]"#,
            everywhere,
        ),
    ] {
        let roles = RolesClaim::parse(setting).unwrap();
        for provider in [Entra, UserFlow, Generic] {
            for kind in [r#""azp":"s""#, r#""azp":"s","idtyp":"app""#] {
                let payload = format!("{{\"iss\":\"i\",\"sub\":\"s\",{kind},{claims}}}");
                let token = AccessToken::with_claims_of(provider, &roles, payload.as_bytes());
                let decided = Policy::from(bearer()).decide(Principal::Bearer(&token));
                let expected = admitted.contains(&provider);
                assert_eq!(
                    decided == Decision::Allowed,
                    expected,
                    "{provider:?}, {setting}: {payload}"
                );
            }
        }
    }
}

/// The operator names the claim, and the policy the value: that is a grant, for this policy alone.
#[test]
fn r94_a_permission_that_a_policy_names_counts_in_every_claim_of_the_setting() {
    let roles = RolesClaim::parse("roles,groups").unwrap();
    let payload = br#"{"iss":"i","sub":"s","idtyp":"app","groups":["g"]}"#;
    let token = AccessToken::with_claims_of(ProviderKind::Entra, &roles, payload);
    let admits = |policy: Policy| policy.decide(Principal::Bearer(&token)) == Decision::Allowed;
    assert!(admits(bearer().role("g").into()));
    for policy in [
        bearer().role("h").into(),
        bearer().auth_context("c1").into(),
        !bearer().role("g"),
        !bearer(),
        bearer() & !role("h"),
        bearer() | role("g"),
        user() | bearer(),
    ] {
        assert!(!admits(policy.clone()), "{policy:?}");
    }
}

#[test]
fn a_missing_authentication_context_is_told_only_when_nothing_else_is_missing() {
    let policy = bearer().scope("Tickets.Read").auth_context("c1");
    let either = policy.clone() | bearer().role("Tickets.Read.All");
    let decide = |policy: &Policy, claims: &str| policy.decide(Principal::Bearer(&token(claims)));
    let policy = Policy::from(policy);
    for policy in [&policy, &either] {
        assert_eq!(decide(policy, USER), Decision::StepUp("c1".into()));
        let satisfied = format!(r#"{USER},"acrs":["p1","c1"]"#);
        assert_eq!(decide(policy, &satisfied), Decision::Allowed);
        let other = format!(r#"{USER},"acrs":["c10"]"#);
        assert_eq!(decide(policy, &other), Decision::StepUp("c1".into()));
        let lacks = decide(policy, r#""scp":"Tickets.Write""#);
        assert!(matches!(lacks, Decision::Forbidden(_)), "{lacks:?}");
    }
}

#[test]
fn a_token_that_grants_nothing_is_refused_where_bearers_are_ruled_out() {
    for policy in [
        !bearer(),
        !role("Banned") & !bearer(),
        !(bearer() & role("x")),
    ] {
        assert!(!admits(policy.clone(), r#""scp":"""#), "{policy:?}");
        assert!(!admits(policy.clone(), r#""idtyp":"app""#), "{policy:?}");
    }
}

#[test]
fn who_is_ruled_out_is_no_way_in_for_the_others() {
    let no_bearer = !role("Banned") & !bearer();
    assert!(no_bearer.admits_user() && !no_bearer.admits_bearer());
    let reader = user_with(&["Reader"], &[], false);
    assert_eq!(decide(&no_bearer, &reader), Decision::Allowed);
    assert_ne!(
        decide(&no_bearer, &user_with(&["Banned"], &[], false)),
        Decision::Allowed
    );
    assert!(!admits(no_bearer, USER));
    let no_user = !user();
    assert!(!no_user.admits_bearer());
    assert_ne!(decide(&no_user, &reader), Decision::Allowed);
}

#[test]
fn each_way_in_is_for_those_who_have_its_credential() {
    let either = role("Admin") | bearer().scope("Tickets.Read");
    assert!(either.admits_user() && either.admits_bearer());
    assert_eq!(
        decide(&either, &user_with(&["Admin"], &[], false)),
        Decision::Allowed
    );
    assert_ne!(
        decide(&either, &user_with(&["x"], &[], false)),
        Decision::Allowed
    );
    assert!(admits(either.clone(), r#""scp":"Tickets.Read""#));
    // An administrator's token for something else, or for nothing.
    assert!(!admits(
        either.clone(),
        r#""scp":"Other","roles":["Admin"]"#
    ));
    assert!(!admits(either.clone(), r#""scp":"","roles":["Admin"]"#));
    assert!(!admits(
        either & !group("g"),
        r#""scp":"Other","roles":["Admin"]"#
    ));
    // What stands beside `bearer()` may be a choice.
    let choice = bearer() & (role("Admin") | role("Reader"));
    assert!(admits(choice.clone(), USER) && !choice.admits_user());
    assert!(!admits(choice, r#""scp":"Tickets.Read","roles":["x"]"#));
}

#[test]
fn a_policy_is_asked_for_the_credentials_that_it_names() {
    for (policy, by_session, by_bearer) in [
        (user(), true, false),
        (role("Admin"), true, false),
        (role("Admin") | group("g"), true, false),
        (bearer().into(), false, true),
        (bearer().scope("s") & role("Admin"), false, true),
        (bearer() & !role("Banned"), false, true),
        (user() | bearer(), true, true),
        ((user() | bearer()) & role("Admin"), true, true),
        (user() & role("Admin") | bearer().role("x"), true, true),
        (user() & bearer(), false, false),
    ] {
        assert_eq!(policy.admits_user(), by_session, "{policy:?}");
        assert_eq!(policy.admits_bearer(), by_bearer, "{policy:?}");
    }
}

#[test]
fn a_client_that_is_the_subject_is_not_a_user() {
    // RFC 9068: no `idtyp`, and a scope also where no user is involved.
    for client in ["client_id", "azp", "appid"] {
        let claims = format!(r#""{client}":"s","scope":"Tickets.Read","roles":["Admin"]"#);
        assert_eq!(token(&claims).kind(), CallerKind::Application, "{client}");
        assert!(!admits(bearer() & role("Admin"), &claims), "{client}");
        assert!(!admits(bearer().scope("Tickets.Read"), &claims), "{client}");
        assert!(admits(bearer().role("Admin"), &claims), "{client}");
        let of_user = format!(r#""{client}":"c","scope":"Tickets.Read""#);
        assert!(admits(bearer().scope("Tickets.Read"), &of_user), "{client}");
    }
}
