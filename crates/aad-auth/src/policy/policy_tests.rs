//! Policies over sessions: each test names the caller that is refused.

use super::{bearer_policy_tests::admits, *};
use crate::{
    session::{Memberships, UserSnapshot},
    validation::{Sub, UserKey},
};

pub(super) fn user_with(roles: &[&str], groups: &[&str], overage: bool) -> UserSnapshot {
    let boxed = |texts: &[&str]| texts.iter().map(|text| (*text).into()).collect();
    UserSnapshot {
        key: UserKey::Subject {
            iss: "i".into(),
            sub: Sub::parse("s").unwrap(),
        },
        iss: "i".into(),
        sub: "s".into(),
        name: None,
        preferred_username: None,
        email: None,
        roles: boxed(roles),
        roles_incomplete: false,
        roles_of_userinfo: Vec::new(),
        groups_of_userinfo: false,
        groups: Memberships {
            ids: boxed(groups),
            overage,
        },
        scopes: vec![],
        sid: None,
        login_hint: None,
        acrs: vec![],
        auth_time: None,
    }
}

pub(super) fn decide(policy: &Policy, user: &UserSnapshot) -> Decision {
    policy.decide(Principal::User(user))
}

#[test]
fn refuses_an_anonymous_caller_whatever_the_policy() {
    for policy in [
        user(),
        !role("Banned"),
        user() | bearer(),
        !user(),
        !bearer(),
        bearer().auth_context("c1").into(),
        role("Admin"),
    ] {
        assert_eq!(
            policy.decide(Principal::Anonymous),
            Decision::Unknown,
            "{policy:?}"
        );
    }
}

#[test]
fn a_missing_role_is_named() {
    let reader = user_with(&["Reader"], &[], false);
    assert_eq!(
        decide(&role("Admin"), &reader),
        Decision::Forbidden(vec![Missing::Role("Admin".into())])
    );
    assert_eq!(
        decide(&(role("Admin") | role("Reader")), &reader),
        Decision::Allowed
    );
    // Roles are compared character by character.
    assert_ne!(decide(&role("reader"), &reader), Decision::Allowed);
}

#[test]
fn unknown_groups_let_no_user_in_whichever_way_they_are_required() {
    let overage = user_with(&["Admin"], &[], true);
    let in_group = group("g");
    assert_ne!(decide(&in_group, &overage), Decision::Allowed);
    assert_ne!(decide(&!in_group.clone(), &overage), Decision::Allowed);
    assert_ne!(
        decide(&(role("Admin") & !in_group.clone()), &overage),
        Decision::Allowed
    );
    assert_eq!(
        decide(&(role("Admin") | in_group), &overage),
        Decision::Allowed
    );
}

#[test]
fn r91_unknown_roles_let_no_user_in_whichever_way_they_are_required() {
    let mut reader = user_with(&["Reader"], &[], false);
    reader.roles_incomplete = true;
    let unknown = Decision::Forbidden(vec![Missing::RoleUnknown("Admin".into())]);
    assert_eq!(decide(&role("Admin"), &reader), unknown);
    for policy in [
        !role("Banned"),
        role("Reader") & !role("Banned"),
        !(role("Reader") & role("Banned")),
        !role("Reader"),
    ] {
        assert_ne!(decide(&policy, &reader), Decision::Allowed, "{policy:?}");
    }
    for policy in [
        user(),
        role("Reader"),
        role("Reader") | role("Admin"),
        !(role("Banned") & group("g")),
    ] {
        assert_eq!(decide(&policy, &reader), Decision::Allowed, "{policy:?}");
    }
    // The same of tokens: a text is no list of roles at Entra.
    let odd = r#""scp":"s","roles":"Banned""#;
    assert!(!admits(bearer() & role("Banned"), odd));
    assert!(!admits(bearer() & !role("Banned"), odd));
    assert!(admits(bearer().scope("s"), odd));
    let odd = r#""scp":"s","groups":"g""#;
    assert!(!admits(bearer() & group("g"), odd) && !admits(bearer() & !group("g"), odd));
    let odd = r#""idtyp":"app","roles":["Tickets.Read.All",5]"#;
    assert!(!admits(bearer(), odd) && !admits(bearer().role("Tickets.Read.All"), odd));
}

#[test]
fn a_session_does_not_satisfy_a_bearer_policy() {
    let admin = user_with(&["Admin"], &[], false);
    let policy = Policy::from(
        bearer()
            .scope("Files.Read")
            .role("Admin")
            .auth_context("c1"),
    );
    assert_eq!(decide(&policy, &admin), Decision::Unknown);
    assert_eq!(decide(&(user() | policy), &admin), Decision::Allowed);
}

#[test]
fn not_rules_out() {
    let banned = user_with(&["Banned"], &[], false);
    assert_eq!(
        decide(&(user() & !role("Banned")), &banned),
        Decision::Forbidden(vec![Missing::RuledOut])
    );
}
