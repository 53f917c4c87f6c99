//! The application on one page: what is mounted where, and in which order requests pass.

use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Condition, from_fn},
    web::{self, Data},
};

use crate::{
    assets::Assets,
    error_pages::{error_pages, not_found},
    handlers,
    headers::{SecurityHeaders, security_headers},
    health::{self, Lifecycle},
    loopback::loopback_only,
    pages::Site,
    request_log::request_log,
    views::Views,
};

/// What every worker shares. Cheap to clone.
#[derive(Clone)]
pub struct Parts {
    /// What pages know about the site.
    pub site: Site,
    /// The templates.
    pub views: Views,
    /// The static files.
    pub assets: Assets,
    /// The headers of every answer.
    pub headers: SecurityHeaders,
    /// Readiness.
    pub lifecycle: Lifecycle,
}

/// One worker's application.
///
/// A request passes from the bottom to the top: log, headers, loopback only (with the emulator),
/// bare errors become pages, route.
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
        // Without session: cheap, and there even when the store is not.
        .configure(parts.assets.routes())
        .configure(health::routes)
        .configure(pages)
        .default_service(web::to(not_found))
        .wrap(from_fn(error_pages))
        .wrap(Condition::new(
            parts.site.emulator.is_some(),
            from_fn(loopback_only),
        ))
        .wrap(from_fn(security_headers))
        .wrap(from_fn(request_log))
}

fn pages(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(["/", "/sign_in_status"]).route(web::get().to(handlers::home)))
        .service(web::resource("/preferences").route(web::post().to(handlers::preferences)));
}
