//! Access tokens for downstream APIs on behalf of the signed-in user.

use std::{fmt, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderValue};
use futures_util::future::{FutureExt, LocalBoxFuture};

use super::{AccessError, DownstreamError, DownstreamErrorKind, User};
use crate::{
    acquisition::AcquireError,
    clock::Timestamp,
    secret::{ExposeSecret, Secret},
    session::{Session, Vaulted},
    web::{
        answers::forgotten::missing_middleware,
        instance::{Auth, InstanceName, Main, RequestAuth},
    },
};

/// Access tokens of the signed-in user's session, for the API that `AAD_SCOPES` names: for handlers
/// that call it with a client of their own. For Microsoft Graph there is [`Graph`](crate::Graph).
///
/// Tokens are refreshed before they expire, by one refresh however many requests need it.
/// `Tokens<Partners>` are those of a further instance (see [`InstanceName`]).
///
/// ```
/// use aad_auth::{DownstreamError, Tokens};
/// use actix_web::http::header::HeaderValue;
///
/// async fn call(authorization: HeaderValue) -> u16 {
///     // Your client, with your deadlines and bounds.
/// #   drop(authorization);
///     200
/// }
///
/// async fn tasks(tokens: Tokens) -> Result<String, DownstreamError> {
///     let token = tokens.access_token().await?;
///     let mut status = call(token.authorization()).await;
///     if status == 401 {
///         // Revoked before it has expired: the provider may give another one.
///         if let Some(other) = tokens.replacement_of(&token).await? {
///             status = call(other.authorization()).await;
///         }
///     }
///     Ok(format!("The API answered {status}"))
/// }
/// ```
pub struct Tokens<I = Main> {
    auth: Auth,
    request: HttpRequest,
    user: User<I>,
}

/// An access token for a downstream API. Its `Debug` shows nothing.
///
/// See [`Tokens`] for an example.
#[derive(Clone)]
pub struct DownstreamToken(Arc<Vaulted>);

impl<I> Tokens<I> {
    /// The access token, valid for at least 10 s. Shortly before it expires it is refreshed in the
    /// background; after that all requests of the session wait for one refresh.
    ///
    /// # Errors
    /// A [`DownstreamError`], which as a responder does what can be done: sign-in, 502 or 503.
    pub async fn access_token(&self) -> Result<DownstreamToken, DownstreamError> {
        let held = self.auth.acquirer().tokens(self.session()).await;
        let held = held.map_err(|error| self.error(error))?;
        self.token(held)
    }

    /// A newer token than `refused`, which the API has refused (401) although it has not expired.
    /// `None` when `refused` is younger than a minute: the API would refuse another one as well.
    ///
    /// # Errors
    /// A [`DownstreamError`].
    pub async fn replacement_of(
        &self,
        refused: &DownstreamToken,
    ) -> Result<Option<DownstreamToken>, DownstreamError> {
        let acquirer = self.auth.acquirer();
        let other = acquirer.other_tokens(self.session(), &refused.0).await;
        let other = other.map_err(|error| self.error(error))?;
        other.map(|held| self.token(held)).transpose()
    }

    fn token(&self, held: Arc<Vaulted>) -> Result<DownstreamToken, DownstreamError> {
        if held.tokens.access_token.is_none() {
            return Err(self.error(AcquireError::NoAccessToken));
        }
        Ok(DownstreamToken(held))
    }

    pub(in crate::web) fn auth(&self) -> &Auth {
        &self.auth
    }

    pub(in crate::web) fn session(&self) -> &Arc<Session> {
        self.user.session()
    }

    pub(in crate::web) fn error(&self, kind: impl Into<DownstreamErrorKind>) -> DownstreamError {
        DownstreamError::new(&self.auth, &self.request, kind)
    }
}

impl DownstreamToken {
    /// The value of the header `Authorization`, marked as sensitive.
    pub fn authorization(&self) -> HeaderValue {
        let value = format!("Bearer {}", self.expose());
        // The grant's reader accepts no token that does not fit into a header (RFC 6750 section 2.1).
        let mut value = HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }

    /// The token, for a client that takes no header. It is a secret: never log it.
    pub fn expose(&self) -> &str {
        self.secret().map_or("", Secret::expose_secret)
    }

    /// When it expires, by this machine's clock.
    pub fn expires_at(&self) -> Timestamp {
        self.0.tokens.expires_at
    }

    /// The scopes that the provider granted with it.
    pub fn scopes(&self) -> &[String] {
        &self.0.tokens.scopes
    }

    pub(in crate::web) fn secret(&self) -> Option<&Secret> {
        self.0.tokens.access_token.as_ref()
    }
}

impl<I> fmt::Debug for Tokens<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

impl fmt::Debug for DownstreamToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DownstreamToken")
    }
}

impl<I: InstanceName> FromRequest for Tokens<I> {
    type Error = AccessError;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let user = User::<I>::from_request(request, payload);
        let request = request.clone();
        async move {
            let user = user.await?;
            let state = RequestAuth::named::<I>(&request);
            let state = state.ok_or_else(|| missing_middleware(I::NAME))?;
            Ok(Self {
                auth: state.auth().clone(),
                request,
                user,
            })
        }
        .boxed_local()
    }
}
