//! What one request knows of its caller. Looked up once, when it is first asked for.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use actix_web::{HttpMessage, HttpRequest, dev::Extensions, http::header::HeaderMap};

use super::{Auth, ChallengeReason, InstanceName};
use crate::{
    session::{Session, SessionId},
    sign_in::BindingCookie,
    store::StoreError,
    validation::AccessToken,
    web::request::cookies::{self, CookieMatch},
};

/// Put into each request's extensions by the middleware. Looks nothing up by itself, so that
/// static files and health checks cost nothing.
#[derive(Clone)]
pub(in crate::web) struct RequestAuth(Rc<Inner>);

struct Inner {
    auth: Auth,
    found: RefCell<Option<Option<Arc<Session>>>>,
    token: RefCell<Option<Arc<AccessToken>>>,
    lacks_routes: Cell<bool>,
    /// The state of the instance whose middleware is further out.
    outer: Option<RequestAuth>,
}

impl RequestAuth {
    pub(in crate::web) fn new(auth: Auth, outer: Option<Self>) -> Self {
        Self(Rc::new(Inner {
            auth,
            outer,
            found: RefCell::new(None),
            token: RefCell::new(None),
            lacks_routes: Cell::new(false),
        }))
    }

    /// What the innermost middleware so far has put into a request.
    pub(in crate::web) fn innermost(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// The state of an instance; `None` without its middleware.
    pub(in crate::web) fn of_instance(request: &HttpRequest, auth: &Auth) -> Option<Self> {
        Self::find(&request.extensions(), |one| one.is_same_instance(auth))
    }

    /// Whether the request has the state of an instance.
    pub(in crate::web) fn is_of_instance(extensions: &Extensions, auth: &Auth) -> bool {
        Self::find(extensions, |one| one.is_same_instance(auth)).is_some()
    }

    /// The state of the instance that `I` names; `None` without its middleware.
    pub(in crate::web) fn named<I: InstanceName>(request: &HttpRequest) -> Option<Self> {
        Self::find(&request.extensions(), |one| one.name() == I::NAME)
    }

    fn find(extensions: &Extensions, is_meant: impl Fn(&Auth) -> bool) -> Option<Self> {
        let mut next = extensions.get::<Self>();
        while let Some(state) = next {
            if is_meant(state.auth()) {
                return Some(state.clone());
            }
            next = state.0.outer.as_ref();
        }
        None
    }

    pub(in crate::web) fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// The session, when it is already known.
    pub(in crate::web) fn known(&self) -> Option<Option<Arc<Session>>> {
        self.0.found.borrow().clone()
    }

    /// Synchronous fast path of [`session`](Self::session): the session is already cached.
    pub(in crate::web) fn session_at_once(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        if let Some(known) = self.known() {
            return known;
        }
        let engine = self.0.auth.engine();
        if !engine.sessions().can_load_now() {
            return None;
        }
        let now = engine.clock().now();
        let session = engine
            .sessions()
            .load_now(&self.session_id(headers)?, now)?;
        self.0.auth.acquirer().recheck_if_due(&session, now);
        self.0.found.replace(Some(Some(Arc::clone(&session))));
        Some(session)
    }

    /// The live session of this request.
    pub(in crate::web) async fn session(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<Arc<Session>>, StoreError> {
        match self.known() {
            Some(known) => Ok(known),
            None => self.session_by(self.session_id(headers).as_ref()).await,
        }
    }

    /// The same for a caller who has read the session's id, and has no request any more.
    pub(in crate::web) async fn session_by(
        &self,
        id: Option<&SessionId>,
    ) -> Result<Option<Arc<Session>>, StoreError> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let session = match id {
            Some(id) => self.load(id).await?,
            None => None,
        };
        self.0.found.replace(Some(session.clone()));
        Ok(session)
    }

    /// Makes the session that this request has begun its own, for the page that answers it.
    pub(in crate::web) async fn has_begun(&self, id: &SessionId) {
        // Where it cannot be read, the page says nothing of who is signed in.
        if let Ok(session) = self.load(id).await {
            self.0.found.replace(Some(session));
        }
    }

    async fn load(&self, id: &SessionId) -> Result<Option<Arc<Session>>, StoreError> {
        let auth = &self.0.auth;
        let now = auth.engine().clock().now();
        let session = auth.engine().sessions().load_at(id, now).await?;
        if let Some(session) = &session {
            auth.acquirer().recheck_if_due(session, now);
        }
        Ok(session)
    }

    /// Whether the request carries our session cookie, live or not.
    pub(in crate::web) fn has_session_cookie(&self, headers: &HeaderMap) -> bool {
        let name = &self.0.auth.config().cookies.session;
        !matches!(cookies::find(headers, name), CookieMatch::Missing)
    }

    /// The verified bearer token that a guard has let in.
    pub(in crate::web) fn token(&self) -> Option<Arc<AccessToken>> {
        self.0.token.borrow().clone()
    }

    pub(in crate::web) fn set_token(&self, token: Arc<AccessToken>) {
        self.0.token.replace(Some(token));
    }

    /// Notes that a handler asked for a user, while the routes to sign in are not mounted.
    pub(in crate::web) fn note_missing_routes(&self) {
        self.0.lacks_routes.set(true);
    }

    /// Whether a handler asked so, at this instance or one further out.
    pub(in crate::web) fn lacks_routes(&self) -> bool {
        let outer = self.0.outer.as_ref();
        self.0.lacks_routes.get() || outer.is_some_and(Self::lacks_routes)
    }

    /// Why there is no session.
    pub(in crate::web) fn reason(&self, headers: &HeaderMap) -> ChallengeReason {
        match self.session_id(headers) {
            Some(_) => ChallengeReason::Expired,
            None => ChallengeReason::Anonymous,
        }
    }

    /// The id in the session cookie, live or not.
    pub(in crate::web) fn session_id(&self, headers: &HeaderMap) -> Option<SessionId> {
        let name = &self.0.auth.config().cookies.session;
        SessionId::parse(cookies::find(headers, name).once()?)
    }
}

/// The binding cookie of a request; an unusable or doubled one counts as none.
pub(in crate::web) fn browser(auth: &Auth, headers: &HeaderMap) -> Option<BindingCookie> {
    match cookies::find(headers, &auth.config().cookies.browser) {
        CookieMatch::Once(value) => BindingCookie::parse(value),
        CookieMatch::Missing | CookieMatch::Ambiguous => None,
    }
}
