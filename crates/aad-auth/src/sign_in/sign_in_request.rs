//! The request for a sign-in.

use super::{Attempt, BindingCookie, Prompt, UserFlow};
use crate::{clock::Timestamp, config::ReturnTo};

/// The request for a sign-in. It has no `Debug`: `login_hint` identifies the user.
#[derive(Clone)]
pub(crate) struct SignInRequest {
    /// The binding cookie. `None` unless the request has exactly one well-formed cookie.
    pub(crate) browser: Option<BindingCookie>,
    /// The return address after the sign-in.
    pub(crate) return_to: ReturnTo,
    /// Whether the return address was shortened. The user is told afterwards.
    pub(crate) shortened: bool,
    /// The `prompt` of the authorization request.
    pub(crate) prompt: Option<Prompt>,
    /// The account that the provider offers (`login_hint`).
    pub(crate) login_hint: Option<String>,
    /// The domain whose sign-in page the provider shows at once (`domain_hint`).
    pub(crate) domain_hint: Option<String>,
    /// A user flow other than the sign-in. `None`: the sign-in.
    pub(crate) user_flow: Option<UserFlow>,
    /// The begin and the number of the attempt that this request restarts. `None`: it is no restart.
    pub(crate) restarts: Option<(Timestamp, u8)>,
}

impl SignInRequest {
    /// A plain sign-in with this return address.
    pub(crate) const fn new(browser: Option<BindingCookie>, return_to: ReturnTo) -> Self {
        Self {
            browser,
            return_to,
            shortened: false,
            prompt: None,
            login_hint: None,
            domain_hint: None,
            user_flow: None,
            restarts: None,
        }
    }

    /// The request of `attempt` again, for the browser that returned with it. `login_hint` is kept only for
    /// the browser in which the attempt began: in another browser, the address of the authorization
    /// request would reveal the user.
    pub(super) fn again(attempt: Attempt, browser: Option<BindingCookie>) -> Self {
        let same = browser
            .as_ref()
            .is_some_and(|browser| browser.began(&attempt.browser));
        let hint = attempt.login_hint.filter(|_| same);
        let mut again = Self::new(browser, attempt.return_to);
        again.shortened = attempt.shortened;
        again.prompt = attempt.prompt;
        again.login_hint = hint.map(|hint| hint.expose().to_owned());
        again.domain_hint = attempt.domain_hint;
        again.restarts = Some((attempt.started, attempt.number));
        again
    }
}
