//! The routes under the prefix.

use std::time::Duration;

use actix_session::SessionExt;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Bytes, ServiceConfig},
};
use url::form_urlencoded;

use super::{
    answer,
    challenge::path_and_query,
    mount::Auth,
    pages::{Action, PageKind, PageModel, STYLESHEET},
    refusal_page::refusal_page,
    request_kind::{RequestKind, request_kind},
    state::{RequestAuth, browser},
};
use crate::{
    config::{ResponseMode, ReturnTo},
    flow::{
        AuthorizationResponse, CallbackAnswer, CallbackRequest, Prompt, Refusal, SignInRequest,
        Start,
    },
};

/// Registers the routes.
pub(super) fn mount(auth: &Auth, config: &mut ServiceConfig) {
    let settings = auth.config();
    let resource = |path: &str| web::resource(settings.route(path));
    let with = |auth: &Auth| auth.clone();
    let get = {
        let auth = with(auth);
        move |request: HttpRequest| sign_in(auth.clone(), request)
    };
    config.service(resource("/sign_in").route(web::get().to(get)));
    let get = {
        let auth = with(auth);
        move |request: HttpRequest| {
            let query = request.query_string().as_bytes().to_vec();
            callback(auth.clone(), request, query)
        }
    };
    let post = {
        let auth = with(auth);
        move |request: HttpRequest, body: Bytes| callback(auth.clone(), request, body.to_vec())
    };
    config.service(
        web::resource(&settings.redirect_path)
            .app_data(web::PayloadConfig::new(MAX_FORM))
            .route(web::get().to(get))
            .route(web::post().to(post)),
    );
    let get = {
        let auth = with(auth);
        move |request: HttpRequest| confirm_sign_out(auth.clone(), request)
    };
    let post = {
        let auth = with(auth);
        move |request: HttpRequest, body: Bytes| sign_out(auth.clone(), request, body)
    };
    config.service(
        resource("/sign_out")
            .app_data(web::PayloadConfig::new(MAX_FORM))
            .route(web::get().to(get))
            .route(web::post().to(post)),
    );
    let get = {
        let auth = with(auth);
        move |request: HttpRequest| signed_out(auth.clone(), request)
    };
    config.service(resource("/post_sign_out").route(web::get().to(get)));
    config.service(resource("/style.css").route(web::get().to(stylesheet)));
}

/// Begins a sign-in. From the query come `return_to` (or `post_sign_in_url`), `prompt` and
/// `login_hint`; everything else is dropped.
async fn sign_in(auth: Auth, request: HttpRequest) -> HttpResponse {
    let kind = request_kind(request.method(), request.headers());
    if kind != RequestKind::Navigation {
        let reason = RequestAuth::of(&request).map(|state| state.reason(request.headers()));
        return match reason {
            Some(reason) => auth.not_signed_in(&request, kind, reason),
            None => super::extract::missing_middleware(),
        };
    }
    if let Some(location) = other_loopback_name(&auth, &request) {
        return answer::redirect(StatusCode::FOUND, &location).finish();
    }
    let parameter = |names: &[&str]| {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let mut values = pairs.filter(|(name, _)| names.contains(&name.as_ref()));
        values.next().map(|(_, value)| value.into_owned())
    };
    let base = &auth.config().base_url;
    let return_to = parameter(&["return_to", "post_sign_in_url"]);
    let return_to = return_to.map_or_else(|| base.home(), |value| base.return_to(&value));
    let mut start = SignInRequest::new(browser(&auth, request.headers()), return_to);
    start.prompt = parameter(&["prompt"]).and_then(|value| Prompt::parse(&value));
    start.login_hint = parameter(&["login_hint"]).filter(|hint| is_login_hint(hint));
    match auth.engine().start(start.clone()).await {
        Ok(start) => to_provider(&auth, &start),
        Err(refusal) => refused(&auth, &request, &refusal, &start.return_to),
    }
}

/// The callback.
async fn callback(auth: Auth, request: HttpRequest, input: Vec<u8>) -> HttpResponse {
    let Some(state) = RequestAuth::of(&request) else {
        return super::extract::missing_middleware();
    };
    let home = auth.config().base_url.home();
    // In query mode nothing of ours posts here, and a form of another site carries no cookies.
    let by_form = request.method() == actix_web::http::Method::POST;
    if by_form && auth.config().response_mode == ResponseMode::Query {
        return refused(&auth, &request, &Refusal::MalformedResponse, &home);
    }
    let response = match AuthorizationResponse::parse(&input) {
        Ok(response) => response,
        Err(refusal) => return refused(&auth, &request, &refusal, &home),
    };
    let session = match state.session(request.headers()).await {
        Ok(session) => session,
        Err(error) => return refused(&auth, &request, &error.into(), &home),
    };
    let cookies = &auth.config().cookies;
    let arrived = CallbackRequest {
        response,
        browser: browser(&auth, request.headers()),
        session,
        device: None,
    };
    match auth.engine().callback(arrived).await {
        CallbackAnswer::SignedIn {
            return_to,
            session,
            browser,
        } => {
            // No fixation of the application's own session either, where it has one.
            request.get_session().renew();
            answer::redirect(StatusCode::SEE_OTHER, return_to.as_str())
                .append_header((
                    header::SET_COOKIE,
                    cookies.set_session(&session.to_cookie()),
                ))
                .append_header((
                    header::SET_COOKIE,
                    cookies.set_browser(&browser.to_cookie()),
                ))
                .finish()
        }
        CallbackAnswer::GoOn(return_to) => {
            answer::redirect(StatusCode::SEE_OTHER, return_to.as_str()).finish()
        }
        CallbackAnswer::Restart(start) => to_provider(&auth, &start),
        CallbackAnswer::Refused(refusal) => refused(&auth, &request, &refusal, &home),
    }
}

/// Asks before signing out: a GET must not change anything.
async fn confirm_sign_out(auth: Auth, request: HttpRequest) -> HttpResponse {
    // So that the page can show who is signed in. Whether anybody is makes no difference to it.
    if let Some(state) = RequestAuth::of(&request) {
        drop(state.session(request.headers()).await);
    }
    let return_to = local_return_to(&auth, request.query_string().as_bytes());
    let mut target = auth.path("/sign_out");
    if let Some(return_to) = return_to {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", return_to.as_str());
        target = format!("{target}?{}", query.finish());
    }
    let page = PageModel::new(
        PageKind::ConfirmSignOut,
        200,
        "Sign out?",
        "This ends your session here and asks your identity provider to end its own.",
    )
    .action(Action::post("Sign out", target))
    .action(Action::link("Stay signed in", auth.home()));
    answer::page(&auth, &request, &page)
}

/// Ends the session here, then goes to the provider.
async fn sign_out(auth: Auth, request: HttpRequest, body: Bytes) -> HttpResponse {
    let Some(state) = RequestAuth::of(&request) else {
        return super::extract::missing_middleware();
    };
    let session = match state.session(request.headers()).await {
        Ok(session) => session,
        Err(error) => return auth.store_down(&request, error),
    };
    let return_to = local_return_to(&auth, &body)
        .or_else(|| local_return_to(&auth, request.query_string().as_bytes()));
    let cookies = &auth.config().cookies;
    match auth.engine().sign_out(session.as_deref(), return_to).await {
        Ok(end) => {
            request.get_session().purge();
            let browser = crate::flow::Browser::new(auth.engine().random());
            answer::redirect(StatusCode::SEE_OTHER, &end.location)
                .append_header((header::SET_COOKIE, cookies.remove_session()))
                .append_header((
                    header::SET_COOKIE,
                    cookies.set_browser(&browser.to_cookie()),
                ))
                .insert_header(("Clear-Site-Data", "\"cache\""))
                .finish()
        }
        Err(refusal) => refused(&auth, &request, &refusal, &auth.config().base_url.home()),
    }
}

/// The signed-out page.
async fn signed_out(auth: Auth, request: HttpRequest) -> HttpResponse {
    let state = form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "state")
        .map(|(_, value)| value.into_owned());
    let known = auth.engine().signed_out(state.as_deref());
    let message = match &known {
        Some(end) if !end.at_provider => {
            "Your session here has ended. Your identity provider could not be asked to end its \
             own: on a shared computer, sign out there too, or close the browser."
        }
        _ => "Your session here has ended. If you use a shared computer, also close the browser.",
    };
    let mut page = PageModel::new(PageKind::SignedOut, 200, "You are signed out", message);
    if let Some(return_to) = known.and_then(|end| end.return_to) {
        page = page.action(Action::link("Go on", return_to.as_str()));
    }
    let again = auth.sign_in_path(&auth.config().base_url.home());
    let page = page
        .action(Action::link("Sign in again", again))
        .action(Action::link("Go to the home page", auth.home()));
    answer::page(&auth, &request, &page)
}

async fn stylesheet() -> HttpResponse {
    answer::strict(StatusCode::OK, "'none'")
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLESHEET)
}

fn to_provider(auth: &Auth, start: &Start) -> HttpResponse {
    let cookie = auth
        .config()
        .cookies
        .set_browser(&start.browser.to_cookie());
    answer::redirect(StatusCode::FOUND, &start.location)
        .append_header((header::SET_COOKIE, cookie))
        .finish()
}

/// The page for a refusal, and one line in the log that support finds by its reference.
fn refused(
    auth: &Auth,
    request: &HttpRequest,
    refusal: &Refusal,
    return_to: &ReturnTo,
) -> HttpResponse {
    let reference = auth.new_reference();
    let code = refusal.code();
    let provider_codes = refusal.fault().map(|fault| fault.codes().to_vec());
    if refusal.concerns_operator() {
        tracing::error!(
            code,
            reference,
            ?provider_codes,
            "a sign-in could not be completed"
        );
    } else {
        tracing::warn!(code, reference, ?provider_codes, "a sign-in was refused");
    }
    let time = auth.engine().clock().now().seconds();
    let again = auth.sign_in_path(return_to);
    let page = refusal_page(refusal, reference, time, &again, &auth.home());
    let mut response = answer::page_or_problem(auth, request, &page);
    if let Some(wait) = refusal.retry_after() {
        let seconds = wait.max(Duration::from_secs(1)).as_secs();
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// On loopback, cookies of `127.0.0.1` and `localhost` do not meet: whoever comes under another
/// loopback name than the base URL's begins again under the right one.
fn other_loopback_name(auth: &Auth, request: &HttpRequest) -> Option<String> {
    let base = &auth.config().base_url;
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    if !base.is_loopback() || host.eq_ignore_ascii_case(&base.authority()) {
        return None;
    }
    let asked = url::Url::parse(&format!("http://{host}/")).ok()?;
    let same_port = asked.port_or_known_default() == Some(base.port());
    (crate::config::is_loopback(&asked) && same_port)
        .then(|| base.join(path_and_query(request.uri())))
}

fn local_return_to(auth: &Auth, form: &[u8]) -> Option<ReturnTo> {
    let mut pairs = form_urlencoded::parse(form);
    let (_, value) = pairs.find(|(name, _)| name == "return_to")?;
    Some(auth.config().base_url.return_to(&value))
}

/// A hint is a user name or an opaque text; nothing that could break out of a header or a log.
fn is_login_hint(hint: &str) -> bool {
    (1..=256).contains(&hint.chars().count()) && !hint.chars().any(char::is_control)
}

/// Entra's form_post answers carry a code of some kilobytes.
const MAX_FORM: usize = 64 * 1024;
