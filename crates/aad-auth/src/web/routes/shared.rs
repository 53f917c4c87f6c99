//! What several routes answer with.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use url::form_urlencoded;

use crate::{
    config::ReturnTo,
    flow::{Refusal, Start},
    web::{Auth, answer, interstitial, refusal_page::refusal_page},
};

pub(super) fn to_provider(auth: &Auth, start: &Start) -> HttpResponse {
    let cookie = auth
        .config()
        .cookies
        .set_browser(&start.browser.to_cookie());
    answer::redirect(StatusCode::FOUND, &start.location)
        .append_header((header::SET_COOKIE, cookie))
        .finish()
}

/// The same in answer to a form.
pub(super) fn to_provider_from_form(auth: &Auth, start: &Start) -> HttpResponse {
    let cookies = &auth.config().cookies;
    let mut response = interstitial::go_on(auth, &start.location);
    if let Ok(cookie) = cookies.set_browser(&start.browser.to_cookie()).parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The page for a refusal, and one line in the log that support finds by its reference.
pub(super) fn refused(
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

/// The first value under one of these names.
pub(super) fn parameter(form: &[u8], names: &[&str]) -> Option<String> {
    let mut pairs = form_urlencoded::parse(form);
    let found = pairs.find(|(name, _)| names.contains(&name.as_ref()));
    found.map(|(_, value)| value.into_owned())
}

pub(super) fn local_return_to(auth: &Auth, form: &[u8]) -> Option<ReturnTo> {
    let value = parameter(form, &["return_to"])?;
    Some(auth.config().base_url.return_to(&value))
}
