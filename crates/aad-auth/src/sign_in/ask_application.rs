//! Asks the application whether it admits a user.

use std::{rc::Rc, time::Duration};

use super::{Admission, Engine, Refusal};
use crate::session::UserSnapshot;

impl Engine {
    /// Calls the sign-in callback. Without one, every user is admitted.
    pub(super) async fn ask_application(
        &self,
        user: UserSnapshot,
    ) -> Result<UserSnapshot, Refusal> {
        let Some(hook) = &self.hook else {
            return Ok(user);
        };
        let user = Rc::new(user);
        let answer = tokio::time::timeout(CALLBACK_TIMEOUT, hook(Rc::clone(&user))).await;
        match answer.map_err(|_| Refusal::ApplicationSilent)? {
            Admission::Admit => Ok(Rc::try_unwrap(user).unwrap_or_else(|kept| (*kept).clone())),
            Admission::Refuse => Err(Refusal::NotAdmitted),
        }
    }
}

/// How long the sign-in callback may take.
const CALLBACK_TIMEOUT: Duration = Duration::from_secs(30);
