//! The application's word in a sign-in, and what it is told of a sign-out.

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
/// It runs on the application's worker and may take its time: the browser waits, nothing else. After
/// 30 seconds without an answer the user is not let in.
pub type SignInHook =
    Arc<dyn Fn(Rc<UserSnapshot>) -> Pin<Box<dyn Future<Output = Admission>>> + Send + Sync>;

/// Called after a session has ended because its user signed out here.
///
/// It runs in a task of its own on the application's worker: the browser does not wait for it, and
/// neither its failure nor a browser that hangs up changes the sign-out.
pub type SignOutHook =
    Arc<dyn Fn(Rc<UserSnapshot>) -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>;
