//! Starts a sign-in.

use super::{
    ATTEMPT_LIFETIME, Attempt, AttemptPurpose, BindingCookie, Engine, Refusal, SignInRequest,
    StartedSignIn,
};
use crate::{provider::Metadata, secret::Pii};

impl Engine {
    /// Starts a sign-in. Nothing is stored.
    ///
    /// # Errors
    /// If the provider's metadata is not available or shows that no sign-in can succeed, or if the user
    /// flow is not configured.
    pub(crate) async fn start(&self, request: SignInRequest) -> Result<StartedSignIn, Refusal> {
        let provider = self.provider_of(request.user_flow);
        let metadata = provider
            .ok_or_else(|| Refusal::ProviderBroken(NO_FLOW.to_owned()))?
            .metadata_for_sign_in()
            .await;
        let metadata = metadata.map_err(|error| {
            let refusal = Refusal::from(error);
            self.events.sign_in_refused(refusal.code());
            refusal
        })?;
        let browser = request
            .browser
            .clone()
            .unwrap_or_else(|| BindingCookie::new(&*self.random));
        let attempt = self.new_attempt(&request, &browser, &metadata);
        let location = self.fitting_url(&metadata, attempt)?;
        self.events.sign_in_started();
        Ok(StartedSignIn { location, browser })
    }

    /// The attempt for a request.
    fn new_attempt(
        &self,
        request: &SignInRequest,
        browser: &BindingCookie,
        metadata: &Metadata,
    ) -> Attempt {
        let purpose = match (request.user_flow, request.prompt) {
            (Some(flow), _) => AttemptPurpose::UserFlow(flow),
            (None, Some(_)) => AttemptPurpose::Prompted,
            (None, None) => AttemptPurpose::SignIn,
        };
        let mut attempt = Attempt::new(
            &*self.random,
            self.clock.now(),
            browser,
            request.return_to.clone(),
            purpose,
        );
        attempt.mark = self.replicas.mark();
        attempt.shortened = request.shortened;
        attempt.prompt = request.prompt.map(|prompt| prompt.supported_by(metadata));
        attempt.login_hint = request.login_hint.as_deref().map(Pii::new);
        attempt.domain_hint.clone_from(&request.domain_hint);
        if let Some((began, number)) = request.restarts {
            attempt.number = number.saturating_add(1);
            // A restart keeps the begin of the first attempt, within the lifetime: a session that another
            // tab has created since then completes it.
            if self.clock.now().since(began) < ATTEMPT_LIFETIME {
                attempt.started = began;
            }
        }
        attempt
    }

    /// Checks the `iss` of a sign-in that a third party initiates (OpenID Connect Core 1.0 section 4). The
    /// value is only compared; nothing is fetched from it.
    ///
    /// # Errors
    /// [`Refusal::OtherInitiator`] if it is not the configured provider's; if the metadata is not
    /// available.
    pub(crate) async fn check_initiator(&self, iss: &str) -> Result<(), Refusal> {
        let metadata = self.provider.metadata().await?;
        if metadata.issuer.accepts_any_tenant(iss) {
            Ok(())
        } else {
            Err(Refusal::OtherInitiator)
        }
    }
}

/// The cause in the log when a user flow has no provider.
pub(super) const NO_FLOW: &str = "the user flow is not configured";
