//! The result of a callback.

use super::{BindingCookie, Refusal, StartedSignIn};
use crate::{config::ReturnTo, session::SessionId, validation::UserKey};

/// The result of a callback.
pub(crate) enum CallbackAnswer {
    /// The user is signed in: both cookies are set, and the browser goes to the return address.
    SignedIn {
        /// The return address.
        return_to: ReturnTo,
        /// Whether the return address was shortened.
        shortened: bool,
        /// The new session's id, for the cookie.
        session: SessionId,
        /// The user who is signed in.
        user: UserKey,
        /// The binding cookie, with this sign-in counted.
        browser: BindingCookie,
    },
    /// The browser goes to the return address. This request redeemed nothing and sets no cookie.
    GoOn(ReturnTo),
    /// The browser goes to the provider again: an automatic restart, or the next user flow.
    Restart(StartedSignIn),
    /// An error page. An existing session is not changed.
    Refused {
        /// Why the sign-in was refused.
        refusal: Refusal,
        /// The return address of the attempt, if it began in this browser, for a link on the page.
        return_to: Option<ReturnTo>,
    },
}
