//! Which request redeems an attempt, which requests wait, and what is kept.

use std::{sync::Arc, time::Duration};

use super::{table::MAX_OUTCOMES, *};
use crate::{
    clock::Timestamp,
    config::BaseUrl,
    random::SystemRandom,
    session::SessionId,
    sign_in::{Attempt, AttemptPurpose, BindingCookie, Refusal, short_digest::CodeDigest},
};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const CODE: CodeDigest = [1; 16];

fn attempt() -> Attempt {
    let base = BaseUrl::parse("https://app.example.test").unwrap();
    let browser = BindingCookie::new(&SystemRandom);
    Attempt::new(
        &SystemRandom,
        NOW,
        &browser,
        base.return_to("/deep"),
        AttemptPurpose::SignIn,
    )
}

#[test]
fn a_second_arrival_waits_and_learns_the_outcome() {
    let outcomes = Arc::new(Outcomes::default());
    let attempt = attempt();
    let enter = || outcomes.enter(&attempt, CODE, NOW);
    let BrowserTurn::Mine(completion, _) = enter() else {
        panic!("first")
    };
    let BrowserTurn::Wait(receiver) = enter() else {
        panic!("second")
    };
    completion.complete(
        attempt.return_to.clone(),
        SessionId::new(&SystemRandom),
        NOW,
    );
    assert_eq!(*receiver.borrow(), Some(Ok(attempt.return_to.clone())));
    assert!(matches!(enter(), BrowserTurn::Done(Ok(_))));
}

#[test]
fn another_tab_of_the_browser_waits_and_then_needs_nothing() {
    let outcomes = Arc::new(Outcomes::default());
    let first = attempt();
    let mut second = attempt();
    second.browser = first.browser;
    let BrowserTurn::Mine(completion, _) = outcomes.enter(&first, CODE, NOW) else {
        panic!("first")
    };
    assert!(matches!(
        outcomes.enter(&second, CODE, NOW),
        BrowserTurn::Queue(_)
    ));
    completion.complete(first.return_to.clone(), SessionId::new(&SystemRandom), NOW);
    assert!(matches!(
        outcomes.enter(&second, CODE, NOW),
        BrowserTurn::Done(Ok(_))
    ));
    // Begun after the other was completed: the user wants to sign in again.
    second.started = NOW + Duration::from_millis(1);
    assert!(matches!(
        outcomes.enter(&second, CODE, NOW),
        BrowserTurn::Mine(_, Some(_))
    ));
}

#[test]
fn an_attempt_that_used_nothing_up_is_free_again() {
    let outcomes = Arc::new(Outcomes::default());
    let attempt = attempt();
    let enter = || outcomes.enter(&attempt, CODE, NOW);
    drop(enter());
    assert!(matches!(enter(), BrowserTurn::Mine(..)));
}

#[test]
fn a_code_whose_redemption_died_half_way_is_not_free() {
    let outcomes = Arc::new(Outcomes::default());
    let attempt = attempt();
    let enter = || outcomes.enter(&attempt, CODE, NOW);
    let BrowserTurn::Mine(mut completion, _) = enter() else {
        panic!("first")
    };
    completion.begin();
    drop(completion);
    let BrowserTurn::Done(outcome) = enter() else {
        panic!("it may have been used up")
    };
    assert!(matches!(outcome, Err(Refusal::ProviderBroken(_))));
}

#[test]
fn what_is_tried_again_and_again_leaves_nothing_behind() {
    let outcomes = Arc::new(Outcomes::default());
    let attempt = attempt();
    for _ in 0..100 {
        let BrowserTurn::Mine(mut completion, _) = outcomes.enter(&attempt, CODE, NOW) else {
            panic!("free")
        };
        completion.begin();
        completion.free();
    }
    let table = outcomes.table();
    assert!(table.attempts.is_empty() && table.browsers.is_empty());
    assert!(table.oldest_first.is_empty());
}

#[test]
fn a_prompted_sign_in_beside_a_plain_one_takes_nothing_from_it() {
    let outcomes = Arc::new(Outcomes::default());
    let (plain, mut prompted, mut third) = (attempt(), attempt(), attempt());
    prompted.purpose = AttemptPurpose::Prompted;
    prompted.browser = plain.browser;
    third.browser = plain.browser;
    let BrowserTurn::Mine(first, _) = outcomes.enter(&plain, CODE, NOW) else {
        panic!("first")
    };
    let BrowserTurn::Mine(beside, _) = outcomes.enter(&prompted, CODE, NOW) else {
        panic!("no other sign-in is under way")
    };
    drop(beside);
    // The plain one is still waited for.
    assert!(matches!(
        outcomes.enter(&third, CODE, NOW),
        BrowserTurn::Queue(_)
    ));
    first.complete(plain.return_to.clone(), SessionId::new(&SystemRandom), NOW);
    assert!(matches!(
        outcomes.enter(&third, CODE, NOW),
        BrowserTurn::Done(Ok(_))
    ));
    // One that fails afterwards does not make forget what was completed.
    prompted.id = attempt().id;
    let BrowserTurn::Mine(failing, Some(_)) = outcomes.enter(&prompted, CODE, NOW) else {
        panic!("with the session that the browser was given")
    };
    failing.refuse(Refusal::NotAdmitted);
    assert!(matches!(
        outcomes.enter(&third, CODE, NOW),
        BrowserTurn::Done(Ok(_))
    ));
}

#[test]
fn outcomes_end_with_their_attempts() {
    let outcomes = Arc::new(Outcomes::default());
    let attempt = attempt();
    let BrowserTurn::Mine(completion, _) = outcomes.enter(&attempt, CODE, NOW) else {
        panic!("first")
    };
    completion.refuse(Refusal::NotAdmitted);
    let later = NOW + Duration::from_secs(3600);
    let turn = outcomes.enter(&attempt, CODE, later);
    assert!(matches!(turn, BrowserTurn::Mine(..)));
    assert_eq!(outcomes.table().attempts.len(), 1);
}

fn refused_code() -> Refusal {
    let fault = crate::provider::Fault::from_json(br#"{"error":"invalid_grant"}"#).unwrap();
    Refusal::CodeRefused(Box::new(fault))
}

#[test]
fn r79_another_code_is_tried_after_a_refused_one_and_not_for_ever() {
    let outcomes = Arc::new(Outcomes::default());
    let attempt = attempt();
    for code in 0..3 {
        let BrowserTurn::Mine(completion, _) = outcomes.enter(&attempt, [code; 16], NOW) else {
            panic!("code {code} was not tried")
        };
        let second = outcomes.enter(&attempt, [code; 16], NOW);
        assert!(matches!(second, BrowserTurn::Wait(_)));
        completion.refuse(refused_code());
        // No code is sent twice.
        for earlier in 0..=code {
            let again = outcomes.enter(&attempt, [earlier; 16], NOW);
            assert!(matches!(
                again,
                BrowserTurn::Done(Err(Refusal::CodeRefused(_)))
            ));
        }
    }
    let fourth = outcomes.enter(&attempt, [9; 16], NOW);
    assert!(matches!(fourth, BrowserTurn::Done(Err(_))));
}

#[test]
fn r79_what_was_decided_of_the_user_is_not_tried_with_another_code() {
    for refusal in [
        Refusal::NotAdmitted,
        Refusal::TenantNotAllowed,
        Refusal::SessionsEnded,
    ] {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let BrowserTurn::Mine(completion, _) = outcomes.enter(&attempt, CODE, NOW) else {
            panic!("first")
        };
        completion.refuse(refusal);
        assert!(matches!(
            outcomes.enter(&attempt, [2; 16], NOW),
            BrowserTurn::Done(Err(_))
        ));
    }
}

/// Busy, claimed elsewhere, no metadata: the second code was not sent.
#[test]
fn r79_a_refused_code_is_not_sent_again_after_another_one_that_was_not_sent() {
    let outcomes = Arc::new(Outcomes::default());
    let attempt = attempt();
    let enter = |code| outcomes.enter(&attempt, [code; 16], NOW);
    for code in 0..3 {
        let BrowserTurn::Mine(completion, _) = enter(code) else {
            panic!("code {code} was not tried")
        };
        completion.refuse(refused_code());
        for _ in 0..5 {
            // A turn that is not there ends nothing either.
            match enter(100) {
                BrowserTurn::Mine(mut unsent, _) => {
                    unsent.begin();
                    unsent.free();
                }
                turn => assert!(code == 2 && matches!(turn, BrowserTurn::Done(Err(_)))),
            }
            for earlier in 0..=code {
                let again = enter(earlier);
                assert!(matches!(
                    again,
                    BrowserTurn::Done(Err(Refusal::CodeRefused(_)))
                ));
            }
        }
    }
    let fourth = enter(9);
    assert!(
        matches!(fourth, BrowserTurn::Done(Err(_))),
        "the bound began anew"
    );
    let table = outcomes.table();
    assert_eq!((table.attempts.len(), table.oldest_first.len()), (1, 1));
}

/// Outcomes of others, until there is no room for more.
fn crowd(outcomes: &Outcomes) {
    let other = attempt();
    let place = (other.id, other.browser, other.expires_at());
    let others = std::iter::repeat_n(place, MAX_OUTCOMES);
    outcomes.table().oldest_first.extend(others);
}

#[test]
fn r79_the_bound_of_outcomes_frees_no_attempt_that_is_being_redeemed() {
    for ends in [true, false] {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let enter = |code| outcomes.enter(&attempt, [code; 16], NOW);
        let BrowserTurn::Mine(first, _) = enter(0) else {
            panic!("first")
        };
        first.refuse(refused_code());
        let BrowserTurn::Mine(second, _) = enter(1) else {
            panic!("second")
        };
        crowd(&outcomes);
        for code in [0, 1, 2] {
            assert!(
                matches!(enter(code), BrowserTurn::Wait(_)),
                "code {code} beside it"
            );
        }
        if ends {
            second.refuse(refused_code());
        } else {
            drop(second);
        }
        assert!(matches!(enter(0), BrowserTurn::Done(Err(_))));
        assert_eq!(matches!(enter(1), BrowserTurn::Done(Err(_))), ends);
        // And it has its place again, so that it is forgotten in its turn.
        let last = outcomes.table().oldest_first.back().copied();
        assert!(last.is_some_and(|(id, ..)| id == attempt.id));
    }
}
