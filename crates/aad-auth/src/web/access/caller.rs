//! Who calls an API: a session or a bearer token.

use std::{fmt, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::{FutureExt, LocalBoxFuture, ready};

use super::{AccessError, User, extractors::extract};
use crate::{
    validation::{AccessToken, CallerKind, Oid, Sub, Tid, UserKey},
    web::{
        answers::forgotten::missing_middleware,
        instance::{InstanceName, Main, RequestAuth},
    },
};

/// Who calls: a signed-in user, or the holder of a bearer token that a guard has let in.
///
/// Without a guard that takes bearer tokens, only a session counts.
pub enum Caller<I = Main> {
    /// A session.
    User(User<I>),
    /// A bearer token.
    Bearer(Arc<AccessToken>),
}

impl<I> Clone for Caller<I> {
    fn clone(&self) -> Self {
        match self {
            Self::User(user) => Self::User(user.clone()),
            Self::Bearer(token) => Self::Bearer(Arc::clone(token)),
        }
    }
}

impl<I> fmt::Debug for Caller<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User(_) => "Caller::User",
            Self::Bearer(_) => "Caller::Bearer",
        })
    }
}

impl<I: InstanceName> Caller<I> {
    /// On a user's behalf, or an application on its own.
    pub fn kind(&self) -> CallerKind {
        match self {
            Self::User(_) => CallerKind::Delegated,
            Self::Bearer(token) => token.kind(),
        }
    }

    /// The key under which to keep data of the user, or of the application that calls for itself.
    pub fn key(&self) -> Option<UserKey> {
        match self {
            Self::User(user) => Some(user.key().clone()),
            Self::Bearer(token) => token.user_key(),
        }
    }

    /// The tenant (`tid`); always there with an Entra authority.
    pub fn tid(&self) -> Option<&str> {
        match self {
            Self::User(user) => user.snapshot().tid(),
            Self::Bearer(token) => token.tid().map(Tid::as_str),
        }
    }

    /// The object id (`oid`) of the user or the application; always there with an Entra authority.
    pub fn oid(&self) -> Option<&str> {
        match self {
            Self::User(user) => user.snapshot().oid(),
            Self::Bearer(token) => token.oid().map(Oid::as_str),
        }
    }

    /// The subject (`sub`). With Entra it differs between the applications of one user.
    pub fn sub(&self) -> Option<&str> {
        match self {
            Self::User(user) => Some(&user.snapshot().sub),
            Self::Bearer(token) => token.sub().map(Sub::as_str),
        }
    }

    /// The client that calls (`azp`, `appid`, `client_id`). None for a session: that is our own.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::User(_) => None,
            Self::Bearer(token) => token.client_id(),
        }
    }

    /// The delegated permissions of this API (`scp`). A session has none: what was granted at
    /// sign-in belongs to other APIs.
    pub fn scopes(&self) -> Vec<&str> {
        match self {
            Self::User(_) => Vec::new(),
            Self::Bearer(token) => token.scopes().collect(),
        }
    }

    /// Whether a delegated permission is among [`Self::scopes`].
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().contains(&scope)
    }

    /// App roles: of a user, or by [`Self::kind`] an application's own permissions.
    pub fn roles(&self) -> &[Box<str>] {
        match self {
            Self::User(user) => &user.snapshot().roles,
            Self::Bearer(token) => token.roles(),
        }
    }
}

impl<I: InstanceName> FromRequest for Caller<I> {
    type Error = AccessError;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(state) = RequestAuth::named::<I>(request) else {
            return ready(Err(missing_middleware(I::NAME).into())).boxed_local();
        };
        if let Some(token) = state.token() {
            return ready(Ok(Self::Bearer(token))).boxed_local();
        }
        let request = request.clone();
        async move { extract(&request, &state).await.map(Self::User) }.boxed_local()
    }
}
