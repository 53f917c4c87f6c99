//! The application's word in a sign-in.

use std::{pin::Pin, rc::Rc, sync::Arc};

use crate::session::UserSnapshot;

/// What a hook returns: let the user in, or not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// Goes on.
    Admit,
    /// Ends the sign-in with a page that says so; nothing is stored.
    Refuse,
}

/// Called after the tokens are verified and before there is a session.
///
/// It runs on the application's worker and may take its time: the browser waits, nothing else.
pub type SignInHook =
    Arc<dyn Fn(Rc<UserSnapshot>) -> Pin<Box<dyn Future<Output = Admission>>> + Send + Sync>;
