//! The callback: the provider has sent the browser back.

use actix_session::SessionExt;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
};

use super::shared::{refused, to_provider};
use crate::{
    config::ResponseMode,
    flow::{AuthorizationResponse, CallbackAnswer, CallbackRequest, Refusal},
    web::{
        Auth, answer,
        extract::missing_middleware,
        state::{RequestAuth, browser},
    },
};

/// The callback.
pub(super) async fn callback(auth: Auth, request: HttpRequest, input: Vec<u8>) -> HttpResponse {
    let Some(state) = RequestAuth::of_instance(&request, &auth) else {
        return missing_middleware(auth.name());
    };
    let home = auth.config().base_url.home();
    // In query mode nothing of ours posts here, and a form of another site carries no cookies.
    let by_form = request.method() == Method::POST;
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
