//! PURE: decides what to do with an authorization response, before its code is used.

use super::{Attempt, AttemptPurpose, BindingCookie, Refusal};
use crate::{clock::Timestamp, config::ReturnTo, seal::OpenError};

/// The input of the decision.
pub(super) struct CallbackInput<'a> {
    /// The attempt in `state`, or why it does not open. `None` without `state`.
    pub(super) attempt: Option<Result<&'a Attempt, OpenError>>,
    /// The binding cookie. `None` unless there is exactly one well-formed cookie.
    pub(super) browser: Option<&'a BindingCookie>,
    /// When the live session of this browser began. `None` without one.
    pub(super) session_since: Option<Timestamp>,
    /// The present moment.
    pub(super) now: Timestamp,
}

/// What the callback does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum CallbackDecision {
    /// The attempt is valid and of this browser: read the response and redeem the code.
    Proceed,
    /// No code needs to be redeemed: go to the return address.
    GoOn(ReturnTo),
    /// Restart the sign-in with the same return address.
    Restart(ReturnTo),
    /// Show an error page.
    Refuse(Refusal),
}

/// Decides what the callback does:
///
/// 1. A `state` that does not open is never restarted automatically: anyone can send it (C1, C2).
/// 2. An attempt that has expired, or is of another browser, is never redeemed. The browser goes on if it
///    has a session, unless the attempt had a `prompt`. Else the sign-in restarts, or is refused.
/// 3. A plain sign-in is complete if the browser has a session that is younger than the attempt: another
///    tab was first.
/// 4. Every other attempt proceeds. The provider or the validation of the token may still refuse it.
pub(super) fn decide(input: &CallbackInput<'_>) -> CallbackDecision {
    let attempt = match &input.attempt {
        None => return CallbackDecision::Refuse(Refusal::StateMissing),
        Some(Err(OpenError::UnknownKey)) => {
            return CallbackDecision::Refuse(Refusal::StateOfOtherKey);
        }
        Some(Err(_)) => return CallbackDecision::Refuse(Refusal::StateUnreadable),
        Some(Ok(attempt)) => attempt,
    };
    let stale = match input.browser {
        _ if input.now >= attempt.expires_at() => Some(Refusal::Expired),
        None => Some(Refusal::BrowserCookieMissing),
        Some(browser) if !browser.began(&attempt.browser) => Some(Refusal::OtherBrowser),
        Some(_) => None,
    };
    match (stale, input.session_since) {
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

/// How often an attempt restarts automatically: once. With [`Refusal::OtherBrowser`] three times: if a
/// browser without cookies opens many tabs, each tab sets a new binding cookie, so the cookie may
/// change several times.
const fn restarts(cause: &Refusal) -> u8 {
    match cause {
        Refusal::OtherBrowser => 3,
        _ => 1,
    }
}

#[cfg(test)]
#[path = "callback_decision_tests.rs"]
mod tests;
