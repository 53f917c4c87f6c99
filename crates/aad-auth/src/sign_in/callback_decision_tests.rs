use std::time::Duration;

use super::*;
use crate::{config::BaseUrl, random::SystemRandom, sign_in::ATTEMPT_LIFETIME};

const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn attempt(browser: &BindingCookie) -> Attempt {
    let base = BaseUrl::parse("https://app.example.test").unwrap();
    Attempt::new(
        &SystemRandom,
        START,
        browser,
        base.return_to("/deep"),
        AttemptPurpose::SignIn,
    )
}

fn input<'a>(attempt: &'a Attempt, browser: Option<&'a BindingCookie>) -> CallbackInput<'a> {
    CallbackInput {
        attempt: Some(Ok(attempt)),
        browser,
        session_since: None,
        now: START + Duration::from_secs(30),
    }
}

#[test]
fn what_cannot_be_opened_is_never_restarted() {
    let browser = BindingCookie::new(&SystemRandom);
    let attempt = attempt(&browser);
    for (opened, refusal) in [
        (None, Refusal::StateMissing),
        (Some(Err(OpenError::Malformed)), Refusal::StateUnreadable),
        (Some(Err(OpenError::Forged)), Refusal::StateUnreadable),
        (Some(Err(OpenError::UnknownKey)), Refusal::StateOfOtherKey),
    ] {
        let input = CallbackInput {
            attempt: opened,
            session_since: Some(START),
            ..input(&attempt, Some(&browser))
        };
        assert_eq!(decide(&input), CallbackDecision::Refuse(refusal));
    }
}

#[test]
fn a_stale_attempt_restarts_a_few_times_and_then_names_the_cause() {
    let browser = BindingCookie::new(&SystemRandom);
    let other = BindingCookie::new(&SystemRandom);
    let mut attempt = attempt(&browser);
    let cases = [
        (Some(&browser), ATTEMPT_LIFETIME, 1, Refusal::Expired),
        (None, Duration::ZERO, 1, Refusal::BrowserCookieMissing),
        // Other tabs may have replaced the cookie meanwhile.
        (Some(&other), Duration::ZERO, 3, Refusal::OtherBrowser),
    ];
    for (cookie, age, restarts, refusal) in cases {
        attempt.number = 0;
        let now = START + age;
        let first = CallbackInput {
            now,
            ..input(&attempt, cookie)
        };
        assert_eq!(
            decide(&first),
            CallbackDecision::Restart(attempt.return_to.clone())
        );
        let with_session = CallbackInput {
            now,
            session_since: Some(START),
            ..input(&attempt, cookie)
        };
        assert_eq!(
            decide(&with_session),
            CallbackDecision::GoOn(attempt.return_to.clone())
        );
        attempt.number = restarts - 1;
        let last = CallbackInput {
            now,
            ..input(&attempt, cookie)
        };
        assert_eq!(
            decide(&last),
            CallbackDecision::Restart(attempt.return_to.clone())
        );
        attempt.number = restarts;
        let beyond = CallbackInput {
            now,
            ..input(&attempt, cookie)
        };
        assert_eq!(decide(&beyond), CallbackDecision::Refuse(refusal));
    }
}

#[test]
fn a_stale_attempt_for_another_account_does_not_go_on_as_the_old_one() {
    let browser = BindingCookie::new(&SystemRandom);
    let mut attempt = attempt(&browser);
    attempt.purpose = AttemptPurpose::Prompted;
    let stale = |attempt: &Attempt| {
        let input = CallbackInput {
            now: START + ATTEMPT_LIFETIME,
            session_since: Some(START),
            ..input(attempt, Some(&browser))
        };
        decide(&input)
    };
    assert_eq!(
        stale(&attempt),
        CallbackDecision::Restart(attempt.return_to.clone())
    );
    attempt.number = 1;
    assert_eq!(stale(&attempt), CallbackDecision::Refuse(Refusal::Expired));
}

#[test]
fn a_plain_attempt_goes_on_with_a_younger_session_only() {
    let browser = BindingCookie::new(&SystemRandom);
    let mut attempt = attempt(&browser);
    let with = |attempt: &Attempt, since| {
        let input = CallbackInput {
            session_since: Some(since),
            ..input(attempt, Some(&browser))
        };
        decide(&input)
    };
    let younger = START + Duration::from_secs(1);
    let older = START - Duration::from_secs(1);
    assert_eq!(
        with(&attempt, younger),
        CallbackDecision::GoOn(attempt.return_to.clone())
    );
    assert_eq!(with(&attempt, older), CallbackDecision::Proceed);
    attempt.purpose = AttemptPurpose::Prompted;
    assert_eq!(with(&attempt, younger), CallbackDecision::Proceed);
}
