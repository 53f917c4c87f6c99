//! A started sign-in.

use super::BindingCookie;

/// A started sign-in: where to send the browser, and the cookie to set. It has no `Debug`.
#[derive(Clone)]
pub struct StartedSignIn {
    /// The authorization request. It ends in `#`, so that the browser does not append its own fragment.
    pub location: String,
    /// The binding cookie to set.
    pub browser: BindingCookie,
}
