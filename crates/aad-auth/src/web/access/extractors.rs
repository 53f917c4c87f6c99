//! Extractors: the signed-in user, and app roles as types.

use std::{cell::RefCell, fmt, marker::PhantomData, sync::Arc};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode,
};
use futures_util::future::{Either, FutureExt, LocalBoxFuture, Ready, ready};

use crate::{
    clock::Timestamp,
    policy::Missing,
    secret::Pii,
    session::{DisplayName, Session, UserSnapshot},
    validation::UserKey,
    web::{
        answers::forgotten::missing_middleware,
        instance::{InstanceName, Main, RequestAuth},
    },
};

/// The signed-in user.
///
/// ```
/// use aad_auth::User;
///
/// async fn profile(user: User) -> String {
///     let email = user.email().unwrap_or("no address");
///     format!("{} <{email}>, {} roles", user.name(), user.roles().len())
/// }
/// ```
///
/// `Option<User>` is for pages that need no user; `User<Partners>` is
/// the user of a further instance (see [`InstanceName`]).
///
/// Without the middleware a request is answered 500. For `Option<User>` the routes see to that, so
/// `.configure(auth.routes())` stands before the application's own services: Actix turns every
/// error of an extractor into `None`.
pub struct User<I = Main>(Arc<Session>, Instance<I>);

/// Marks whose user it is, without owning one.
type Instance<I> = PhantomData<fn() -> I>;

impl<I: InstanceName> User<I> {
    /// The user, where a guard or an extractor has already looked the session up for `request`.
    /// Looks nothing up by itself: `None` also means that neither has asked yet.
    pub fn known(request: &HttpRequest) -> Option<Self> {
        RequestAuth::named::<I>(request)?.known()?.map(Self::new)
    }
}

impl<I> User<I> {
    const fn new(session: Arc<Session>) -> Self {
        Self(session, PhantomData)
    }

    /// The key under which to keep data of this user.
    pub fn key(&self) -> &UserKey {
        &self.snapshot().key
    }

    /// The name to show.
    pub fn name(&self) -> DisplayName<'_> {
        self.snapshot().display_name()
    }

    /// Whether the user is known to have an app role. Where
    /// [`UserSnapshot::roles_incomplete`] says so, a role that is not listed may be there too.
    pub fn has_role(&self, value: &str) -> bool {
        self.snapshot().has_role(value)
    }

    /// The issuer of the ID token (`iss`).
    pub fn issuer(&self) -> &str {
        &self.snapshot().iss
    }

    /// The subject (`sub`). With Entra it differs between the applications of one user.
    pub fn sub(&self) -> &str {
        &self.snapshot().sub
    }

    /// The tenant (`tid`); `None` at providers other than Entra ID.
    pub fn tid(&self) -> Option<&str> {
        self.snapshot().tid()
    }

    /// The object id (`oid`); `None` at providers other than Entra ID.
    pub fn oid(&self) -> Option<&str> {
        self.snapshot().oid()
    }

    /// The claim `name`. For display only: it changes, and is not unique.
    pub fn full_name(&self) -> Option<&str> {
        self.snapshot().name.as_ref().map(Pii::expose)
    }

    /// The claim `preferred_username`. For display only: it changes, and may be reassigned.
    pub fn user_name(&self) -> Option<&str> {
        self.snapshot().preferred_username.as_ref().map(Pii::expose)
    }

    /// The claim `email`. For display and for writing to the user only: it may be unverified.
    pub fn email(&self) -> Option<&str> {
        self.snapshot().email.as_ref().map(Pii::expose)
    }

    /// App roles, from the claims that `AAD_ROLES_CLAIM` names.
    pub fn roles(&self) -> &[Box<str>] {
        &self.snapshot().roles
    }

    /// Whether the user may have roles that [`Self::roles`] does not list.
    pub fn roles_are_incomplete(&self) -> bool {
        self.snapshot().roles_incomplete
    }

    /// Object ids of the groups that the token lists.
    pub fn groups(&self) -> &[Box<str>] {
        &self.snapshot().groups.ids
    }

    /// Whether the user may be in groups that [`Self::groups`] does not list (overage).
    pub fn groups_are_incomplete(&self) -> bool {
        self.snapshot().groups.overage
    }

    /// The scopes that the provider granted at sign-in.
    pub fn scopes(&self) -> &[Box<str>] {
        &self.snapshot().scopes
    }

    /// When the user came back from the provider.
    pub fn signed_in_at(&self) -> Timestamp {
        self.0.signed_in_at()
    }

    /// When the session ends in any case (`AAD_SESSION_MAX`).
    pub fn session_ends_at(&self) -> Timestamp {
        self.0.ends_at()
    }

    /// The public name of this session, by which [`UserSessions::list`](crate::session::UserSessions::list)
    /// shows it. It opens nothing.
    pub fn session_handle(&self) -> &str {
        self.0.handle()
    }

    /// All that the session remembers of the ID token.
    pub fn snapshot(&self) -> &UserSnapshot {
        self.0.user()
    }

    /// The session.
    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.0
    }
}

impl<I> Clone for User<I> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.0))
    }
}

impl<I> fmt::Debug for User<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("User")
    }
}

impl<I: InstanceName> FromRequest for User<I> {
    type Error = AccessError;
    type Future = Either<
        Ready<Result<Self, Self::Error>>,
        LocalBoxFuture<'static, Result<Self, Self::Error>>,
    >;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(state) = RequestAuth::named::<I>(request) else {
            return Either::Left(ready(Err(missing_middleware(I::NAME).into())));
        };
        if let Some(Some(session)) = state.known() {
            return Either::Left(ready(Ok(Self::new(session))));
        }
        let request = request.clone();
        let user = async move {
            let user = extract(&request, &state).await;
            if user.is_err() && !state.auth().routes_are_mounted() {
                // Also where the handler asks for an `Option`: no user can ever be signed in.
                state.note_missing_routes();
            }
            user
        };
        Either::Right(user.boxed_local())
    }
}

/// The user, for an extractor that can do without routes: an API for bearer tokens needs none.
pub(in crate::web) async fn extract<I>(
    request: &HttpRequest,
    state: &RequestAuth,
) -> Result<User<I>, AccessError> {
    let auth = state.auth();
    match state.session(request.headers()).await {
        Ok(Some(session)) => Ok(User::new(session)),
        Ok(None) => {
            let reason = state.reason(request.headers());
            Err(auth.unauthenticated(request, reason).into())
        }
        Err(error) => Err(auth.store_down(request, error).into()),
    }
}

/// An app role as a type, so that a handler cannot forget to ask for it.
///
/// See [`HasRole`] for an example.
pub trait AppRole: 'static {
    /// The role's value in the registration.
    const VALUE: &'static str;
}

/// The signed-in user, who has the app role `R`.
///
/// ```
/// use aad_auth::{AppRole, HasRole};
///
/// struct Admin;
///
/// impl AppRole for Admin {
///     const VALUE: &'static str = "Admin";
/// }
///
/// async fn settings(admin: HasRole<Admin>) -> String {
///     format!("Settings for {}", admin.user.name())
/// }
/// ```
pub struct HasRole<R, I = Main> {
    /// The user.
    pub user: User<I>,
    role: PhantomData<fn() -> R>,
}

impl<R: AppRole, I: InstanceName> FromRequest for HasRole<R, I> {
    type Error = AccessError;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let user = User::<I>::from_request(request, payload);
        let request = request.clone();
        async move {
            let user = user.await?;
            if user.has_role(R::VALUE) {
                return Ok(Self {
                    user,
                    role: PhantomData,
                });
            }
            let missing = match user.snapshot().roles_incomplete {
                true => Missing::RoleUnknown(R::VALUE.into()),
                false => Missing::Role(R::VALUE.into()),
            };
            let state = RequestAuth::named::<I>(&request);
            let response = state.map_or_else(
                || missing_middleware(I::NAME),
                |state| state.auth().forbidden(&request, &[missing]),
            );
            Err(response.into())
        }
        .boxed_local()
    }
}

/// An extractor's refusal: already the whole answer (to sign-in, 401, 403 or 503).
///
/// ```
/// use aad_auth::{AccessError, User};
/// use actix_web::{FromRequest, HttpRequest};
///
/// async fn greeting(request: HttpRequest) -> Result<String, AccessError> {
///     let user: User = User::extract(&request).await?;
///     Ok(format!("Hello {}", user.name()))
/// }
/// ```
pub struct AccessError {
    status: StatusCode,
    response: RefCell<Option<HttpResponse>>,
}

impl AccessError {
    const fn new(status: StatusCode, response: HttpResponse) -> Self {
        Self {
            status,
            response: RefCell::new(Some(response)),
        }
    }
}

impl From<HttpResponse> for AccessError {
    fn from(response: HttpResponse) -> Self {
        Self::new(response.status(), response)
    }
}

impl fmt::Debug for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AccessError").field(&self.status).finish()
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not let in ({})", self.status)
    }
}

impl ResponseError for AccessError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// Hands the answer over. A second call, which actix does not make, gets the bare status.
    fn error_response(&self) -> HttpResponse {
        let response = self.response.borrow_mut().take();
        response.unwrap_or_else(|| HttpResponse::new(self.status))
    }
}
