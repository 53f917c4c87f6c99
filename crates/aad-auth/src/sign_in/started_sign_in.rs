//! A started sign-in.

use super::BindingCookie;

/// A started sign-in: where to send the browser, and the cookie to set. It has no `Debug`.
#[derive(Clone)]
pub(crate) struct StartedSignIn {
    /// The authorization request. It ends in `#`, so that the browser does not append its own fragment.
    pub(crate) location: String,
    /// The binding cookie to set.
    pub(crate) browser: BindingCookie,
}
