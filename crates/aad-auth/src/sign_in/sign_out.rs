//! Sign-out: first here, then at the provider (OpenID Connect RP-Initiated Logout 1.0).

use std::{rc::Rc, sync::Arc};

use openidconnect::{
    ClientId, CsrfToken, EndSessionUrl, LogoutHint, LogoutRequest, PostLogoutRedirectUrl,
};
use url::Url;

use super::{BindingCookie, Engine, Refusal, SignedOut};
use crate::{
    config::{MAX_REDIRECT, ReturnTo},
    grant::TokenEndpoint,
    provider::Metadata,
    secret::{ExposeSecret, Pii, Secret},
    session::{Session, TokenSet},
    store::StoreError,
    validation::key_id,
};

/// Where the browser goes after its session has ended here. It has no `Debug`: the address may have a
/// hint that identifies the user.
#[derive(Clone)]
pub(crate) struct SignOut {
    /// The address of the end-session request, or of the signed-out page.
    pub(crate) location: String,
}

/// The hints for the provider about the user to sign out. It has no `Debug`.
#[derive(Clone, Copy, Default)]
struct Hints<'a> {
    id_token: Option<&'a str>,
    login: Option<&'a str>,
}

/// The sessions that a sign-out ends here. At the provider it always ends the browser's session.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum SignOutScope {
    /// This browser's session.
    #[default]
    ThisBrowser,
    /// All of the user's sessions of this application.
    Everywhere,
}

impl Engine {
    /// Ends a session, or all sessions of its user, and returns where the browser goes next.
    ///
    /// The session ends whatever the provider does. If the provider has a revocation endpoint, the
    /// session's refresh token is revoked in the background. The refresh tokens of the user's other
    /// sessions are deleted without revocation, because only their browsers can unseal them.
    ///
    /// `browser` is the binding cookie of the answer. The signed-out page, to which the provider
    /// redirects, shows the result only in that browser.
    ///
    /// # Errors
    /// If the store fails. The session may still be live then.
    pub(crate) async fn sign_out(
        self: &Arc<Self>,
        session: Option<&Arc<Session>>,
        return_to: Option<ReturnTo>,
        scope: SignOutScope,
        browser: &BindingCookie,
    ) -> Result<SignOut, Refusal> {
        let metadata = self.provider.metadata_at_once();
        let id_token = match session {
            Some(session) => {
                self.end_session(session, scope, metadata.as_deref())
                    .await?
            }
            None => None,
        };
        let endpoint = metadata.and_then(|metadata| metadata.end_session_endpoint.clone());
        let page = SignedOut {
            return_to,
            at_provider: endpoint.is_some(),
            others_left: scope == SignOutScope::Everywhere && session.is_none(),
        };
        let Some(endpoint) = endpoint else {
            let state = self.seal_signed_out(page, browser);
            let post_logout = self.config.post_logout_redirect_uri();
            return Ok(SignOut {
                location: format!("{post_logout}?state={state}"),
            });
        };
        let login_hint = session.and_then(|session| session.user().login_hint.as_ref());
        let hints = Hints {
            id_token: id_token.as_ref().map(ExposeSecret::expose_secret),
            login: login_hint.map(Pii::expose),
        };
        let location = self.end_session_url(&endpoint, hints, &page, browser)?;
        Ok(SignOut { location })
    }

    /// Ends the sessions here, calls the sign-out callback and revokes the refresh token. Returns the ID
    /// token for `id_token_hint`, if the session has no `login_hint`.
    async fn end_session(
        self: &Arc<Self>,
        session: &Arc<Session>,
        scope: SignOutScope,
        metadata: Option<&Metadata>,
    ) -> Result<Option<Secret>, Refusal> {
        let revocable = metadata.is_some_and(|m| m.revocation_endpoint.is_some());
        let mut tokens = None;
        if revocable || session.user().login_hint.is_none() {
            // The tokens serve as a hint only: an error must not prevent the sign-out.
            let vaulted = self.sessions.vault().get(session).await.ok().flatten();
            tokens = vaulted.map(|vaulted| vaulted.tokens);
        }
        self.end_here(session, scope).await?;
        self.tell_application(session);
        if let (Some(metadata), Some(tokens)) = (metadata, &tokens) {
            self.revoke_in_background(metadata, tokens);
        }
        if session.user().login_hint.is_some() {
            return Ok(None);
        }
        let id_token = tokens.and_then(|tokens| tokens.id_token);
        Ok(id_token.filter(|token| self.is_known_hint(token)))
    }

    /// Whether the provider still publishes the key of an ID token. Keycloak and Ory Hydra answer an
    /// `id_token_hint` with a removed key by an error page without a link back.
    fn is_known_hint(&self, token: &Secret) -> bool {
        let kid = key_id(token.expose_secret());
        kid.is_none_or(|kid| self.provider.publishes_key(&kid))
    }

    /// The end-session request, at most [`MAX_REDIRECT`] characters long if possible. The ID token is
    /// omitted first, because it grows with the user's groups. Without a hint the provider may ask for
    /// the account.
    fn end_session_url(
        &self,
        endpoint: &Url,
        hints: Hints<'_>,
        page: &SignedOut,
        browser: &BindingCookie,
    ) -> Result<String, Refusal> {
        let without_return_address = SignedOut {
            return_to: None,
            ..page.clone()
        };
        let without_token = Hints {
            id_token: None,
            ..hints
        };
        let mut location = String::new();
        for (hints, page) in [
            (hints, page),
            (without_token, page),
            (Hints::default(), page),
            (Hints::default(), &without_return_address),
        ] {
            let state = self.seal_signed_out(page.clone(), browser);
            location = self.end_session_url_with(endpoint.clone(), hints, state)?;
            if location.len() <= MAX_REDIRECT {
                break;
            }
        }
        Ok(location)
    }

    /// The end-session request with these hints.
    fn end_session_url_with(
        &self,
        endpoint: Url,
        hints: Hints<'_>,
        state: String,
    ) -> Result<String, Refusal> {
        let broken = |_| Refusal::ProviderBroken("an address in the metadata is no URL".to_owned());
        let post_logout = self.config.post_logout_redirect_uri();
        let uri = PostLogoutRedirectUrl::new(post_logout).map_err(broken)?;
        let mut request = LogoutRequest::from(EndSessionUrl::from_url(endpoint))
            .set_client_id(ClientId::new(self.config.client_id.clone()))
            .set_post_logout_redirect_uri(uri)
            .set_state(CsrfToken::new(state));
        if let Some(hint) = hints.login {
            request = request.set_logout_hint(LogoutHint::new(hint.to_owned()));
        }
        let mut url = request.http_get_url();
        if let Some(token) = hints.id_token {
            url.query_pairs_mut().append_pair("id_token_hint", token);
        }
        Ok(url.to_string())
    }

    /// Ends the sessions here. The browser's own session ends last, so that the user can try again if the
    /// others could not be ended. Runs in a task of its own, so that a closed connection does not
    /// interrupt it.
    async fn end_here(
        self: &Arc<Self>,
        session: &Arc<Session>,
        scope: SignOutScope,
    ) -> Result<(), StoreError> {
        let (engine, session) = (Arc::clone(self), Arc::clone(session));
        let task = actix_web::rt::spawn(async move {
            if scope == SignOutScope::Everywhere {
                engine.sessions.end_others_of(&session).await?;
            }
            engine.sessions.end(&session).await
        });
        task.await.unwrap_or(Err(StoreError::Unavailable))
    }

    /// Calls the sign-out callback.
    fn tell_application(&self, session: &Session) {
        if let Some(hook) = &self.sign_out_hook {
            actix_web::rt::spawn(hook(Rc::new(session.user().clone())));
        }
    }

    /// Revokes the refresh token at the provider. The user does not wait for it, and errors are only
    /// logged.
    fn revoke_in_background(&self, metadata: &Metadata, tokens: &TokenSet) {
        let (Some(url), Some(token)) = (&metadata.revocation_endpoint, &tokens.refresh_token)
        else {
            return;
        };
        let endpoint = TokenEndpoint {
            url: url.clone(),
            ..TokenEndpoint::from(metadata)
        };
        let (client, token) = (self.tokens.clone(), token.clone());
        let told = self.transport.spawn(async move {
            if let Err(error) = client.revoke(&endpoint, &token).await {
                tracing::warn!(%error, "a refresh token could not be revoked at the provider");
            }
        });
        if let Err(error) = told {
            tracing::warn!(%error, "a refresh token could not be revoked at the provider");
        }
    }
}
