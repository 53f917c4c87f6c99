//! The address of an authorization request.

use std::iter;

use openidconnect::{
    AuthUrl, ClientId, CsrfToken, IssuerUrl, JsonWebKeySet, LoginHint, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope,
    core::{CoreAuthenticationFlow, CoreClient},
};

use super::{Attempt, Engine, Refusal, attempt};
use crate::{
    config::{MAX_REDIRECT, ResponseMode},
    provider::Metadata,
};

impl Engine {
    /// The authorization request, at most [`MAX_REDIRECT`] characters long if possible. The hints are
    /// omitted first, then the return address is shortened.
    pub(super) fn fitting_url(
        &self,
        metadata: &Metadata,
        attempt: Attempt,
    ) -> Result<String, Refusal> {
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

    /// The authorization request of an attempt (OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636).
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

    /// The scopes to request. `offline_access` is omitted if the provider lists its scopes without it.
    /// Entra ID and Azure AD B2C accept it without listing it.
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
