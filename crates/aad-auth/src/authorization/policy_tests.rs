//! Policies, by whom they keep out.

use super::*;
use crate::{
    session::Memberships,
    validation::{Sub, UserKey},
};

fn somebody(roles: &[&str], groups: &[&str], overage: bool) -> UserSnapshot {
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

fn decide(policy: &Policy, user: &UserSnapshot) -> Decision {
    policy.decide(Facts::User(user))
}

#[test]
fn nobody_is_never_let_in() {
    for policy in [
        user(),
        !role("Banned"),
        user() | bearer(),
        !user(),
        role("Admin"),
    ] {
        assert_eq!(
            policy.decide(Facts::Nobody),
            Decision::Unknown,
            "{policy:?}"
        );
    }
}

#[test]
fn a_missing_role_is_named() {
    let reader = somebody(&["Reader"], &[], false);
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
fn unknown_groups_let_nobody_in_whichever_way_they_are_asked_for() {
    let overage = somebody(&["Admin"], &[], true);
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
fn a_session_does_not_satisfy_a_bearer_policy() {
    let admin = somebody(&["Admin"], &[], false);
    let policy = bearer().scope("Files.Read");
    assert_eq!(decide(&policy, &admin), Decision::Unknown);
    assert_eq!(decide(&(user() | policy), &admin), Decision::Allowed);
}

#[test]
fn not_rules_out() {
    let banned = somebody(&["Banned"], &[], false);
    assert_eq!(
        decide(&(user() & !role("Banned")), &banned),
        Decision::Forbidden(vec![Missing::RuledOut])
    );
}
