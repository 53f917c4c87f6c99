//! Microsoft Graph on behalf of the signed-in user.

use std::fmt;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};
use futures_util::future::{FutureExt, LocalBoxFuture};
use serde::de::DeserializeOwned;

use super::{
    AccessError, DownstreamError,
    tokens::{DownstreamToken, Tokens},
};
use crate::{
    acquisition::AcquireError,
    graph::GraphAnswer,
    web::instance::{InstanceName, Main},
};

/// Microsoft Graph, called with the tokens of the signed-in user's session: they are refreshed
/// when it is time to, by one refresh however many requests need it. `Graph<Partners>` is that of
/// a further instance (see [`InstanceName`]).
///
/// ```no_run
/// use aad_auth::Graph;
/// use actix_web::{get, web::Json};
///
/// #[derive(serde::Deserialize, serde::Serialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Profile {
///     display_name: String,
/// }
///
/// #[get("/profile")]
/// async fn profile(graph: Graph) -> Result<Json<Profile>, aad_auth::DownstreamError> {
///     Ok(Json(graph.get("/me").await?))
/// }
/// ```
pub struct Graph<I = Main>(Tokens<I>);

impl<I> Graph<I> {
    /// The JSON at a path such as `/me`, or at the `@odata.nextLink` of an answer.
    ///
    /// # Errors
    /// A [`DownstreamError`], which as a responder does what can be done: sign-in, 502 or 503.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, DownstreamError> {
        let answer = self.send(path).await?;
        answer.json().map_err(|error| self.0.error(error))
    }

    /// The answer as it comes, whatever its status.
    ///
    /// # Errors
    /// A [`DownstreamError`] when there is no token or no answer.
    pub async fn send(&self, path: &str) -> Result<GraphAnswer, DownstreamError> {
        let token = self.0.access_token().await?;
        let first = self.send_with(&token, path).await?;
        if first.status != StatusCode::UNAUTHORIZED.as_u16() {
            return Ok(first);
        }
        // Revoked before it expired: a refresh may bring another token.
        match self.0.replacement_of(&token).await? {
            Some(other) => self.send_with(&other, path).await,
            None => Ok(first),
        }
    }

    async fn send_with(
        &self,
        token: &DownstreamToken,
        path: &str,
    ) -> Result<GraphAnswer, DownstreamError> {
        let token = token.secret();
        let token = token.ok_or_else(|| self.0.error(AcquireError::NoAccessToken))?;
        let caller = self.0.session().caller();
        let answer = self.0.auth().graph().get(caller, token, path).await;
        answer.map_err(|error| self.0.error(error))
    }
}

impl<I> fmt::Debug for Graph<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Graph")
    }
}

impl<I: InstanceName> FromRequest for Graph<I> {
    type Error = AccessError;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let tokens = Tokens::<I>::from_request(request, payload);
        async move { tokens.await.map(Self) }.boxed_local()
    }
}
