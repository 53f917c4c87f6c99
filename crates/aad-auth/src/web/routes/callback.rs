//! The callback: the provider has sent the browser back.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode},
};

use super::shared::{refused, to_provider};
use crate::{
    config::{ResponseMode, ReturnTo},
    sign_in::{AuthorizationResponse, CallbackAnswer, CallbackRequest, Refusal},
    web::{
        access::own_session,
        answers::{answer, forgotten::missing_middleware, interstitial},
        instance::{Auth, RequestAuth, request_auth::browser},
        pages::{Action, PageKind, PageModel},
        request::device::device,
    },
};

/// Answers the authorization response, which the provider sends to the redirect URI.
pub(super) async fn callback(auth: Auth, request: HttpRequest, input: Vec<u8>) -> HttpResponse {
    let Some(state) = RequestAuth::of_instance(&request, &auth) else {
        return missing_middleware(auth.name());
    };
    let home = auth.config().base_url.home();
    let by_form = request.method() == Method::POST;
    let response = match AuthorizationResponse::parse(&input) {
        Ok(response) if in_its_mode(&auth, by_form, &response) => response,
        Ok(response) => return refused(&auth, &request, &wrong_mode(&auth, &response), &home),
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
        unknown_session: session.is_none() && state.session_id(request.headers()).is_some(),
        session,
        device: device(request.headers()),
    };
    let before = arrived
        .session
        .as_ref()
        .map(|session| session.user().key.clone());
    if by_form && let Some(answer) = without_cookies(&auth, &request, &arrived, &input) {
        return answer;
    }
    match auth.engine().callback(arrived).await {
        CallbackAnswer::SignedIn {
            return_to,
            shortened,
            session,
            user,
            browser,
        } => {
            own_session::renew(&auth, &request, before.as_ref(), &user);
            let mut response = if shortened {
                state.has_begun(&session).await;
                answer::page(&auth, &request, &shortened_page(&return_to))
            } else {
                answer::redirect(StatusCode::SEE_OTHER, return_to.as_str()).finish()
            };
            answer::append_cookies(
                &mut response,
                [
                    cookies.set_session(&session.to_cookie()),
                    cookies.set_browser(&browser.to_cookie()),
                ],
            );
            response
        }
        CallbackAnswer::GoOn(return_to) => {
            answer::redirect(StatusCode::SEE_OTHER, return_to.as_str()).finish()
        }
        CallbackAnswer::Restart(start) => to_provider(&auth, &request, &start),
        CallbackAnswer::Refused { refusal, return_to } => {
            refused(&auth, &request, &refusal, &return_to.unwrap_or(home))
        }
    }
}

/// The page that says that the return address was shortened.
fn shortened_page(return_to: &ReturnTo) -> PageModel {
    let message = "The address that you came from was too long to be kept while you signed in. Its \
                   end, such as search words and filters, is gone.";
    PageModel::new(
        PageKind::AddressShortened,
        200,
        "You are signed in",
        message,
    )
    .action(Action::link("Go on", return_to.as_str()))
}

/// Whether a response uses the configured response mode.
///
/// With `form_post` a code in the address is refused: that mode is chosen to keep codes out of logs and
/// histories. An error may arrive in the address also then: a provider that does not support the mode
/// has no other way to say so (OAuth 2.0 Multiple Response Type Encoding Practices section 2.1; RFC 6749
/// section 4.1.2.1). An error redeems nothing.
fn in_its_mode(auth: &Auth, by_form: bool, response: &AuthorizationResponse) -> bool {
    match auth.config().response_mode {
        ResponseMode::Query => !by_form,
        ResponseMode::FormPost => by_form || !response.has_code(),
    }
}

/// The refusal of a response in another mode. It names the setting to the operator only if `state` was
/// sealed by this instance: any site can link to any address.
fn wrong_mode(auth: &Auth, response: &AuthorizationResponse) -> Refusal {
    let asked_for_a_form = auth.config().response_mode == ResponseMode::FormPost;
    let state = response.state.as_deref();
    match state.filter(|state| asked_for_a_form && auth.engine().has_made(state)) {
        Some(_) => Refusal::OtherResponseMode,
        None => Refusal::MalformedResponse,
    }
}

/// The answer to a form without our cookies: a form of another site carries no `SameSite=Lax` cookie.
///
/// If `state` was sealed by this instance, a page of ours posts the form once more, with the cookies. If
/// they are missing again, the response is refused and no cookie is set: the browser may have a binding
/// cookie that it did not send, and a restart would replace it.
fn without_cookies(
    auth: &Auth,
    request: &HttpRequest,
    arrived: &CallbackRequest,
    input: &[u8],
) -> Option<HttpResponse> {
    let CallbackRequest {
        response,
        browser: None,
        session: None,
        ..
    } = arrived
    else {
        return None;
    };
    // What is not ours is refused like any other response.
    let ours = response.state.as_deref();
    ours.filter(|state| auth.engine().has_made(state))?;
    let home = auth.config().base_url.home();
    let site = request.headers().get("sec-fetch-site");
    if response.hopped || site.is_some_and(|site| site == "same-origin") {
        let refusal = Refusal::BrowserCookieMissing;
        return Some(refused(auth, request, &refusal, &home));
    }
    Some(match AuthorizationResponse::fields_to_repost(input) {
        Ok(fields) => interstitial::post_on(auth, &fields),
        Err(refusal) => refused(auth, request, &refusal, &home),
    })
}
