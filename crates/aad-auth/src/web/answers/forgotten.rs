//! The answers where a mounting line was forgotten: always an error, never a page for visitors.

use actix_web::{
    HttpResponse, Scope,
    body::MessageBody,
    dev::ServiceResponse,
    guard::fn_guard,
    http::header,
    web::{self, ServiceConfig},
};

use crate::web::instance::{Auth, RequestAuth};

/// The answer of a guard, extractor or route without the middleware of its instance.
pub(in crate::web) fn missing_middleware(instance: &str) -> HttpResponse {
    tracing::error!(instance, "{MISSING_MIDDLEWARE}");
    answer(MISSING_MIDDLEWARE)
}

/// The answer where a visitor would be sent to routes that are not there.
pub(in crate::web) fn missing_routes(instance: &str) -> HttpResponse {
    tracing::error!(instance, "{MISSING_ROUTES}");
    answer(MISSING_ROUTES)
}

/// Answers each request that has not passed the middleware: for these routes, and for all services
/// that are registered after them.
///
/// An extractor cannot do that where a handler takes an `Option<User>`: Actix makes `None` of every
/// error, and the handler would take every user for a visitor.
pub(in crate::web) fn refuse_without_middleware(auth: &Auth, config: &mut ServiceConfig) {
    let (own, name) = (auth.clone(), auth.name().to_owned());
    let refusal: Scope = web::scope("")
        .guard(fn_guard(move |request| {
            !RequestAuth::is_of_instance(&request.req_data(), &own)
        }))
        .default_service(web::to(move || {
            std::future::ready(missing_middleware(&name))
        }));
    config.service(refusal);
}

/// Replaces the answer of a handler that asked for an optional user: without routes no user can sign in,
/// and it took everyone for a visitor.
pub(in crate::web) fn refuse_without_routes<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
) -> ServiceResponse {
    let state = RequestAuth::innermost(response.request());
    if state.is_some_and(|state| state.lacks_routes()) {
        return response.into_response(answer(MISSING_ROUTES));
    }
    response.map_into_boxed_body()
}

/// The cause and the line to add are for the developer: only debug builds put them into the body.
fn answer(cause: &'static str) -> HttpResponse {
    let mut response = HttpResponse::InternalServerError();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if cfg!(debug_assertions) {
        response.content_type("text/plain; charset=utf-8");
        response.body(cause)
    } else {
        response.finish()
    }
}

const MISSING_MIDDLEWARE: &str = "a route, guard or extractor of aad-auth is used without the middleware of its \
    instance (the usual one has no name): add `.wrap(auth.middleware())` as the last line of App::new()";
const MISSING_ROUTES: &str = "a user is to sign in, but the routes of aad-auth are not mounted: add \
    `.configure(auth.routes())` as the first line of App::new()";
