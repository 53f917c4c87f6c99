//! Sign-out: here first, then at the provider (OpenID Connect RP-Initiated Logout 1.0).

use std::rc::Rc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    ClientId, CsrfToken, EndSessionUrl, LogoutHint, LogoutRequest, PostLogoutRedirectUrl,
};
use serde::{Deserialize, Serialize};

use super::{Engine, Refusal};
use crate::{config::ReturnTo, secret::ExposeSecret, session::Session};

/// What the signed-out page has to say.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SignedOut {
    /// A link to go on with.
    pub return_to: Option<ReturnTo>,
    /// Whether the provider was asked to end its session too.
    pub at_provider: bool,
}

/// Where the browser goes after its session has ended here. It has no `Debug`: the address may
/// carry a hint that names the user.
#[derive(Clone)]
pub struct SignOut {
    /// The end-session request, or the signed-out page.
    pub location: String,
}

impl Engine {
    /// Ends a session and its tokens, whatever the provider does; then tells where the browser
    /// goes.
    ///
    /// # Errors
    /// When the store cannot be written: then the session may still live.
    pub async fn sign_out(
        &self,
        session: Option<&Session>,
        return_to: Option<ReturnTo>,
    ) -> Result<SignOut, Refusal> {
        let mut id_token = None;
        if let Some(session) = session {
            if session.user().login_hint.is_none() {
                // Only a hint: tokens that cannot be read must not keep the session alive.
                let vaulted = self.sessions.vault().get(session).await.ok().flatten();
                id_token = vaulted.and_then(|vaulted| vaulted.tokens.id_token);
            }
            self.sessions.end(session).await?;
            self.tell_application(session);
        }
        let endpoint = self
            .provider
            .metadata_now()
            .and_then(|metadata| metadata.end_session_endpoint.clone());
        let page = SignedOut {
            return_to,
            at_provider: endpoint.is_some(),
        };
        let state = self.seal_sign_out(&page);
        let post_logout = self.config.post_logout_redirect_uri();
        let Some(endpoint) = endpoint else {
            return Ok(SignOut {
                location: format!("{post_logout}?state={state}"),
            });
        };
        let broken = |_| Refusal::ProviderBroken;
        let uri = PostLogoutRedirectUrl::new(post_logout).map_err(broken)?;
        let mut request = LogoutRequest::from(EndSessionUrl::from_url(endpoint))
            .set_client_id(ClientId::new(self.config.client_id.clone()))
            .set_post_logout_redirect_uri(uri)
            .set_state(CsrfToken::new(state));
        if let Some(hint) = session.and_then(|session| session.user().login_hint.as_ref()) {
            request = request.set_logout_hint(LogoutHint::new(hint.expose().to_owned()));
        }
        let mut url = request.http_get_url();
        if let Some(token) = id_token {
            url.query_pairs_mut()
                .append_pair("id_token_hint", token.expose_secret());
        }
        Ok(SignOut {
            location: url.to_string(),
        })
    }

    fn tell_application(&self, session: &Session) {
        if let Some(hook) = &self.sign_out_hook {
            actix_web::rt::spawn(hook(Rc::new(session.user().clone())));
        }
    }

    /// What the `state` of a return from the provider's sign-out says; nothing of it is trusted
    /// beyond what this instance has sealed.
    pub fn signed_out(&self, state: Option<&str>) -> Option<SignedOut> {
        let sealed = URL_SAFE_NO_PAD
            .decode(state.filter(|state| state.len() < 4096)?)
            .ok()?;
        let opened = self
            .sign_outs
            .open(self.keys.label().as_bytes(), &sealed)
            .ok()?;
        serde_json::from_slice(&opened.plaintext).ok()
    }

    fn seal_sign_out(&self, page: &SignedOut) -> String {
        let json = serde_json::to_vec(page).unwrap_or_default();
        let sealed = self
            .sign_outs
            .seal(&*self.random, self.keys.label().as_bytes(), &json);
        URL_SAFE_NO_PAD.encode(sealed)
    }
}
