//! The application's word in a sign-in, and what it is told of a sign-out.

use std::{pin::Pin, rc::Rc, sync::Arc, time::Duration};

use super::{Engine, Refusal};
use crate::session::UserSnapshot;

/// What a hook returns: let the user in, or not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
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

impl Engine {
    /// Asks the application whether it admits a user.
    pub(super) async fn ask_application(
        &self,
        user: UserSnapshot,
    ) -> Result<UserSnapshot, Refusal> {
        let Some(hook) = &self.hook else {
            return Ok(user);
        };
        let user = Rc::new(user);
        let said = tokio::time::timeout(HOOK_TIMEOUT, hook(Rc::clone(&user))).await;
        match said.map_err(|_| Refusal::ApplicationSilent)? {
            Admission::Admit => Ok(Rc::try_unwrap(user).unwrap_or_else(|kept| (*kept).clone())),
            Admission::Refuse => Err(Refusal::NotAdmitted),
        }
    }
}

/// How long the application's hook may think about a user.
const HOOK_TIMEOUT: Duration = Duration::from_secs(30);
