//! The middleware that an application mounts for data of its own.

use std::{future::Future, pin::Pin};

use actix_session::{SessionMiddleware, config::CookieContentSecurity};
use actix_web::{
    Error, HttpResponse, ResponseError,
    cookie::{Key, SameSite},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::{StatusCode, header},
};
use aws_lc_rs::digest;

use super::{
    current::{CURRENT, Current, bound_to},
    store::OwnedStore,
};
use crate::{
    store::StoreError,
    web::{answers::forgotten::missing_middleware, instance::Auth},
};

/// An `actix_session` for the application's own data, such as a draft or a filter. Made by
/// [`Auth::application_session`]; handlers use the extractor `actix_session::Session`.
///
/// - **A signed-in session has one record of data**, and no cookie decides whose data a request
///   reads. The data end with the session: at sign-out, "everywhere" and revocation. They go over
///   to a new session when the same user signs in again in the same browser.
/// - **A visitor** without a session has data of their own, by a random id in a cookie. They never
///   become a user's at a sign-in. What must (a basket, for example) belongs into
///   `actix_session`'s `CookieSessionStore`.
/// - **Bounds**: 64 KiB for each session or visitor; 32 sessions of one user may hold data, beyond
///   which the oldest data end. All application data together use at most a share of the store.
/// - Values are sealed under a key that only the browser's cookie and the application's secret can
///   derive.
/// - While the store is away the data read as empty, so that public pages go on. A change that
///   cannot be kept is answered 503 with `Retry-After`; so is one of data that could not be read.
/// - One instance for each request: a second one around the same handler is answered 500, and the
///   log says why.
/// - Two requests that change the data of one session at the same time: the later one wins, since
///   the map is written as a whole.
///
/// ```no_run
/// use aad_auth::{Auth, User};
/// use actix_session::Session;
/// use actix_web::{App, HttpServer, get, web};
///
/// #[get("/visits")]
/// async fn visits(_user: User, session: Session) -> actix_web::Result<String> {
///     let visits = session.get::<u32>("visits")?.unwrap_or(0) + 1;
///     session.insert("visits", visits)?;
///     Ok(format!("{visits} visits"))
/// }
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = Auth::from_env()?;
/// HttpServer::new(move || {
///     App::new()
///         .configure(auth.routes())
///         .service(web::scope("/app").wrap(auth.require_user()).service(visits))
///         .wrap(auth.application_session())
///         // The last one is the outermost.
///         .wrap(auth.middleware())
/// })
/// .bind(("127.0.0.1", 5000))?
/// .run()
/// .await?;
/// # Ok(())
/// # }
/// ```
pub struct ApplicationSession {
    auth: Auth,
    inner: SessionMiddleware<OwnedStore>,
}

impl ApplicationSession {
    pub(in crate::web) fn new(auth: Auth) -> Self {
        let cookies = &auth.config().cookies;
        let inner = SessionMiddleware::builder(OwnedStore, cookie_key(&auth))
            .cookie_name(cookies.data.clone())
            .cookie_secure(cookies.secure)
            .cookie_same_site(SameSite::Lax)
            .cookie_content_security(CookieContentSecurity::Signed)
            .build();
        Self { auth, inner }
    }
}

/// The cookie's signature protects nothing: the cookie holds 256 random bits that cannot be guessed,
/// and with a session it is not read at all. So its key needs no secret, and a rotation of
/// `AAD_SESSION_SECRET` leaves cookies and data alone.
fn cookie_key(auth: &Auth) -> Key {
    let label = auth.engine().keys().label();
    let mut input = b"cookie of application data ".to_vec();
    input.extend(label.as_bytes());
    let mut key = [0; 64];
    key.copy_from_slice(digest::digest(&digest::SHA512, &input).as_ref());
    // Fails on fewer than 64 bytes only.
    Key::try_from(&key[..]).unwrap_or_else(|_| Key::generate())
}

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

impl<S, B> Transform<S, ServiceRequest> for ApplicationSession
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: actix_web::body::MessageBody + 'static,
{
    type Response = ServiceResponse<actix_web::body::EitherBody<B>>;
    type Error = Error;
    type Transform = ApplicationSessionService<
        <SessionMiddleware<OwnedStore> as Transform<S, ServiceRequest>>::Transform,
    >;
    type InitError = ();
    type Future = Boxed<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let auth = self.auth.clone();
        let inner = self.inner.new_transform(service);
        Box::pin(async move {
            let service = inner.await?;
            Ok(ApplicationSessionService { auth, service })
        })
    }
}

/// The service that [`ApplicationSession`] wraps around the application.
pub struct ApplicationSessionService<S> {
    auth: Auth,
    service: S,
}

impl<S, B> Service<ServiceRequest> for ApplicationSessionService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: actix_web::body::MessageBody + 'static,
{
    type Response = ServiceResponse<actix_web::body::EitherBody<B>>;
    type Error = Error;
    type Future = Boxed<Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let Some(current) = Current::of(&request, &self.auth) else {
            let answer = missing_middleware(self.auth.name());
            let response = request.into_response(answer).map_into_right_body();
            return Box::pin(std::future::ready(Ok(response)));
        };
        if let Some(other) = bound_to() {
            let response = request.into_response(nested(&other, &self.auth));
            return Box::pin(std::future::ready(Ok(response.map_into_right_body())));
        }
        let failure = current.failure();
        let served = CURRENT.scope(current, self.service.call(request));
        Box::pin(async move {
            match served.await {
                Ok(response) => Ok(response.map_into_left_body()),
                Err(error) => Err(failure.get().map_or(error, |cause| NotKept(cause).into())),
            }
        })
    }
}

/// `actix_session` has one state for each request: the data of one instance's user would be written
/// to the record of another's.
fn nested(outer: &Auth, inner: &Auth) -> HttpResponse {
    tracing::error!(
        outer = outer.name(),
        inner = inner.name(),
        "two application sessions are wrapped around one handler: wrap each around the scope of its \
         own instance"
    );
    HttpResponse::InternalServerError().finish()
}

/// A change of application data that could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("application data could not be kept: {0}")]
struct NotKept(StoreError);

impl ResponseError for NotKept {
    fn status_code(&self) -> StatusCode {
        match self.0 {
            StoreError::TooLarge => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, "5"));
        }
        response.finish()
    }
}
