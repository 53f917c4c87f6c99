//! Microsoft Graph on behalf of the signed-in user.

use std::fmt;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};
use futures_util::future::{FutureExt, LocalBoxFuture};
use serde::de::DeserializeOwned;

use super::{AccessError, DownstreamError, DownstreamErrorKind, User};
use crate::{
    acquisition::AcquireError,
    graph::GraphAnswer,
    secret::Secret,
    session::{Session, Vaulted},
    web::{
        answers::forgotten::missing_middleware,
        instance::{Auth, InstanceName, Main, RequestAuth},
    },
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
pub struct Graph<I = Main> {
    auth: Auth,
    request: HttpRequest,
    user: User<I>,
}

impl<I> Graph<I> {
    /// The JSON at a path such as `/me`, or at the `@odata.nextLink` of an answer.
    ///
    /// # Errors
    /// An [`DownstreamError`], which as a responder does what can be done: sign-in, 502 or 503.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, DownstreamError> {
        let answer = self.send(path).await?;
        answer.json().map_err(|error| self.error(error))
    }

    /// The answer as it comes, whatever its status.
    ///
    /// # Errors
    /// An [`DownstreamError`] when there is no token or no answer.
    pub async fn send(&self, path: &str) -> Result<GraphAnswer, DownstreamError> {
        let acquirer = self.auth.acquirer();
        let tokens = acquirer.tokens(self.session()).await;
        let tokens = tokens.map_err(|error| self.error(error))?;
        let (client, caller) = (self.auth.graph(), self.session().caller());
        let first = client.get(caller, self.access_token(&tokens)?, path).await;
        let first = first.map_err(|error| self.error(error))?;
        if first.status != StatusCode::UNAUTHORIZED.as_u16() {
            return Ok(first);
        }
        // Revoked before its time: the provider knows more.
        let others = acquirer.other_tokens(self.session(), &tokens).await;
        let Some(others) = others.map_err(|error| self.error(error))? else {
            return Ok(first);
        };
        let second = client.get(caller, self.access_token(&others)?, path).await;
        second.map_err(|error| self.error(error))
    }

    fn access_token<'t>(&self, held: &'t Vaulted) -> Result<&'t Secret, DownstreamError> {
        let token = held.tokens.access_token.as_ref();
        token.ok_or_else(|| self.error(AcquireError::NoAccessToken))
    }

    fn session(&self) -> &std::sync::Arc<Session> {
        self.user.session()
    }

    fn error(&self, kind: impl Into<DownstreamErrorKind>) -> DownstreamError {
        DownstreamError::new(&self.auth, &self.request, kind)
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
