//! The start of a sign-in: the authorization request.

use std::iter;

use openidconnect::{
    AuthUrl, ClientId, CsrfToken, IssuerUrl, JsonWebKeySet, LoginHint, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope,
    core::{CoreAuthenticationFlow, CoreClient},
};

use super::{
    Attempt, AttemptPurpose, BindingCookie, Engine, LIFE, Prompt, Refusal, UserFlow, attempt,
};
use crate::{
    clock::Timestamp,
    config::{MAX_REDIRECT, ResponseMode, ReturnTo},
    provider::Metadata,
    secret::Pii,
};

/// What a sign-in is asked to do. It has no `Debug`: a hint names the user.
#[derive(Clone)]
pub struct SignInRequest {
    /// The browser's binding cookie, when it has sent exactly one well-formed one.
    pub browser: Option<BindingCookie>,
    /// Where the browser goes afterwards.
    pub return_to: ReturnTo,
    /// Whether that is only part of what was asked for: then the user is told so afterwards.
    pub shortened: bool,
    /// What the user is asked for.
    pub prompt: Option<Prompt>,
    /// Whom the provider's page should offer (`login_hint`).
    pub login_hint: Option<String>,
    /// Which sign-in page the provider should go to at once (`domain_hint`).
    pub domain_hint: Option<String>,
    /// Another user flow than the one for signing in.
    pub user_flow: Option<UserFlow>,
    /// When the attempt began that this one restarts automatically, and which one that was.
    pub restarts: Option<(Timestamp, u8)>,
}

impl SignInRequest {
    /// A plain sign-in that ends at `return_to`.
    pub const fn new(browser: Option<BindingCookie>, return_to: ReturnTo) -> Self {
        Self {
            browser,
            return_to,
            shortened: false,
            prompt: None,
            login_hint: None,
            domain_hint: None,
            user_flow: None,
            restarts: None,
        }
    }

    /// What `attempt` asked for, again, for whichever browser has brought it. A `login_hint` is told
    /// only to the browser in which the attempt began: in another one the address of the
    /// authorization request would show a stranger whose attempt it was.
    pub(super) fn again(attempt: Attempt, browser: Option<BindingCookie>) -> Self {
        let same = browser
            .as_ref()
            .is_some_and(|browser| browser.began(&attempt.browser));
        let hint = attempt.login_hint.filter(|_| same);
        let mut again = Self::new(browser, attempt.return_to);
        again.shortened = attempt.shortened;
        again.prompt = attempt.prompt;
        again.login_hint = hint.map(|hint| hint.expose().to_owned());
        again.domain_hint = attempt.domain_hint;
        again.restarts = Some((attempt.started, attempt.number));
        again
    }
}

/// Where to send the browser, and the binding cookie to set. It has no `Debug`.
#[derive(Clone)]
pub struct Start {
    /// The authorization request. Ends in `#`, so that the browser does not carry our fragment.
    pub location: String,
    /// The binding cookie.
    pub browser: BindingCookie,
}

impl Engine {
    /// Begins a sign-in. Nothing is stored.
    ///
    /// # Errors
    /// When the provider's metadata is not at hand, or says that no sign-in can succeed, or a user
    /// flow is asked for that is not configured.
    pub async fn start(&self, request: SignInRequest) -> Result<Start, Refusal> {
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
        let purpose = match (request.user_flow, request.prompt) {
            (Some(flow), _) => AttemptPurpose::UserFlow(flow),
            (None, Some(_)) => AttemptPurpose::Prompted,
            (None, None) => AttemptPurpose::SignIn,
        };
        let mut attempt = Attempt::new(
            &*self.random,
            self.clock.now(),
            &browser,
            request.return_to.clone(),
            purpose,
        );
        attempt.mark = self.fleet.mark();
        attempt.shortened = request.shortened;
        attempt.prompt = request.prompt.map(|prompt| prompt.known_to(&metadata));
        attempt.login_hint = request.login_hint.as_deref().map(Pii::new);
        attempt.domain_hint.clone_from(&request.domain_hint);
        if let Some((began, number)) = request.restarts {
            attempt.number = number.saturating_add(1);
            // A session that another tab has begun since then will do, unless the hour is over.
            if self.clock.now().since(began) < LIFE {
                attempt.started = began;
            }
        }
        let location = self.fitting_url(&metadata, attempt)?;
        self.events.sign_in_started();
        Ok(Start { location, browser })
    }

    /// Checks the `iss` of a sign-in that a third party begins (OpenID Connect Core 1.0 section 4):
    /// it only says who that is, and nothing is ever fetched from it.
    ///
    /// # Errors
    /// When it is not the configured provider's, or its metadata is not at hand.
    pub async fn check_initiator(&self, iss: &str) -> Result<(), Refusal> {
        let metadata = self.provider.metadata().await?;
        if metadata.issuer.accepts_any_tenant(iss) {
            Ok(())
        } else {
            Err(Refusal::OtherInitiator)
        }
    }

    /// The authorization request, within [`MAX_REDIRECT`]: what spares the user some typing goes first,
    /// then the end of the return address. Nothing else can go.
    fn fitting_url(&self, metadata: &Metadata, attempt: Attempt) -> Result<String, Refusal> {
        let mut url = self.authorization_url(metadata, &attempt)?;
        let without_hints = Attempt {
            login_hint: None,
            domain_hint: None,
            ..attempt
        };
        let shorter = without_hints.return_to.shorter().map(|return_to| Attempt {
            return_to,
            shortened: true,
            ..without_hints.clone()
        });
        for attempt in iter::once(without_hints.clone()).chain(shorter) {
            if url.len() <= MAX_REDIRECT {
                break;
            }
            url = self.authorization_url(metadata, &attempt)?;
        }
        Ok(url)
    }

    fn authorization_url(&self, metadata: &Metadata, attempt: &Attempt) -> Result<String, Refusal> {
        let broken = |_| Refusal::ProviderBroken("an address in the metadata is no URL".to_owned());
        let state = self.attempts.seal(&*self.random, attempt);
        let state = CsrfToken::new(state.ok_or(Refusal::MalformedResponse)?);
        let generation = self.keys.current();
        let nonce = Nonce::new(attempt::nonce(generation, &attempt.id));
        let verifier = PkceCodeVerifier::new(attempt::code_verifier(generation, &attempt.id));
        let issuer = IssuerUrl::new(self.config.authority.id()).map_err(broken)?;
        let endpoint = AuthUrl::new(metadata.authorization_endpoint.to_string()).map_err(broken)?;
        let redirect_uri = RedirectUrl::new(self.redirect_uri.clone()).map_err(broken)?;
        let client = CoreClient::new(
            ClientId::new(self.config.client_id.clone()),
            issuer,
            JsonWebKeySet::default(),
        )
        .set_auth_uri(endpoint)
        .set_redirect_uri(redirect_uri)
        .disable_openid_scope();
        let mut url = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || state,
                || nonce,
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(self.scopes(metadata).map(Scope::new));
        if self.config.response_mode == ResponseMode::FormPost {
            url = url.add_extra_param("response_mode", ResponseMode::FormPost.as_str());
        }
        if let Some(prompt) = attempt.prompt {
            url = url.add_prompt(prompt.into());
        }
        if let Some(hint) = &attempt.login_hint {
            url = url.set_login_hint(LoginHint::new(hint.expose().to_owned()));
        }
        if let Some(hint) = &attempt.domain_hint {
            url = url.add_extra_param("domain_hint", hint.clone());
        }
        let (url, _, _) = url.url();
        Ok(format!("{url}#"))
    }

    /// The scopes to ask for. `offline_access` is left out where a provider says that it does not know
    /// it. Azure AD B2C takes it without listing it.
    pub(super) fn scopes<'a>(
        &'a self,
        metadata: &'a Metadata,
    ) -> impl Iterator<Item = String> + use<'a> {
        let listed = metadata.scopes.as_deref();
        let known = listed.filter(|_| self.config.authority.tenant().is_none());
        let offered = move |scope: &&String| {
            let unknown = known.is_some_and(|known| !known.contains(scope));
            !(scope.as_str() == "offline_access" && unknown)
        };
        self.config.scopes.iter().filter(offered).cloned()
    }
}

pub(super) const NO_FLOW: &str = "the user flow is not configured";
