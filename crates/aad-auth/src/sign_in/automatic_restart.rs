//! Automatic restarts: a new authorization request instead of an error page, where it may help.

use std::time::Duration;

use tracing::field::display;

use super::{
    Attempt, BindingCookie, Engine, Prompt, Refusal, SignInRequest, StartedSignIn,
    redemption::Redemption,
};
use crate::{clock::Timestamp, config::AuthorityKind, session::UserSnapshot};

impl Engine {
    /// Starts a new sign-in instead of showing `refusal`, where that may help.
    ///
    /// # Errors
    /// The refusal to show, if a new sign-in does not help.
    pub(super) async fn restart(
        &self,
        refusal: Refusal,
        state: Option<&str>,
        browser: Option<&BindingCookie>,
        arrived: Timestamp,
    ) -> Result<StartedSignIn, Refusal> {
        let attempt = state.and_then(|state| self.attempts.open(&self.keys, state).ok());
        let again = attempt.zip(browser).and_then(|((attempt, _), browser)| {
            self.new_request(&refusal, attempt, browser, arrived)
        });
        let Some(again) = again else {
            return Err(refusal);
        };
        let (code, provider) = (refusal.code(), refusal.fault().map(display));
        tracing::info!(code, provider, "a sign-in is restarted automatically");
        self.start(again).await
    }

    /// The request that may help against `refusal`, for an attempt of this browser. A restarted attempt
    /// gets no further restart. The exception is `prompt=login` after `prompt=select_account`, which
    /// the next attempt does not repeat.
    fn new_request(
        &self,
        refusal: &Refusal,
        attempt: Attempt,
        browser: &BindingCookie,
        arrived: Timestamp,
    ) -> Option<SignInRequest> {
        if attempt.user_flow().is_some() || !browser.began(&attempt.browser) {
            return None;
        }
        let number = attempt.number;
        let prompt = match refusal {
            // The first token request was refused for the credential, and may have used the code.
            Refusal::CodeSpent(_) if number == 0 => attempt.prompt,
            Refusal::Declined(fault) if fault.asks_for_new_request() && number == 0 => {
                attempt.prompt
            }
            // The provider does not support `select_account`, and does not list its prompts.
            Refusal::Declined(fault)
                if fault.refuses_request() && attempt.prompt == Some(Prompt::SelectAccount) =>
            {
                Some(Prompt::Login)
            }
            Refusal::SameAccount => Some(Prompt::Login),
            Refusal::TenantNotAllowed | Refusal::NotAdmitted
                if self.was_not_asked(&attempt, arrived) =>
            {
                Some(Prompt::Login)
            }
            _ => return None,
        };
        let mut again = SignInRequest::again(attempt, Some(browser.clone()));
        again.prompt = prompt;
        // The new attempt gets its full lifetime.
        again.restarts = Some((self.clock.now(), number));
        Some(again)
    }

    /// Whether the user asked for another account, and the provider returned the same one without a page.
    pub(super) fn is_same_account(&self, redemption: &Redemption, user: &UserSnapshot) -> bool {
        let before = redemption.previous.as_ref();
        before.is_some_and(|session| session.user().is_same_user(user))
            && self.was_not_asked(&redemption.attempt, redemption.arrived)
    }

    /// Whether an attempt for another account returned so fast that the provider has shown no page. Entra
    /// ID always shows one. Azure AD B2C and Keycloak may not support `select_account`.
    fn was_not_asked(&self, attempt: &Attempt, arrived: Timestamp) -> bool {
        let shows_accounts = matches!(self.config.authority.kind(), AuthorityKind::Entra { .. });
        !shows_accounts && came_back_without_a_page(attempt, arrived)
    }
}

/// PURE: whether `select_account` returned faster than a user can choose.
fn came_back_without_a_page(attempt: &Attempt, arrived: Timestamp) -> bool {
    attempt.prompt == Some(Prompt::SelectAccount) && arrived.since(attempt.started) < FASTEST_CHOICE
}

/// Longer than redirects take, shorter than a user needs to choose an account.
const FASTEST_CHOICE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::BaseUrl, random::SystemRandom, sign_in::AttemptPurpose};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn r74_only_a_choice_that_took_no_time_was_not_offered() {
        let base = BaseUrl::parse("https://app.example.test").unwrap();
        let browser = BindingCookie::new(&SystemRandom);
        let to = base.return_to("/deep");
        let purpose = AttemptPurpose::Prompted;
        let mut attempt = Attempt::new(&SystemRandom, NOW, &browser, to, purpose);
        for (prompt, seconds, wanted) in [
            (Some(Prompt::SelectAccount), 0, true),
            (Some(Prompt::SelectAccount), 2, true),
            (Some(Prompt::SelectAccount), 3, false),
            (Some(Prompt::Login), 0, false),
            (None, 0, false),
        ] {
            attempt.prompt = prompt;
            let now = NOW + Duration::from_secs(seconds);
            assert_eq!(
                came_back_without_a_page(&attempt, now),
                wanted,
                "{prompt:?} {seconds}"
            );
        }
    }
}
