//! Application callbacks: at sign-in and at sign-out.

use std::{pin::Pin, rc::Rc, sync::Arc};

use crate::session::UserSnapshot;

/// The answer of the sign-in callback.
///
/// See [`AuthBuilder::on_sign_in`](crate::AuthBuilder::on_sign_in) for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Admission {
    /// Lets the user in.
    Admit,
    /// Refuses the user with an error page. Nothing is stored.
    Refuse,
}

/// The sign-in callback. It is called after the tokens are verified and before the session is created.
///
/// It runs on the application's worker. Only the browser waits for it. After 30 s without an answer the
/// sign-in is refused.
pub type SignInHook =
    Arc<dyn Fn(Rc<UserSnapshot>) -> Pin<Box<dyn Future<Output = Admission>>> + Send + Sync>;

/// The sign-out callback. It is called after a session has ended because its user signed out here.
///
/// It runs in a task of its own on the application's worker. The browser does not wait for it. Neither
/// its failure nor a closed connection changes the sign-out.
pub type SignOutHook =
    Arc<dyn Fn(Rc<UserSnapshot>) -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>;
