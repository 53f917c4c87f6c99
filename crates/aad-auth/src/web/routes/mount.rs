//! What is mounted where.

use actix_web::{
    HttpRequest, HttpResponse, Resource,
    http::{StatusCode, header},
    web::{self, Bytes, ServiceConfig},
};

use super::{
    callback::callback,
    edit_profile::edit_profile,
    remote_sign_out,
    sign_in::{sign_in, sign_in_by_form},
    sign_out,
    signed_out::signed_out,
};
use crate::web::{Auth, answer, interstitial, pages::STYLESHEET};

/// Registers the routes.
pub(in crate::web) fn mount(auth: &Auth, config: &mut ServiceConfig) {
    let at = |path: &str| web::resource(auth.config().route(path));
    config
        .service(sign_in_route(at("/sign_in"), auth))
        .service(callback_route(auth))
        .service(sign_out_route(at("/sign_out"), auth))
        .service(get(at("/post_sign_out"), auth, signed_out))
        .service(get(
            at("/front_channel_sign_out"),
            auth,
            remote_sign_out::front_channel,
        ))
        .service(back_channel_route(at(BACK_CHANNEL), auth))
        .service(at("/style.css").route(web::get().to(stylesheet)))
        .service(at(interstitial::SCRIPT_ROUTE).route(web::get().to(interstitial::script)));
    if auth.config().edit_profile.is_some() {
        config.service(get(at("/edit_profile"), auth, edit_profile));
    }
}

/// A resource that answers GET.
fn get<F, A>(resource: Resource, auth: &Auth, handler: F) -> Resource
where
    F: Fn(Auth, HttpRequest) -> A + Clone + 'static,
    A: Future<Output = HttpResponse> + 'static,
{
    let auth = auth.clone();
    let handler = move |request: HttpRequest| handler(auth.clone(), request);
    resource.route(web::get().to(handler))
}

/// A resource that answers POST with the body, which has a bound.
fn post<F, A>(resource: Resource, auth: &Auth, handler: F) -> Resource
where
    F: Fn(Auth, HttpRequest, Bytes) -> A + Clone + 'static,
    A: Future<Output = HttpResponse> + 'static,
{
    let auth = auth.clone();
    let handler = move |request: HttpRequest, body: Bytes| handler(auth.clone(), request, body);
    resource
        .app_data(web::PayloadConfig::new(MAX_FORM))
        .route(web::post().to(handler))
}

fn callback_route(auth: &Auth) -> Resource {
    let resource = web::resource(&auth.config().redirect_path);
    let resource = get(resource, auth, |auth, request: HttpRequest| {
        let query = request.query_string().as_bytes().to_vec();
        callback(auth, request, query)
    });
    post(resource, auth, |auth, request, body| {
        callback(auth, request, body.to_vec())
    })
}

fn sign_in_route(resource: Resource, auth: &Auth) -> Resource {
    let resource = get(resource, auth, sign_in);
    post(resource, auth, sign_in_by_form)
}

fn sign_out_route(resource: Resource, auth: &Auth) -> Resource {
    let resource = get(resource, auth, sign_out::confirm_sign_out);
    post(resource, auth, sign_out::sign_out)
}

/// Whatever is wrong with the body, the answer is the specification's.
fn back_channel_route(resource: Resource, auth: &Auth) -> Resource {
    let auth = auth.clone();
    let handler = move |request: HttpRequest, body: Result<Bytes, actix_web::Error>| {
        remote_sign_out::back_channel(auth.clone(), request, body.ok())
    };
    resource
        .app_data(web::PayloadConfig::new(MAX_FORM))
        .route(web::post().to(handler))
}

async fn stylesheet() -> HttpResponse {
    answer::strict(StatusCode::OK, "'none'")
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLESHEET)
}

/// Where logout tokens are posted.
pub(in crate::web) const BACK_CHANNEL: &str = "/back_channel_sign_out";
/// Entra's form_post answers carry a code of some kilobytes.
const MAX_FORM: usize = 64 * 1024;
