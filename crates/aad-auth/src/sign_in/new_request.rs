//! Refusals that a new authorization request may mend: it is made at once, instead of a page.

use std::time::Duration;

use tracing::field::display;

use super::{
    Attempt, BindingCookie, Engine, Prompt, Refusal, SignInRequest, Start, redemption::Redemption,
};
use crate::{clock::Timestamp, config::AuthorityKind, session::UserSnapshot};

impl Engine {
    /// The new authorization request that is made instead of showing `refusal`.
    ///
    /// # Errors
    /// The refusal to show.
    pub(super) async fn restart(
        &self,
        refusal: Refusal,
        state: Option<&str>,
        browser: Option<&BindingCookie>,
        arrived: Timestamp,
    ) -> Result<Start, Refusal> {
        let attempt = state.and_then(|state| self.attempts.open(&self.keys, state).ok());
        let again = attempt.zip(browser).and_then(|((attempt, _), browser)| {
            self.new_request(&refusal, attempt, browser, arrived)
        });
        let Some(again) = again else {
            return Err(refusal);
        };
        let (code, provider) = (refusal.code(), refusal.fault().map(display));
        tracing::info!(code, provider, "a sign-in begins again by itself");
        self.start(again).await
    }

    /// The request to make instead of showing `refusal`, for an attempt of this browser. Bounded: an
    /// attempt that is itself a restart gets none, except to ask for the password where the user has
    /// asked for another account, which the next attempt does not do again.
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
            // The first request with the code was refused for the credential, and has used it up.
            Refusal::CodeSpent(_) if number == 0 => attempt.prompt,
            Refusal::Declined(fault) if fault.asks_for_new_request() && number == 0 => {
                attempt.prompt
            }
            // Some providers do not say which prompts they know.
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
        // A whole hour again: what took the time is over.
        again.restarts = Some((self.clock.now(), number));
        Some(again)
    }

    /// Whether the user asked for another account, and the provider has sent the same one back without
    /// asking.
    pub(super) fn is_same_account(&self, redemption: &Redemption, user: &UserSnapshot) -> bool {
        let before = redemption.previous.as_ref();
        before.is_some_and(|session| session.user().is_same_user(user))
            && self.was_not_asked(&redemption.attempt, redemption.arrived)
    }

    /// Whether an attempt for another account has come back so fast, at `arrived`, that the provider has
    /// shown no page. Entra ID always shows one; others may not know `select_account` (Azure AD B2C, Keycloak).
    fn was_not_asked(&self, attempt: &Attempt, arrived: Timestamp) -> bool {
        let shows_accounts = matches!(self.config.authority.kind(), AuthorityKind::Entra { .. });
        !shows_accounts && came_back_at_once(attempt, arrived)
    }
}

/// PURE.
fn came_back_at_once(attempt: &Attempt, arrived: Timestamp) -> bool {
    attempt.prompt == Some(Prompt::SelectAccount) && arrived.since(attempt.started) < AT_ONCE
}

/// Longer than redirects take, shorter than a person needs to see a page and to choose on it.
const AT_ONCE: Duration = Duration::from_secs(3);

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
                came_back_at_once(&attempt, now),
                wanted,
                "{prompt:?} {seconds}"
            );
        }
    }
}
