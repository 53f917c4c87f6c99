//! Whose data the current request reads and writes.

use std::{cell::Cell, rc::Rc};

use actix_web::dev::ServiceRequest;

use crate::{
    session::{DataOwner, SessionId, Sessions},
    store::StoreError,
    web::instance::{Auth, RequestAuth},
};

tokio::task_local! {
    // `actix_session` hands its store a key and no request. The middleware and its store run in one
    // task, so the task carries what the store needs to know of the request.
    pub(super) static CURRENT: Current;
}

/// The caller of the current request.
#[derive(Clone)]
pub(super) struct Current {
    state: RequestAuth,
    id: Option<SessionId>,
    failure: Rc<Cell<Option<StoreError>>>,
    unread: Rc<Cell<Option<StoreError>>>,
}

impl Current {
    /// `None` without the instance's middleware.
    pub(super) fn of(request: &ServiceRequest, auth: &Auth) -> Option<Self> {
        let state = RequestAuth::of_instance(request.request(), auth)?;
        let id = state.session_id(request.headers());
        Some(Self {
            state,
            id,
            failure: Rc::default(),
            unread: Rc::default(),
        })
    }

    /// Notes that the data could not be read, and why.
    pub(super) fn note_unread(&self, error: StoreError) {
        self.unread.set(Some(error));
    }

    /// Fails where the data could not be read: what the handler has changed is not all there is.
    pub(super) fn was_read(&self) -> Result<(), StoreError> {
        self.unread.get().map_or(Ok(()), Err)
    }

    /// Why a change could not be kept: `actix_session` tells its callers only that it failed.
    pub(super) fn failure(&self) -> Rc<Cell<Option<StoreError>>> {
        Rc::clone(&self.failure)
    }

    /// The sessions of the request's instance.
    pub(super) fn sessions(&self) -> &Sessions {
        self.state.auth().engine().sessions()
    }

    /// The signed-in session of the request, else `visitor`.
    pub(super) async fn owner(
        &self,
        visitor: Option<SessionId>,
    ) -> Result<Option<DataOwner>, StoreError> {
        let session = self.state.session_by(self.id.as_ref()).await?;
        Ok(match session {
            Some(session) => Some(DataOwner::Session(session)),
            None => visitor.map(DataOwner::Visitor),
        })
    }

    /// A new visitor's id.
    pub(super) fn new_id(&self) -> SessionId {
        SessionId::new(self.state.auth().engine().random())
    }
}

/// The instance whose [`ApplicationSession`](crate::ApplicationSession) the current request passes.
pub(in crate::web) fn bound_to() -> Option<Auth> {
    CURRENT
        .try_with(|current| current.state.auth().clone())
        .ok()
}

/// What the task carries. Without the middleware nothing is known of the caller, and nothing is read
/// or written.
pub(super) fn current() -> Result<Current, StoreError> {
    CURRENT
        .try_with(Clone::clone)
        .map_err(|_| StoreError::Unavailable)
}
