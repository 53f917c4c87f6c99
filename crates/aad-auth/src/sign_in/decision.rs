//! PURE: what to do with an authorization response.

use super::{Attempt, AttemptPurpose, BindingCookie, Refusal};
use crate::{clock::Timestamp, config::ReturnTo, seal::OpenError};

/// What the callback knows before anything is used up.
pub(super) struct Arrival<'a> {
    /// The attempt in `state`, or why it does not open; `None` without `state`.
    pub(super) attempt: Option<Result<&'a Attempt, OpenError>>,
    /// The binding cookie, when there is exactly one well-formed one.
    pub(super) browser: Option<&'a BindingCookie>,
    /// When the live session of this browser began.
    pub(super) session_since: Option<Timestamp>,
    /// The present moment.
    pub(super) now: Timestamp,
}

/// What to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum CallbackDecision {
    /// Ours, in time, and of this browser: read the response, redeem the code.
    Proceed,
    /// Nothing needs redeeming: go where the attempt was to lead.
    GoOn(ReturnTo),
    /// Begin again, once, with the same return address.
    Restart(ReturnTo),
    /// A page.
    Refuse(Refusal),
}

/// Decides. Of three kinds are the refusals:
///
/// 1. What cannot be opened is never restarted automatically: strangers can send it (C1, C2).
/// 2. What opens, but is too old or of another browser, is never redeemed: it goes on where a
///    session lives, restarts, or names the cause. Where the user was asked for something, such
///    as another account, the session that lives is not the answer.
/// 3. What is ours may still be refused later, by the provider or the token's rules.
///
/// A plain sign-in that comes back to a session which is younger than itself is done: another tab
/// was first.
pub(super) fn decide(arrival: &Arrival<'_>) -> CallbackDecision {
    let attempt = match &arrival.attempt {
        None => return CallbackDecision::Refuse(Refusal::StateMissing),
        Some(Err(OpenError::UnknownKey)) => {
            return CallbackDecision::Refuse(Refusal::StateOfOtherKey);
        }
        Some(Err(_)) => return CallbackDecision::Refuse(Refusal::StateUnreadable),
        Some(Ok(attempt)) => attempt,
    };
    let stale = match arrival.browser {
        _ if arrival.now >= attempt.expires_at() => Some(Refusal::Expired),
        None => Some(Refusal::BrowserCookieMissing),
        Some(browser) if !browser.began(&attempt.browser) => Some(Refusal::OtherBrowser),
        Some(_) => None,
    };
    match (stale, arrival.session_since) {
        (Some(_), Some(_)) if attempt.purpose != AttemptPurpose::Prompted => {
            CallbackDecision::GoOn(attempt.return_to.clone())
        }
        (Some(cause), _) if attempt.number < restarts(&cause) => {
            CallbackDecision::Restart(attempt.return_to.clone())
        }
        (Some(cause), _) => CallbackDecision::Refuse(cause),
        (None, Some(since))
            if attempt.purpose == AttemptPurpose::SignIn && since >= attempt.started =>
        {
            CallbackDecision::GoOn(attempt.return_to.clone())
        }
        (None, _) => CallbackDecision::Proceed,
    }
}

/// How often an attempt begins again by itself. Once; but a browser that keeps cookies and has
/// opened many tabs cold is given a new binding cookie by each of them, so that a tab may lose that
/// race more than once before the last of them has started.
const fn restarts(cause: &Refusal) -> u8 {
    match cause {
        Refusal::OtherBrowser => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{config::BaseUrl, random::SystemRandom, sign_in::LIFE};

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

    fn arrival<'a>(attempt: &'a Attempt, browser: Option<&'a BindingCookie>) -> Arrival<'a> {
        Arrival {
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
            let arrival = Arrival {
                attempt: opened,
                session_since: Some(START),
                ..arrival(&attempt, Some(&browser))
            };
            assert_eq!(decide(&arrival), CallbackDecision::Refuse(refusal));
        }
    }

    #[test]
    fn a_stale_attempt_restarts_a_few_times_and_then_names_the_cause() {
        let browser = BindingCookie::new(&SystemRandom);
        let other = BindingCookie::new(&SystemRandom);
        let mut attempt = attempt(&browser);
        let cases = [
            (Some(&browser), LIFE, 1, Refusal::Expired),
            (None, Duration::ZERO, 1, Refusal::BrowserCookieMissing),
            // Other tabs may have replaced the cookie meanwhile.
            (Some(&other), Duration::ZERO, 3, Refusal::OtherBrowser),
        ];
        for (cookie, age, restarts, refusal) in cases {
            attempt.number = 0;
            let now = START + age;
            let first = Arrival {
                now,
                ..arrival(&attempt, cookie)
            };
            assert_eq!(
                decide(&first),
                CallbackDecision::Restart(attempt.return_to.clone())
            );
            let with_session = Arrival {
                now,
                session_since: Some(START),
                ..arrival(&attempt, cookie)
            };
            assert_eq!(
                decide(&with_session),
                CallbackDecision::GoOn(attempt.return_to.clone())
            );
            attempt.number = restarts - 1;
            let last = Arrival {
                now,
                ..arrival(&attempt, cookie)
            };
            assert_eq!(
                decide(&last),
                CallbackDecision::Restart(attempt.return_to.clone())
            );
            attempt.number = restarts;
            let beyond = Arrival {
                now,
                ..arrival(&attempt, cookie)
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
            let arrival = Arrival {
                now: START + LIFE,
                session_since: Some(START),
                ..arrival(attempt, Some(&browser))
            };
            decide(&arrival)
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
            let arrival = Arrival {
                session_since: Some(since),
                ..arrival(attempt, Some(&browser))
            };
            decide(&arrival)
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
}
