//! The application: its routes, and the order of its middleware.

use std::time::Duration;

use aad_auth::{Auth, BodyPace, Config, Look, bearer, role, user};
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Condition, from_fn},
    web::{Data, ServiceConfig, post, resource, scope, to},
};

use url::Url;

use crate::{
    assets::Assets,
    auth_pages::AuthPages,
    error_pages::{error_pages, not_found},
    handlers,
    headers::{SecurityHeaders, security_headers},
    health::{self, Lifecycle},
    loopback::loopback_only,
    metrics::{self, MetricsAccess},
    notices::notices,
    pages::{Site, layout::PRODUCT},
    reading::read,
    request_log::request_log,
    views::Views,
};

/// The longest time from the closing of the listeners to the end of the process. Open requests have
/// [`Limits::drain`](crate::server::Limits::drain) of it.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// The parts that all workers share. Cheap to clone.
#[derive(Clone)]
pub struct Parts {
    /// Facts about the site, for pages.
    pub site: Site,
    /// The templates.
    pub views: Views,
    /// The static files.
    pub assets: Assets,
    /// The headers of every answer.
    pub headers: SecurityHeaders,
    /// Readiness.
    pub lifecycle: Lifecycle,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// Sign-in.
    pub auth: Auth,
}

impl Parts {
    /// Builds the parts. `emulator` is the local emulator's address; `None` where it does not run.
    ///
    /// # Errors
    /// Settings that cannot be used together, or a template that cannot be parsed.
    pub fn new(
        config: Config,
        assets: Assets,
        emulator: Option<&Url>,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        Self::with_shutdown(config, assets, emulator, SHUTDOWN_TIMEOUT)
    }

    /// Builds the parts with another duration of a shutdown.
    ///
    /// A process that replaces this one waits for the session file so long, and 5 s more.
    ///
    /// # Errors
    /// As [`Parts::new`].
    pub fn with_shutdown(
        config: Config,
        assets: Assets,
        emulator: Option<&Url>,
        shutdown: Duration,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let metrics = MetricsAccess::new(&config, None);
        let site = Site::new(&config, |base| assets.urls(base), emulator);
        let views = Views::load()?;
        let auth = Auth::builder(config)
            .look(
                Look::new()
                    .product(PRODUCT)
                    .logo("image/svg+xml", assets.icon()),
            )
            .pages(AuthPages::new(site.clone(), views.clone()))
            .shutdown_timeout(shutdown)
            .build()?;
        let https = site.base_url.is_https();
        Ok(Self {
            headers: SecurityHeaders::new(https),
            site,
            views,
            assets,
            lifecycle: Lifecycle::default(),
            metrics,
            auth,
        })
    }
}

/// One worker's application.
///
/// A request passes the `wrap` calls from the last to the first: log, headers, pace of the body, loopback
/// only (with the emulator), sign-in, error pages, notices, route.
pub fn app(
    parts: &Parts,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .app_data(Data::new(parts.site.clone()))
        .app_data(Data::new(parts.views.clone()))
        .app_data(Data::new(parts.headers.clone()))
        .app_data(Data::new(parts.lifecycle.clone()))
        .app_data(Data::new(parts.metrics.clone()))
        .app_data(Data::new(parts.auth.clone()))
        // These routes need no session, so that they answer while the store fails.
        .configure(parts.assets.routes())
        .configure(health::routes)
        .configure(metrics::routes)
        .configure(parts.auth.routes())
        .service(
            scope("")
                .wrap(notices(&parts.auth))
                .configure(public)
                .configure(|config| guarded(&parts.auth, config)),
        )
        .default_service(to(not_found))
        .wrap(from_fn(error_pages))
        .wrap(parts.auth.middleware())
        .wrap(Condition::new(
            parts.site.emulator.is_some(),
            from_fn(loopback_only),
        ))
        .wrap(BodyPace::default())
        .wrap(from_fn(security_headers))
        .wrap(from_fn(request_log))
}

/// Public pages. Also public are the static files, health, metrics and the sign-in routes; every other
/// route belongs into [`guarded`].
fn public(config: &mut ServiceConfig) {
    config
        .service(resource(["/", "/sign_in_status"]).route(read().to(handlers::home)))
        .service(resource("/preferences").route(post().to(handlers::preferences)));
}

fn guarded(auth: &Auth, config: &mut ServiceConfig) {
    let signed_in = || auth.require_user();
    config
        .service(
            resource("/token_details")
                .wrap(signed_in())
                .route(read().to(handlers::token_details)),
        )
        .service(
            resource("/call_ms_graph")
                .wrap(signed_in())
                .route(read().to(handlers::call_ms_graph)),
        )
        .service(
            resource("/groups")
                .wrap(signed_in())
                .route(read().to(handlers::groups)),
        )
        .service(
            resource("/sessions")
                .wrap(signed_in())
                .route(read().to(handlers::sessions))
                .route(post().to(handlers::end_sessions)),
        )
        .service(
            resource("/admin")
                .wrap(auth.require(role(handlers::ADMIN)))
                .route(read().to(handlers::admin)),
        )
        .service(
            resource("/api/me")
                .wrap(auth.require(user() | bearer()))
                .route(read().to(handlers::me)),
        );
}
