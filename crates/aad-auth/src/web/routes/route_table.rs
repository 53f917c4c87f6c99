//! What is mounted where.

use actix_web::{
    HttpRequest, HttpResponse, Resource, Scope,
    dev::Url,
    guard::{self, fn_guard},
    web::{self, Bytes, ServiceConfig},
};

use super::{
    assets::asset,
    callback::callback,
    edit_profile::edit_profile,
    form, remote_sign_out,
    sign_in::{sign_in, sign_in_by_form},
    sign_out,
    signed_out::signed_out,
};
use crate::{
    config::Config,
    web::{
        answers::forgotten::refuse_without_middleware,
        instance::{Auth, paths::BACK_CHANNEL},
        pages::ASSETS,
    },
};

/// Makes a route's resource answer.
type Route = fn(Resource, &Auth) -> Resource;

/// Registers the routes. Those below the prefix are one scope, since Actix compares each request with
/// every entry before its own.
pub(in crate::web) fn register(auth: &Auth, config: &mut ServiceConfig) {
    refuse_without_middleware(auth, config);
    let settings = auth.config();
    let mut routes = routes_without_callback(settings);
    let redirect_path = settings.redirect_path.as_str();
    match redirect_path.strip_prefix(settings.route_prefix.as_str()) {
        Some(below) if below.starts_with('/') => routes.push((below, callback_route)),
        _ => {
            config.service(callback_route(web::resource(redirect_path), auth));
        }
    }
    config.service(below_prefix(auth, &routes));
}

fn routes_without_callback(settings: &Config) -> Vec<(&str, Route)> {
    let mut routes: Vec<(&str, Route)> = vec![
        ("/sign_in", sign_in_route),
        ("/sign_out", sign_out_route),
        ("/post_sign_out", |at, auth| read(at, auth, signed_out)),
        ("/front_channel_sign_out", |at, auth| {
            get(at, auth, remote_sign_out::front_channel)
        }),
        (BACK_CHANNEL, back_channel_route),
        (ASSET, |at, auth| read(at, auth, asset)),
    ];
    if settings.edit_profile.is_some() {
        routes.push(("/edit_profile", |at, auth| read(at, auth, edit_profile)));
    }
    routes
}

/// A scope for the routes below the prefix, which leaves to the application whatever else it may
/// have there.
fn below_prefix(auth: &Auth, routes: &[(&str, Route)]) -> Scope {
    let settings = auth.config();
    let own = |(path, _): &(&str, Route)| settings.route(path);
    let own: Vec<String> = routes.iter().map(own).collect();
    let scope = routes.iter().fold(
        web::scope(&settings.route_prefix),
        |scope, (path, route)| scope.service(route(web::resource(*path), auth)),
    );
    let assets = settings.route(ASSETS);
    // By its end: we may be mounted in a scope of the application.
    let is_own = move |path: &str| {
        let is_asset = path
            .rsplit_once('/')
            .is_some_and(|(at, _)| at.ends_with(&assets));
        is_asset || own.iter().any(|own| path.ends_with(own.as_str()))
    };
    scope.guard(fn_guard(move |context| {
        let uri = &context.head().uri;
        // Routing goes by the decoded path.
        is_own(uri.path()) || (uri.path().contains('%') && is_own(Url::new(uri.clone()).path()))
    }))
}

/// GET, and HEAD alike (RFC 9110 section 9.1). Actix leaves the content of an answer to HEAD away.
fn reading() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A resource whose GET has no effect: it answers HEAD too.
fn read<F, A>(resource: Resource, auth: &Auth, handler: F) -> Resource
where
    F: Fn(Auth, HttpRequest) -> A + Clone + 'static,
    A: Future<Output = HttpResponse> + 'static,
{
    route(resource, auth, reading(), handler)
}

/// A resource whose GET has an effect: it redeems a code, or ends sessions. HEAD must have none, and
/// an answer without the effect would not be that of GET, so HEAD is not allowed (405).
fn get<F, A>(resource: Resource, auth: &Auth, handler: F) -> Resource
where
    F: Fn(Auth, HttpRequest) -> A + Clone + 'static,
    A: Future<Output = HttpResponse> + 'static,
{
    route(resource, auth, web::get(), handler)
}

fn route<F, A>(resource: Resource, auth: &Auth, methods: actix_web::Route, handler: F) -> Resource
where
    F: Fn(Auth, HttpRequest) -> A + Clone + 'static,
    A: Future<Output = HttpResponse> + 'static,
{
    let auth = auth.clone();
    let handler = move |request: HttpRequest| handler(auth.clone(), request);
    resource.route(methods.to(handler))
}

/// A resource that answers POST with the form.
fn post<F, A>(resource: Resource, auth: &Auth, handler: F) -> Resource
where
    F: Fn(Auth, HttpRequest, Bytes) -> A + Clone + 'static,
    A: Future<Output = HttpResponse> + 'static,
{
    let auth = auth.clone();
    resource.route(
        web::post().to(move |request: HttpRequest, payload: web::Payload| {
            let (auth, handler) = (auth.clone(), handler.clone());
            async move {
                match form::read(&request, payload.into_inner()).await {
                    Ok(form) => handler(auth, request, form).await,
                    Err(unread) => unread.answer(),
                }
            }
        }),
    )
}

fn callback_route(resource: Resource, auth: &Auth) -> Resource {
    let resource = get(resource, auth, |auth, request: HttpRequest| {
        let query = request.query_string().as_bytes().to_vec();
        callback(auth, request, query)
    });
    post(resource, auth, |auth, request, body| {
        callback(auth, request, body.to_vec())
    })
}

fn sign_in_route(resource: Resource, auth: &Auth) -> Resource {
    let resource = read(resource, auth, sign_in);
    post(resource, auth, sign_in_by_form)
}

fn sign_out_route(resource: Resource, auth: &Auth) -> Resource {
    let resource = read(resource, auth, sign_out::confirm_sign_out);
    post(resource, auth, sign_out::sign_out)
}

/// Whatever is wrong with the body, the answer is the specification's.
fn back_channel_route(resource: Resource, auth: &Auth) -> Resource {
    let auth = auth.clone();
    resource.route(
        web::post().to(move |request: HttpRequest, payload: web::Payload| {
            remote_sign_out::back_channel(auth.clone(), request, payload.into_inner())
        }),
    )
}

/// The route of each file in [`ASSETS`].
const ASSET: &str = "/assets/{name}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ROUTES, Source};

    #[test]
    fn every_route_is_one_that_the_redirect_path_must_not_take() {
        let source = Source::new()
            .with("AAD_AUTHORITY_HOST", "https://contoso.b2clogin.com")
            .with("AAD_TENANT_ID", "contoso.onmicrosoft.com")
            .with("AAD_USER_FLOW", "B2C_1_sign_in")
            .with("AAD_USER_FLOW_EDIT_PROFILE", "B2C_1_edit")
            .with("AAD_CLIENT_ID", "00001111-aaaa-4222-8333-000000000001")
            .with("AAD_CLIENT_SECRET", "a-secret~of-the-test");
        let config = Config::parse(&source).unwrap_or_else(|error| panic!("{error}"));
        let mounted: Vec<_> = routes_without_callback(&config)
            .into_iter()
            .map(|(path, _)| path)
            .collect();
        assert_eq!(mounted, ROUTES);
    }
}
