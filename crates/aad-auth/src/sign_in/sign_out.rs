//! Sign-out: here first, then at the provider (OpenID Connect RP-Initiated Logout 1.0).

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

/// Where the browser goes after its session has ended here. It has no `Debug`: the address may
/// carry a hint that names the user.
#[derive(Clone)]
pub struct SignOut {
    /// The end-session request, or the signed-out page.
    pub location: String,
}

/// What tells the provider whom to sign out. It has no `Debug`.
#[derive(Clone, Copy, Default)]
struct Hints<'a> {
    id_token: Option<&'a str>,
    login: Option<&'a str>,
}

/// How far a sign-out reaches here. At the provider it always ends the browser's session.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SignOutScope {
    /// This browser's session.
    #[default]
    ThisBrowser,
    /// All of the user's sessions of this application.
    Everywhere,
}

impl Engine {
    /// Ends a session and its tokens, or all of its user's sessions, whatever the provider does;
    /// then tells where the browser goes. Where the provider has a revocation endpoint it is told
    /// in the background that the session's refresh token is not needed any more; those of the
    /// user's other sessions can be opened by their browsers only, and end with their records.
    ///
    /// `browser` is the binding cookie that the browser gets with the answer: only there the page
    /// to which the provider leads back says what has ended.
    ///
    /// # Errors
    /// When the store cannot be written: then the session may still live.
    pub async fn sign_out(
        self: &Arc<Self>,
        session: Option<&Arc<Session>>,
        return_to: Option<ReturnTo>,
        scope: SignOutScope,
        browser: &BindingCookie,
    ) -> Result<SignOut, Refusal> {
        let metadata = self.provider.metadata_at_once();
        let mut id_token = None;
        if let Some(session) = session {
            let revocable = metadata
                .as_ref()
                .is_some_and(|m| m.revocation_endpoint.is_some());
            let mut tokens = None;
            if revocable || session.user().login_hint.is_none() {
                // Only a hint: tokens that cannot be read must not keep the session alive.
                let vaulted = self.sessions.vault().get(session).await.ok().flatten();
                tokens = vaulted.map(|vaulted| vaulted.tokens);
            }
            self.end_here(session, scope).await?;
            self.tell_application(session);
            if let (Some(metadata), Some(tokens)) = (&metadata, &tokens) {
                self.revoke_in_background(metadata, tokens);
            }
            if session.user().login_hint.is_none() {
                id_token = tokens.and_then(|tokens| tokens.id_token);
                id_token = id_token.filter(|token| self.is_known_hint(token));
            }
        }
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

    /// Whether the provider can still verify an ID token: not once its key has left the key set.
    /// Keycloak and Ory Hydra answer such an `id_token_hint` by an error page, on which the user is
    /// stranded.
    fn is_known_hint(&self, token: &Secret) -> bool {
        let kid = key_id(token.expose_secret());
        kid.is_none_or(|kid| self.provider.publishes_key(&kid))
    }

    /// The end-session request, within [`MAX_REDIRECT`]: an ID token grows with the user's groups, and
    /// goes first. Without any hint the provider may ask which account is meant.
    fn end_session_url(
        &self,
        endpoint: &Url,
        hints: Hints<'_>,
        page: &SignedOut,
        browser: &BindingCookie,
    ) -> Result<String, Refusal> {
        let without_way_on = SignedOut {
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
            (Hints::default(), &without_way_on),
        ] {
            let state = self.seal_signed_out(page.clone(), browser);
            location = self.end_session_url_with(endpoint.clone(), hints, state)?;
            if location.len() <= MAX_REDIRECT {
                break;
            }
        }
        Ok(location)
    }

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

    /// The browser's own session goes last: when the others cannot be ended, it still says whose
    /// they are, and the user can try again. In a task of its own, so that a browser that hangs up
    /// does not leave it half done.
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

    fn tell_application(&self, session: &Session) {
        if let Some(hook) = &self.sign_out_hook {
            actix_web::rt::spawn(hook(Rc::new(session.user().clone())));
        }
    }

    /// Never delays the user: what the provider makes of it changes nothing here.
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
                tracing::warn!(%error, "the provider could not be told to revoke a refresh token");
            }
        });
        if let Err(error) = told {
            tracing::warn!(%error, "the provider could not be told to revoke a refresh token");
        }
    }
}
